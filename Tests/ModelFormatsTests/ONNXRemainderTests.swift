import Compute
import Network
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

    /// `x · (a == b)`, for the input 3, 5, 7, 9.
    private func masked(_ model: HandmadeONNX) throws -> [Float] {
        var model = model
        model.node("Equal", ["a", "b"], "same")
        model.node("Cast", ["same"], "mask", attributes: [HandmadeONNX.attribute("to", integer: 1)])
        model.node("Mul", ["x", "mask"], "y")
        let graph = try ONNXReader.read(try model.file())
        let plan = try Plan(graph, pool: ComputePool(threads: 1), kernels: KernelTable.selected)
        return try plan.run(input: [3, 5, 7, 9], images: 1, layers: [plan.outputName])[0]
    }

    /// Exporters mark what is absent by the largest integer.
    @Test func largeIntegersAreComparedExactly() throws {
        for (a, b, expected) in [
            (Int.max, Int.max, [3, 5, 7, 9]), (Int.max, Int.max - 1, [0, 0, 0, 0]),
            (1 << 24, (1 << 24) + 1, [0, 0, 0, 0]),
        ] as [(Int, Int, [Float])] {
            var model = HandmadeONNX(inputShape: [1, 2, 2])
            model.initializer("a", integers: [a])
            model.initializer("b", integers: [b])
            #expect(try masked(model) == expected, "\(a) == \(b)")
        }
    }

    /// What is broadcast goes through float32.
    @Test func integersThatFloatsRoundAreNotCompared() throws {
        var model = HandmadeONNX(inputShape: [1, 2, 2])
        model.initializer("a", type: 7, shape: [2, 1], bits: [1, 2])
        model.initializer("b", type: 7, shape: [1, 2], bits: [2, Int.max])
        #expect {
            _ = try masked(model)
        } throws: {
            ["'Equal'", "input 1", "integer 9223372036854775808", "below 2^24"].allSatisfy("\($0)".contains)
        }
        model = HandmadeONNX(inputShape: [1, 2, 2])
        model.initializer("a", type: 7, shape: [2, 1], bits: [1, 2])
        model.initializer("b", type: 7, shape: [1, 2], bits: [2, 1])
        #expect(try masked(model) == [0, 5, 7, 0])
    }

    /// As float32, 0.1 and 0.1 + 10⁻¹² are one number, and 0.3 mod 0.1 is another.
    @Test(arguments: ["Mod", "Equal"]) func doublesAreNotRounded(_ name: String) throws {
        var model = HandmadeONNX(inputShape: [1, 2, 2])
        model.initializer("a", type: 1, shape: [1], bits: [Float(0.1).bitPattern])
        model.initializer("b", type: 11, shape: [1], bits: [(0.1 + 1e-12).bitPattern])
        let truncated = name == "Mod" ? [HandmadeONNX.attribute("fmod", integer: 1)] : []
        model.node(name, ["a", "b"], "c", attributes: truncated)
        model.node("Mul", ["x", "c"], "y")
        try expectRefusal(model, mentioning: ["'\(name)'", "input 1", "float64", "float32"])
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
