import Testing

@testable import Inference

struct RunningBatchesTests {
    @Test func anIdleMachineTakesWholeImagesForEachThreadOrWhatThereIs() {
        let running = RunningBatches()
        #expect([1, 3, 4, 7, 8, 9].map { running.nextSize($0, threads: 4) } == [1, 3, 4, 4, 8, 8])
    }

    @Test func anotherBatchOfWholeImagesMayBeginWhenAllOfTheFirstHaveBegun() {
        var running = RunningBatches()
        _ = running.begin(8)
        #expect(running.nextSize(8, threads: 4) == 0)
        running.allBegun()
        #expect([1, 3, 4, 7].map { running.nextSize($0, threads: 4) } == [0, 0, 4, 4])
    }

    @Test func aThirdBatchWaitsForTheFirst() {
        var running = RunningBatches()
        let first = running.begin(8)
        running.allBegun()
        _ = running.begin(4)
        running.allBegun()
        #expect(running.nextSize(8, threads: 4) == 0 && running.images == 12)
        _ = running.end(first, began: .now, now: .now)
        #expect(running.nextSize(8, threads: 4) == 8 && running.images == 4)
    }

    @Test func whatABatchRanBesideTheEndOfAnEarlierOneIsThatOnes() {
        var running = RunningBatches()
        let start = ContinuousClock.now
        let first = running.begin(8)
        let second = running.begin(4)
        #expect(running.end(first, began: start, now: start + .seconds(5)) == .seconds(5))
        #expect(running.end(second, began: start + .seconds(2), now: start + .seconds(7)) == .seconds(2))
    }

    @Test func aBatchThatOvertakesAnEarlierOneTakesNothingFromIt() {
        var running = RunningBatches()
        let start = ContinuousClock.now
        let first = running.begin(8)
        let second = running.begin(4)
        #expect(running.end(second, began: start + .seconds(2), now: start + .seconds(3)) == .seconds(1))
        #expect(running.end(first, began: start, now: start + .seconds(5)) == .seconds(5))
    }
}
