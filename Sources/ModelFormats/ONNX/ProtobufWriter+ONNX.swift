import Compute

/// The messages of onnx/onnx.proto that a network is made of.
extension ProtobufWriter {
    /// `AttributeProto` of an integer.
    static func attribute(_ name: String, _ value: Int) -> ProtobufWriter {
        attribute(name, type: 2) { $0.integer(3, value) }
    }

    /// `AttributeProto` of integers.
    static func attribute(_ name: String, _ values: [Int]) -> ProtobufWriter {
        attribute(name, type: 7) { for value in values { $0.integer(8, value) } }
    }

    /// `AttributeProto` of a float.
    static func attribute(_ name: String, _ value: Float) -> ProtobufWriter {
        attribute(name, type: 1) { $0.float(2, value) }
    }

    /// `AttributeProto` of text.
    static func attribute(_ name: String, _ value: String) -> ProtobufWriter {
        attribute(name, type: 3) { $0.text(4, value) }
    }

    private static func attribute(
        _ name: String, type: Int, _ writeValue: (inout ProtobufWriter) -> Void
    ) -> ProtobufWriter {
        var attribute = ProtobufWriter()
        attribute.text(1, name)
        writeValue(&attribute)
        attribute.integer(20, type)
        return attribute
    }

    /// `TensorProto` of float32.
    static func tensor(_ name: String, _ tensor: Tensor) -> ProtobufWriter {
        var message = header(name, .float, shape: tensor.shape)
        message.tensor(9, tensor)
        return message
    }

    /// `TensorProto` of one float32 without dimensions.
    static func scalar(_ name: String, _ value: Float) -> ProtobufWriter {
        var message = header(name, .float, shape: [])
        message.integers(9, littleEndian: [value.bitPattern])
        return message
    }

    /// `TensorProto` of a vector of int64.
    static func vector(_ name: String, _ values: [Int]) -> ProtobufWriter {
        var message = header(name, .int64, shape: [values.count])
        message.integers(9, littleEndian: values.map(Int64.init))
        return message
    }

    /// `TensorProto` of integers of `type`, cut to its bits.
    static func wholes(
        _ name: String, _ type: ONNXTensor.ElementType, shape: [Int], _ values: [Int]
    ) -> ProtobufWriter {
        var message = header(name, type, shape: shape)
        switch type.byteCount {
        case 1: message.integers(9, littleEndian: values.map { Int8(truncatingIfNeeded: $0) })
        case 2: message.integers(9, littleEndian: values.map { Int16(truncatingIfNeeded: $0) })
        default: message.integers(9, littleEndian: values.map { Int32(truncatingIfNeeded: $0) })
        }
        return message
    }

    /// `ValueInfoProto` of a batch of float32 tensors of `shape`.
    static func batch(_ name: String, shape: [Int]) -> ProtobufWriter {
        var extents = ProtobufWriter()
        var batch = ProtobufWriter()
        batch.text(2, "N")
        extents.message(1, batch)
        for extent in shape {
            var dimension = ProtobufWriter()
            dimension.integer(1, extent)
            extents.message(1, dimension)
        }
        var tensor = ProtobufWriter()
        tensor.integer(1, Int(ONNXTensor.ElementType.float.rawValue))
        tensor.message(2, extents)
        var type = ProtobufWriter()
        type.message(1, tensor)
        var value = ProtobufWriter()
        value.text(1, name)
        value.message(2, type)
        return value
    }

    private static func header(_ name: String, _ type: ONNXTensor.ElementType, shape: [Int]) -> ProtobufWriter {
        var message = ProtobufWriter()
        for extent in shape { message.integer(1, extent) }
        message.integer(2, Int(type.rawValue))
        message.text(8, name)
        return message
    }
}
