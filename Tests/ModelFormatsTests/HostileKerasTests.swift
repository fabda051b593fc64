import Foundation
import Network
import Testing

@testable import ModelFormats

/// Keras files that lie, ask for much, or were damaged.
struct HostileKerasTests {
    @Test(arguments: ["tiny.keras", "tiny.h5"])
    func damagedFilesAreErrorsOrGraphsButNeverACrash(_ name: String) throws {
        let bytes = try KerasFixture.bytes(name)
        var refused = 0
        // `make fuzz` goes further.
        Fixture.damaged(bytes, cutsEvery: 13, flips: 500) { bytes in
            do {
                _ = try KerasReader.read(try FileContents(path: "damaged", contents: bytes)).graph.optimized()
            } catch { refused += 1 }
        }
        #expect(refused >= bytes.count / 13, "every cut must be noticed; \(refused) damaged files were")
    }

    /// The structure alone, which a flip seldom hits where there are many numbers.
    @Test func damagedHeadersAreErrorsToo() throws {
        let bytes = try KerasFixture.bytes("tiny.h5")
        for (offset, original) in bytes.enumerated() where original != 0 {
            var copy = bytes
            copy[offset] = offset.isMultiple(of: 2) ? 0 : 0xFF
            _ = try? KerasReader.read(try FileContents(path: "damaged.h5", contents: copy)).graph.shapes()
        }
    }

