import Compute

/// Writes float32 tensors in the safetensors format (https://huggingface.co/docs/safetensors), as ``SafetensorsFile``
/// reads it.
public enum SafetensorsWriter {
    /// The bytes of a file with the tensors, in the order of their names, and free `metadata` beside them.
    ///
    /// The data begins at a multiple of 8 bytes, as the format's own library has it.
    ///
    /// - Throws: ``ModelWriteError`` where a tensor is called `__metadata__`, or where the header or the file would be
    ///   larger than ``SafetensorsFile`` reads.
    public static func serialize(
        _ tensors: [String: Tensor], metadata: [String: String] = [:]
    ) throws(ModelWriteError) -> [UInt8] {
        let sorted = tensors.sorted { $0.key < $1.key }
        var entries: [String: SafetensorsEntry] = [:]
        var end = 0
        for (name, tensor) in sorted {
            guard name != SafetensorsHeader.metadataName else { throw .reservedName(name) }
            let begin = end
            end += MemoryLayout<Float>.stride * tensor.count
            guard end <= FileContents.sizeLimit else {
                throw .tooLarge(part: "a safetensors file", bytes: end, limit: FileContents.sizeLimit)
            }
            entries[name] = SafetensorsEntry(dtype: "F32", shape: tensor.shape, begin: begin, end: end)
        }
        var header = try [UInt8](json: SafetensorsHeader(entries: entries, metadata: metadata))
        header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
        guard header.count <= SafetensorsFile.headerLimit else {
            throw .tooLarge(
                part: "a safetensors file's header", bytes: header.count, limit: SafetensorsFile.headerLimit)
        }
        let count = 8 + header.count + end
        guard count <= FileContents.sizeLimit else {
            throw .tooLarge(part: "a safetensors file", bytes: count, limit: FileContents.sizeLimit)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        unsafe withUnsafeBytes(of: UInt64(header.count).littleEndian) { unsafe bytes.append(contentsOf: $0) }
        bytes += header
        for (_, tensor) in sorted { unsafe tensor.withUnsafeBufferPointer { unsafe bytes.append(littleEndian: $0) } }
        return bytes
    }
}
