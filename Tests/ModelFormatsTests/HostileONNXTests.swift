import Network
import Testing

@testable import ModelFormats

/// Small files that ask for much.
struct HostileONNXTests {
    private func expectRefusal(_ model: HandmadeONNX, mentioning words: [String]) throws {
        let file = try model.file()
        #expect { try ONNXReader.read(file) } throws: { error in
            (["handmade.onnx"] + words).allSatisfy("\(error)".contains)
        }
    }

    /// Each node of some 60 bytes makes 65,536 integers, a megabyte in memory; 1.3 MB of them made 20 GB.
    @Test func constantsThatAFewBytesAskForAreLimitedTogether() throws {
        var model = HandmadeONNX(inputShape: [1, 1, 1])
        model.initializer("extent", integers: [65536])
        let names = (0..<100).map { "constant\($0)" }
        for name in names {
            model.node(
                "ConstantOfShape", ["extent"], name, attributes: [HandmadeONNX.attribute("value", integers: [1])])
        }
        model.node("Concat", names, "shape")
        model.node("Reshape", ["x", "shape"], "y")
        #expect(try model.file().bytes.count < 10_000)
        // 63 of them and a few numbers fit 64 MiB, the 64th might or might not, the 65th does not.
        try expectRefusal(model, mentioning: ["constant64", "64 MiB"])
    }

    /// Each reading of many numbers is work, even where nothing comes out.
    @Test func readingTheSameConstantAgainAndAgainCountsToo() throws {
        var model = HandmadeONNX(inputShape: [1, 1, 1])
        model.initializer("extent", integers: [65536])
        model.initializer("zero", integers: [0])
        model.node("ConstantOfShape", ["extent"], "many", attributes: [HandmadeONNX.attribute("value", integers: [1])])
        let names = (0..<100).map { "nothing\($0)" }
        for name in names { model.node("Slice", ["many", "zero", "zero"], name) }
        model.node("Concat", names, "shape")
        model.node("Reshape", ["x", "shape"], "y")
        try expectRefusal(model, mentioning: ["nothing6", "64 MiB"])
    }

    /// A megabyte of weights, which lie at an odd place and are copied: every layer that takes it packs a copy more.
    @Test(arguments: [(layers: 10, fits: true), (layers: 80, fits: false)])
    func weightsThatLayersShareCountForEachLayer(_ layers: Int, _ fits: Bool) throws {
        var model = HandmadeONNX(inputShape: [512, 1, 1])
        try model.initializer("weights", shape: [512, 512], filledWith: 0.5)
        model.node("Flatten", ["x"], "0")
        for layer in 1...layers { model.node("Gemm", ["\(layer - 1)", "weights"], layer == layers ? "y" : "\(layer)") }
        if fits {
            #expect(try ONNXReader.read(try model.file()).nodes.count == layers + 1)
        } else {
            try expectRefusal(model, mentioning: ["node '68' ('Gemm')", "64 MiB"])
        }
    }

    @Test func aNodeOfTooManyInputsIsRefused() throws {
        for count in [128, 129] {
            var model = HandmadeONNX(inputShape: [1, 1, 1])
            model.initializer("none", integers: [])
            model.node("Concat", named: "wide", Array(repeating: "none", count: count), "shape")
            model.node("Reshape", ["x", "shape"], "y")
            // 128 are read, and then make no shape.
            try expectRefusal(model, mentioning: count == 128 ? ["'Reshape'", "none"] : ["more than 128"])
        }
    }
}