    /// What replaced parts of a configuration lead to, and what the error must mention.
    @Test(
        arguments: [
            ([(#""units": 2"#, #""units": 3"#)], ["'dense' (Dense)", "kernel", "[24, 3]", "[24, 2]"]),
            ([(#""units": 2"#, #""units": 1e18"#)], ["'dense'", "units"]),
            ([(#""units": 2"#, #""units": -1"#)], ["'dense'", "units"]),
            ([(#""units": 2"#, #""units": 16777216"#)], ["'dense'", "kernel", "16777216"]),
            ([("[null, 4, 3, 2]", "[null, 65536, 65536, 2]")], ["input", "65536", "at most 268435456 numbers"]),
            ([("[null, 4, 3, 2]", "[null, 65537, 3, 2]")], ["input", "65537", "extents from 1 to 65536"]),
            ([("[null, 4, 3, 2]", "[null, null, 3, 2]")], ["input", "fixed size"]),
            ([("channels_last", "channels_first")], ["'flat' (Flatten)", "channels_first", "channels_last"]),
            ([(#""name": "flat""#, #""name": "dense""#)], ["layers", "different names"]),
            ([(#""activation": "linear""#, #""activation": "flap""#)], ["'dense'", "'flap'", "softplus"]),
            ([(#""class_name": "Flatten""#, #""class_name": "Dense""#)], ["'flat' (Dense)", "units"]),
            ([(#""class_name": "Sequential""#, #""class_name": "Functional""#)], ["input_layers"]),
            (
                [(#""module": "keras.layers", "class_name": "Dense""#, #""module": "zoo", "class_name": "Dense""#)],
                ["'zoo.Dense'"]
            ),
        ] as [([(String, String)], [String])])
    func configurationsThatLieAreRefused(_ texts: [(String, String)], _ words: [String]) throws {
        let file = try KerasFixture.edited("tiny.keras", texts)
        #expect { try KerasReader.read(file) } throws: { error in
            (["edited.keras"] + words).allSatisfy("\(error)".contains)
        }
    }

    @Test func aCycleIsRefused() throws {
        // The stem reads what depends on it.
        let stem = #""keras_history": ["augment", 0, 0]"#
        let file = try KerasFixture.edited("branches.keras", [(stem, #""keras_history": ["total", 0, 0]"#)])
        #expect { try KerasReader.read(file) } throws: {
            "\($0)".contains("cycle") && "\($0)".contains("inbound_nodes")
        }
    }

    /// Each network calls the next, which is one layer of it, as often as the file says.
    @Test(arguments: [(depth: 3, calls: 60, words: "more than 65536"), (depth: 12, calls: 1, words: "deep")])
    func networksWithinNetworksAreCounted(_ depth: Int, _ calls: Int, _ words: String) throws {
        let tensor = #"["entry", 0, 0]"#
        var layers =
            #"{"class_name": "Dropout", "name": "leaf", "config": {}, "inbound_nodes": ["#
            + Array(repeating: "[[\(tensor)]]", count: calls).joined(separator: ", ") + "]}"
        var name = "leaf"
        for level in 0..<depth {
            let network = #"""
                {"class_name": "Functional", "name": "level\#(level)", "config": {"layers": [
                  {"class_name": "InputLayer", "name": "entry", "config": {"batch_shape": [null, 4, 4, 3]}}, \#(layers)],
                  "input_layers": [\#(tensor)], "output_layers": [["\#(name)", 0, 0]]}
                """#
            name = "level\(level)"
            layers =
                network + #", "inbound_nodes": ["#
                + Array(repeating: "[[\(tensor)]]", count: calls).joined(separator: ", ") + "]}"
        }
        let file = try KerasFixture.keras(config: layers, weights: try Self.tinyWeights())
        #expect { try KerasReader.read(file) } throws: { "\($0)".contains(words) }
    }

    /// A network of 2,000 layers that is called 2,000 times is parsed once: again at each call, it took minutes.
    @Test(.timeLimit(.minutes(1))) func networksThatAreCalledOftenAreParsedOnce() throws {
        let unused = (0..<2000).map { #"{"class_name": "InputLayer", "name": "unused\#($0)"}"# }
        let calls = Array(repeating: #"[["entry", 0, 0]]"#, count: 2000)
        let layers = #"""
            {"class_name": "Functional", "config": {"name": "whole", "layers": [
              {"class_name": "InputLayer", "name": "entry", "config": {"batch_shape": [null, 4, 4, 3]}},
              {"class_name": "Functional", "name": "inner", "inbound_nodes": [\#(calls.joined(separator: ", "))],
               "config": {"name": "inner", "input_layers": [["i", 0, 0]], "output_layers": [["i", 0, 0]], "layers": [
                 {"class_name": "InputLayer", "name": "i", "config": {}}, \#(unused.joined(separator: ", "))]}}],
              "input_layers": [["entry", 0, 0]], "output_layers": [["inner", 0, 0]]}}
            """#
        let file = try KerasFixture.keras(config: layers, weights: try Self.tinyWeights())
        let graph = try KerasReader.read(file).graph
        #expect(graph.output == graph.input)
    }

    /// Each call is one; that each has many arguments makes as many nodes.
    @Test func argumentsAreCounted() throws {
        let sum = Array(repeating: #"["i", 0, 0]"#, count: 1000).joined(separator: ", ")
        let calls = Array(repeating: #"[["entry", 0, 0]]"#, count: 100).joined(separator: ", ")
        let layers = #"""
            {"class_name": "Functional", "config": {"name": "whole", "layers": [
              {"class_name": "InputLayer", "name": "entry", "config": {"batch_shape": [null, 4, 4, 3]}},
              {"class_name": "Functional", "name": "inner", "inbound_nodes": [\#(calls)],
               "config": {"name": "inner", "input_layers": [["i", 0, 0]], "output_layers": [["sum", 0, 0]], "layers": [
                 {"class_name": "InputLayer", "name": "i", "config": {}},
                 {"class_name": "Add", "name": "sum", "config": {}, "inbound_nodes": [[\#(sum)]]}]}}],
              "input_layers": [["entry", 0, 0]], "output_layers": [["inner", 0, 0]]}}
            """#
        let file = try KerasFixture.keras(config: layers, weights: try Self.tinyWeights())
        #expect { try KerasReader.read(file) } throws: { "\($0)".contains("more than 65536 calls and arguments") }
    }

    /// What is wrong with a function's arguments, and what the error must mention.
    @Test(
        arguments: [
            ("Add", #"\#(x), {"class_name": "__numpy__", "config": {"value": [1, 2]}}"#, ["2 numbers", "3"]),
            ("Add", #"\#(x), {"class_name": "__numpy__", "config": {"value": [[[[[1, 2, 3]]]]]}}"#, ["5 axes"]),
            ("Add", #"\#(x), {"class_name": "__numpy__", "config": {"value": [[1, 2], [3, 4]]}}"#, ["one a channel"]),
            ("Add", "\(x), 1, 2", ["two", "3"]), ("Add", "1, 2", ["numbers"]), ("Add", "\(x), 1e300", ["1e+300"]),
            ("GetItem", "\(x), [\(ellipsis), 3]", ["x[..., channel]"]),
            ("GetItem", "\(x), [\(ellipsis), 0.5]", ["x[..., channel]"]),
            ("GetItem", "\(x), [0, \(ellipsis)]", ["x[..., channel]"]), ("Stack", "[\(x), \(x)]", ["axis -1"]),
            ("Conv2D", x, ["function"]), ("Einsum", x, ["'Einsum'", "TrueDivide"]),
        ] as [(String, String, [String])])
    func functionsThatAreNotReadAreRefused(_ name: String, _ arguments: String, _ words: [String]) throws {
        let layers = #"""
            {"class_name": "Functional", "config": {"name": "whole", "layers": [
              {"class_name": "InputLayer", "name": "entry", "config": {"batch_shape": [null, 4, 5, 3]}},
              {"class_name": "\#(name)", "module": "keras.src.ops.numpy", "registered_name": "\#(name)", "name": "f",
               "config": {"name": "f"}, "inbound_nodes": [{"args": [\#(arguments)], "kwargs": {}}]}],
              "input_layers": [["entry", 0, 0]], "output_layers": [["f", 0, 0]]}}
            """#
        let file = try KerasFixture.keras(config: layers, weights: try Self.tinyWeights())
        #expect { try KerasReader.read(file) } throws: { error in
            (words + ["'f'"]).allSatisfy("\(error)".contains)
        }
    }

    /// The first part has no texts: counting texts, a reader asks for it for ever.
    @Test(.timeLimit(.minutes(1))) func aSplitAttributeOfEmptyPartsEnds() throws {
        let path = KerasFixture.path("../fuzz/keras/split_attribute_of_empty_parts.h5")
        #expect { try Model.load(path) } throws: { "\($0)".contains("'c' (Conv2D), weight 'kernel'") }
    }

    /// Each part is less than the file; a gigabyte was read where 170 parts shared six megabytes.
    @Test(.timeLimit(.minutes(1))) func textThatManyPartsShareIsCountedEachTime() throws {
        let bytes = SharedTextHDF5.file(attributes: (0..<200).map { "model_config\($0)" }, text: 100_000)
        #expect(bytes.count < 200_000)
        #expect { try KerasReader.read(try FileContents(path: "shared.h5", contents: bytes)) } throws: { error in
            ["shared.h5", "'model_config1", "of attributes' texts"].allSatisfy("\(error)".contains)
        }
    }

    /// Keras 2 does not say the type beside the layer that is read.
    @Test func integersAreNotAdded() throws {
        let layers = #"""
            {"class_name": "Functional", "config": {"name": "whole", "layers": [
              {"class_name": "InputLayer", "name": "entry", "config": {"batch_input_shape": [null, 4, 5, 3], "dtype": "uint8"}},
              {"class_name": "Add", "name": "sum", "config": {}, "inbound_nodes": [[["entry", 0, 0, {}], ["entry", 0, 0, {}]]]}],
              "input_layers": [["entry", 0, 0]], "output_layers": [["sum", 0, 0]]}}
            """#
        let file = try KerasFixture.keras(config: layers, weights: try Self.tinyWeights())
        #expect { try KerasReader.read(file) } throws: { error in
            ["'sum' (Add)", "uint8", "wraps"].allSatisfy("\(error)".contains)
        }
        let floats = try KerasFixture.keras(
            config: layers.replacing("uint8", with: "float32"), weights: try Self.tinyWeights())
        #expect(try KerasReader.read(floats).graph.nodes.count == 1)
    }

    /// Their quotient is a floating-point number in Keras too.
    @Test(arguments: [("TrueDivide", true), ("Subtract", false)])
    func integersAreDivided(_ name: String, _ isRead: Bool) throws {
        let tensor = #"{"dtype": "uint8", "keras_history": ["entry", 0, 0]}"#
        let input = #"{"class_name": "__keras_tensor__", "config": \#(tensor)}"#
        let layers = #"""
            {"class_name": "Functional", "config": {"name": "whole", "layers": [
              {"class_name": "InputLayer", "name": "entry", "config": {"batch_shape": [null, 4, 5, 3], "dtype": "uint8"}},
              {"class_name": "\#(name)", "module": "keras.src.ops.numpy", "registered_name": "\#(name)", "name": "f",
               "config": {"name": "f"}, "inbound_nodes": [{"args": [\#(input), 127.5], "kwargs": {}}]}],
              "input_layers": [["entry", 0, 0]], "output_layers": [["f", 0, 0]]}}
            """#
        let file = try KerasFixture.keras(config: layers, weights: try Self.tinyWeights())
        guard isRead else {
            #expect { try KerasReader.read(file) } throws: { "\($0)".contains("uint8") }
            return
        }
        #expect(try KerasReader.read(file).scalesPixels)
    }

    private static let x = #"{"class_name": "__keras_tensor__", "config": {"keras_history": ["entry", 0, 0]}}"#
    private static let ellipsis = #"{"class_name": "__ellipsis__", "config": {}}"#

    private static func tinyWeights() throws -> [UInt8] {
        let zip = try StoredZip(
            try FileContents(path: "tiny.keras", contents: try KerasFixture.bytes("tiny.keras")).bytes)
        return try #require(zip.entries["model.weights.h5"]).copy
    }

    @Test func nestingThatIsTooDeepForJSONIsRefused() throws {
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        let file = try KerasFixture.edited("tiny.keras", [(#""units": 2"#, #""units": \#(deep)"#)])
        #expect(throws: ModelFormatError.self) { try KerasReader.read(file) }
    }

    /// What a layer makes of nothing but a number of channels counts before it is made.
    @Test func vectorsThatAFewBytesAskForAreLimited() throws {
        let layers = #"""
            {"class_name": "Sequential", "config": {"name": "wide", "layers": [
              {"class_name": "InputLayer", "config": {"batch_shape": [null, 16384, 16384, 1]}},
              {"class_name": "Reshape", "config": {"name": "all", "target_shape": [1, 1, 268435456]}},
              {"class_name": "Rescaling", "config": {"name": "scale", "scale": 2}}]}}
            """#
        let file = try KerasFixture.keras(config: layers, weights: try Self.tinyWeights())
        #expect { try KerasReader.read(file) } throws: { "\($0)".contains("'scale'") && "\($0)".contains("64 MiB") }
    }

    @Test func aCompressedArchiveIsRefusedBeforeItIsUnpacked() throws {
        var bytes = try KerasFixture.bytes("tiny.keras")
        // The directory's compression method of the first entry: deflate.
        let directory = try #require(
            bytes.indices.dropLast(4).first { Array(bytes[$0..<$0 + 4]) == [0x50, 0x4B, 1, 2] })
        bytes[directory + 10] = 8
        #expect { try KerasReader.read(try FileContents(path: "bomb.keras", contents: bytes)) } throws: {
            "\($0)".contains("bomb.keras") && "\($0)".contains("compression")
        }
    }
}
