import Network
import Testing

@testable import ModelFormats

struct LayerNamesTests {
    @Test func aTakenNameGetsTheFirstFreeNumber() {
        var names = LayerNames()
        let found = ["conv", "conv_3", "conv", "conv", "", "conv", "conv_3", ""].map { names.unique($0) }
        #expect(found == ["conv", "conv_3", "conv_2", "conv_4", "", "conv_5", "conv_3_2", "_2"])
    }

    /// Counting from 2 for each would take half a billion attempts, each a new string.
    @Test(.timeLimit(.minutes(1)))
    func aGraphOfThousandsOfNodesThatHaveOneNameIsReadAndRewritten() throws {
        let count = 30_000
        var model = HandmadeONNX(inputShape: [1, 1, 1])
        for index in 1...count {
            model.node("Relu", named: "relu", [index == 1 ? "x" : "\(index - 1)"], index == count ? "y" : "\(index)")
        }
        let graph = try ONNXReader.read(try model.file()).optimized()
        #expect(graph.nodes.map(\.name) == ["relu"] + (2...count).map { "relu_\($0)" })
    }
}
