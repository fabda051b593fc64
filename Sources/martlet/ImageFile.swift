import Foundation
import Imaging
import Service

/// Whether a file begins as a JPEG, PNG or WebP image does, whatever it is called.
func isImageFile(_ path: String) throws -> Bool {
    let handle = try FileHandle(forReadingFrom: URL(filePath: path))
    defer { try? handle.close() }
    return ImageFormat.detect([UInt8](try handle.read(upToCount: 16) ?? Data())) != nil
}

/// The bytes of an image file, at most as many as an image may have.
func imageFile(_ path: String) -> Result<[UInt8], ImageFailure> {
    let limit = ImageLimits().maximumBytes
    do {
        let handle = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? handle.close() }
        var bytes: [UInt8] = []
        // A pipe gives what it has; an endless file must end somewhere.
        while bytes.count <= limit, let part = try handle.read(upToCount: limit + 1 - bytes.count), !part.isEmpty {
            bytes += part
        }
        guard bytes.count <= limit else {
            return .failure(ImageFailure(.malformed, "it has more than \(limit) bytes, the limit of an image"))
        }
        return .success(bytes)
    } catch {
        return .failure(ImageFailure(.malformed, "it cannot be read: \(error.systemReason)"))
    }
}
