import Testing

@testable import Inference

struct RunningBatchesTests {
    @Test func anIdleMachineTakesWholeImagesForEachThreadOrWhatThereIs() {
        let running = RunningBatches()
        #expect([1, 3, 4, 7, 8, 9].map { running.nextSize($0, threads: 4) } == [1, 3, 4, 4, 8, 8])
    }

    @Test func anotherBatchOfWholeImagesMayBeginWhenAllOfTheFirstHaveBegun() {
        var running = RunningBatches()
        running.begin(8)
        #expect(running.nextSize(8, threads: 4) == 0)
        running.allBegun()
        #expect([1, 3, 4, 7].map { running.nextSize($0, threads: 4) } == [0, 0, 4, 4])
    }

    @Test func aThirdBatchWaitsForTheFirst() {
        var running = RunningBatches()
        running.begin(8)
        running.allBegun()
        running.begin(4)
        running.allBegun()
        #expect(running.nextSize(8, threads: 4) == 0)
        running.end(8, now: .now)
        #expect(running.nextSize(8, threads: 4) == 8)
    }
}
