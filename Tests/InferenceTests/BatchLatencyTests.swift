import Testing

@testable import Inference

struct BatchLatencyTests {
    @Test func exactBatchesGiveTheirLine() throws {
        var latency = BatchLatency()
        for images in [1, 2, 4, 8, 16, 3, 5] { latency.add(images: images, seconds: 0.002 * Double(images) + 0.0005) }
        let line = try #require(latency.line)
        #expect(abs(line.perImage - 0.002) < 1e-9 && abs(line.perBatch - 0.0005) < 1e-9, "\(line)")
        #expect(abs(latency.seconds(images: 20, batch: 8) - (20 * 0.002 + 3 * 0.0005)) < 1e-9)
    }

    /// numpy.polyfit([1, 2, 3, 4], [2.1, 3.9, 6.2, 7.8], 1) is [1.94, 0.15]; forgetting at 0.99 a batch moves it little.
    @Test func noisyBatchesGiveTheLeastSquaresLine() throws {
        var latency = BatchLatency()
        for _ in 0..<100 {
            for (images, seconds) in [(1, 2.1), (2, 3.9), (3, 6.2), (4, 7.8)] {
                latency.add(images: images, seconds: seconds)
            }
        }
        let line = try #require(latency.line)
        #expect(abs(line.perImage - 1.94) < 0.03 && abs(line.perBatch - 0.15) < 0.06, "\(line)")
    }

    @Test func oneSizeOfBatchHasNoSlopeAndNothingIsNegative() throws {
        var latency = BatchLatency()
        #expect(latency.line == nil && latency.seconds(images: 5, batch: 1) == 0)
        for _ in 0..<10 { latency.add(images: 4, seconds: 2) }
        #expect(try #require(latency.line) == (0.5, 0))
        var falling = BatchLatency()
        for (images, seconds) in [(1, 3.0), (2, 2.0), (3, 1.0)] { falling.add(images: images, seconds: seconds) }
        let line = try #require(falling.line)
        #expect(line.perImage >= 0 && line.perBatch >= 0)
    }

    @Test func aMachineThatBecomesSlowerIsFollowed() throws {
        var latency = BatchLatency()
        for _ in 0..<200 { for images in [1, 2, 4] { latency.add(images: images, seconds: Double(images)) } }
        for _ in 0..<200 { for images in [1, 2, 4] { latency.add(images: images, seconds: 3 * Double(images)) } }
        #expect(abs(try #require(latency.line).perImage - 3) < 0.05)
    }

    @Test func theBestBatchGrowsWithWhatABatchCosts() {
        var (cheap, dear) = (BatchLatency(), BatchLatency())
        for images in [1, 2, 4, 8, 16, 32, 5, 6] {
            cheap.add(images: images, seconds: 0.01 * Double(images))
            dear.add(images: images, seconds: 0.01 * Double(images) + 0.01)
        }
        #expect(cheap.bestBatch(threads: 2) == 4)
        #expect(dear.bestBatch(threads: 2) == 16)
        #expect(dear.bestBatch(threads: 12) == 24, "two images a thread")
    }
}
