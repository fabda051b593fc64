import Compute

@testable import ModelFormats

/// An ONNX model put together node by node (field numbers: onnx/onnx.proto), for graphs that no exporter writes.
///
/// The input is `x`, float32 `[N, C, H, W]`; the output is `y`.
struct HandmadeONNX {
    private var graph = ProtobufWriter()

    init(inputShape: [Int]) {
        graph.message(11, Self.value("x", shape: [1] + inputShape))
        graph.message(12, Self.value("y", shape: nil))
    }

    mutating func node(
        _ operatorName: String, named name: String = "", _ inputs: [String], _ output: String,
        attributes: [ProtobufWriter] = []
    ) {
        var node = ProtobufWriter()
        for input in inputs { node.text(1, input) }
        node.text(2, output)
        node.text(3, name)
        node.text(4, operatorName)
        for attribute in attributes { node.message(5, attribute) }
        graph.message(1, node)
    }

    mutating func initializer(_ name: String, integers: [Int]) {
        graph.message(5, Self.tensor(name, integers: integers))
    }

    mutating func initializer(_ name: String, shape: [Int], filledWith value: Float) throws {
        let values = Array(repeating: value, count: shape.reduce(1, *))
        initializer(name, try Tensor(shape: shape, values: values))
    }

    mutating func initializer(_ name: String, _ values: Tensor) {
        var tensor = ProtobufWriter()
        for extent in values.shape { tensor.integer(1, extent) }
        tensor.integer(2, 1)
        tensor.text(8, name)
        tensor.tensor(9, values)
        graph.message(5, tensor)
    }

    /// A tensor of any type, as its `raw_data`.
    mutating func initializer<T: FixedWidthInteger>(_ name: String, type: Int, shape: [Int], bits: [T]) {
        var tensor = ProtobufWriter()
        for extent in shape { tensor.integer(1, extent) }
        tensor.integer(2, type)
        tensor.text(8, name)
        tensor.integers(9, littleEndian: bits)
        graph.message(5, tensor)
    }

    /// A tensor whose numbers lie in another file, from `offset` on: all to its end, or `length` bytes.
    mutating func initializer(
        _ name: String, type: Int, shape: [Int], in location: String, offset: Int, length: Int? = nil
    ) {
        var tensor = ProtobufWriter()
        for extent in shape { tensor.integer(1, extent) }
        tensor.integer(2, type)
        tensor.text(8, name)
        let entries = [("location", location), ("offset", "\(offset)")] + (length.map { [("length", "\($0)")] } ?? [])
        for (key, value) in entries {
            var entry = ProtobufWriter()
            entry.text(1, key)
            entry.text(2, value)
            tensor.message(13, entry)
        }
        tensor.integer(14, 1)
        graph.message(5, tensor)
    }

    static func attribute(_ name: String, integer: Int) -> ProtobufWriter {
        var attribute = ProtobufWriter()
        attribute.text(1, name)
        attribute.integer(3, integer)
        attribute.integer(20, 2)
        return attribute
    }

    /// An int64 tensor as an attribute.
    static func attribute(_ name: String, integers: [Int]) -> ProtobufWriter {
        var attribute = ProtobufWriter()
        attribute.text(1, name)
        attribute.message(5, tensor("", integers: integers))
        attribute.integer(20, 4)
        return attribute
    }

    /// The whole file, of operator set 13.
    func file() throws -> FileContents { try FileContents(path: "handmade.onnx", contents: bytes) }

    var bytes: [UInt8] {
        var operatorSet = ProtobufWriter()
        operatorSet.integer(2, 13)
        var model = ProtobufWriter()
        model.message(8, operatorSet)
        model.message(7, graph)
        return model.bytes
    }

    private static func tensor(_ name: String, integers: [Int]) -> ProtobufWriter {
        var tensor = ProtobufWriter()
        tensor.integer(1, integers.count)
        tensor.integer(2, 7)
        for integer in integers { tensor.integer(7, integer) }
        tensor.text(8, name)
        return tensor
    }

    private static func value(_ name: String, shape: [Int]?) -> ProtobufWriter {
        var dimensions = ProtobufWriter()
        for extent in shape ?? [] {
            var dimension = ProtobufWriter()
            dimension.integer(1, extent)
            dimensions.message(1, dimension)
        }
        var tensor = ProtobufWriter()
        tensor.integer(1, 1)
        if shape != nil { tensor.message(2, dimensions) }
        var type = ProtobufWriter()
        type.message(1, tensor)
        var value = ProtobufWriter()
        value.text(1, name)
        value.message(2, type)
        return value
    }
}
