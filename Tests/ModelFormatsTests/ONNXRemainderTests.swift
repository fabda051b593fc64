import Compute
import Testing

@testable import ModelFormats

/// Mod and Equal of constants, beyond what ONNX's cases try.
struct ONNXRemainderTests {
    private func expectRefusal(_ model: HandmadeONNX, mentioning words: [String]) throws {
        let file = try model.file()
        #expect { try ONNXReader.read(file) } throws: { error in
            (["handmade.onnx"] + words).allSatisfy("\(error)".contains)
        }
    }

    private func remainder(_ a: [Int], _ b: [Int]) -> HandmadeONNX {
        var model = HandmadeONNX(inputShape: [1, 2, 2])
        model.initializer("a", integers: a)
        model.initializer("b", integers: b)
        model.node("Mod", ["a", "b"], "shape")
        model.node("Reshape", ["x", "shape"], "y")
        return model
    }

    /// As Python: 2⁴⁰ mod 2²⁰ = 0 and −(2⁴⁰ + 1) mod −2²⁰ = −1, which float32 could not tell from 0; the shape [0, −1].
    @Test func integersAreNotRounded() throws {
        let graph = try ONNXReader.read(try remainder([1 << 40, -(1 << 40) - 1], [1 << 20, -(1 << 20)]).file())
        #expect(try graph.shapes()[graph.output] == [4])
    }

    @Test func noDivisorIsZero() throws {
        try expectRefusal(remainder([1, 4], [0, 2]), mentioning: ["'Mod'", "divisors other than 0"])
    }

    @Test func integersThatFloatsRoundAreNotCompared() throws {
        var model = HandmadeONNX(inputShape: [1, 2, 2])
        model.initializer("a", integers: [1 << 24])
        model.initializer("b", integers: [(1 << 24) + 1])
        model.node("Equal", ["a", "b"], "same")
        model.node("Mul", ["x", "same"], "y")
        try expectRefusal(model, mentioning: ["'Equal'", "below 2^24"])
    }

    @Test func activationsAreRefused() throws {
        for name in ["Mod", "Equal"] {
            var model = HandmadeONNX(inputShape: [1, 2, 2])
            try model.initializer("one", shape: [1], filledWith: 1)
            model.node(name, ["x", "one"], "y")
            try expectRefusal(model, mentioning: ["'\(name)'", "activations of shape [1, 2, 2]", "constants here"])
        }
    }

    @Test(arguments: ["Conv", "ConvTranspose"]) func convolutionsHaveAGroupAtLeast(_ name: String) throws {
        var model = HandmadeONNX(inputShape: [1, 2, 2])
        try model.initializer("w", shape: [1, 1, 1, 1], filledWith: 1)
        var group = ProtobufWriter()
        group.text(1, "group")
        group.integer(3, 0)
        group.integer(20, 2)
        model.node(name, ["x", "w"], "y", attributes: [group])
        try expectRefusal(model, mentioning: ["'\(name)'", "'group'", "at least 1", "found 0"])
    }
}
