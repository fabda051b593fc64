/// Where an ONNX file has its large tensors, told without reading them: a hint for ``FileContents``.
enum ONNXPayloads {
    /// The fields of a message that are looked at: a hostile one could have one every two bytes.
    private static let fieldLimit = 1 << 17
    /// Of a tensor, which has some eight extents and as many other fields. One whose numbers are a field each has more.
    private static let tensorFieldLimit = 64

    /// The bytes of initializers whose numbers lie in one piece, as far as the file can be read.
    static func ranges(in file: FileBytes) -> [Range<Int>] {
        // ModelProto.graph, GraphProto.initializer, TensorProto.float_data and .raw_data
        parts([7], of: file, limit: fieldLimit).prefix(1)
            .flatMap { parts([5], of: $0, limit: fieldLimit) }
            .flatMap { parts([4, 9], of: $0, limit: tensorFieldLimit) }
            .map(\.range)
    }

    /// The fields of these numbers that may be messages, large enough to matter.
    private static func parts(_ numbers: Set<Int>, of message: FileBytes, limit: Int) -> [FileBytes] {
        var reader = ProtobufReader(message, message: "")
        var parts: [FileBytes] = []
        for _ in 0..<limit {
            guard let field = try? reader.next() else { break }
            guard numbers.contains(field.number), case .bytes(let bytes) = field.value else { continue }
            if bytes.count >= FileContents.segmentSize { parts.append(bytes) }
        }
        return parts
    }
}
