import Foundation
import Service

extension EmbedResult {
    /// The answer of `POST /embed` as JSON, the vectors as arrays of numbers.
    public var json: String { String(decoding: jsonBytes(base64: false), as: UTF8.self) }

    /// - Parameter base64: writes each vector as the base64 of its float32 values, little-endian.
    func jsonBytes(base64: Bool) -> [UInt8] {
        JSONWriter.text { writer in
            writer.object { writer in
                writer.member("model", model)
                writer.member("version", version)
                writer.member("layer", layer)
                writer.member("dimensions", dimensions)
                writer.name("embeddings")
                writer.array { writer in
                    for embedding in embeddings { embedding.write(to: &writer, base64: base64) }
                }
                timing.write(to: &writer)
            }
        }
    }

    /// The images that have no result.
    var failures: [FailedImage] {
        embeddings.compactMap { embedding in
            guard case .failure(let failure) = embedding.vector else { return nil }
            return FailedImage(id: embedding.id, filename: embedding.filename, failure: failure)
        }
    }
}

extension Embedding {
    fileprivate func write(to writer: inout JSONWriter, base64: Bool) {
        writer.object { writer in
            writer.member("id", id)
            if let filename { writer.member("filename", filename) }
            switch vector {
            case .success(let vector) where base64: writer.member("embedding", littleEndianBase64(vector))
            case .success(let vector): writer.member("embedding", vector)
            case .failure(let failure):
                writer.name("error")
                writer.failure(failure)
            }
        }
    }
}

private func littleEndianBase64(_ vector: [Float]) -> String {
    var bytes = Data(capacity: vector.count * 4)
    for value in vector {
        let bits = value.bitPattern
        bytes.append(contentsOf: [
            UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8),
            UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 24),
        ])
    }
    return bytes.base64EncodedString()
}
