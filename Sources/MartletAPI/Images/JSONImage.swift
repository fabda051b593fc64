import Foundation
import Service

/// One element of a JSON request's `images`. Decoding it never fails: what is wrong with one image is that image's
/// failure and leaves the others alone.
struct JSONImage: Decodable {
    var id: String?
    var filename: String?
    let content: Result<[UInt8], ImageFailure>

    init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            content = Self.bytes(of: text)
        } else if let members = try? decoder.container(keyedBy: MemberName.self) {
            id = try? members.decode(String.self, forKey: MemberName(stringValue: "id"))
            filename = try? members.decode(String.self, forKey: MemberName(stringValue: "filename"))
            content = Self.bytes(of: members)
        } else {
            content = .failure(ImageFailure(.malformed, "expected a base64 string or an object with 'b64'"))
        }
    }

    private static func bytes(of members: KeyedDecodingContainer<MemberName>) -> Result<[UInt8], ImageFailure> {
        let names = members.allKeys.map(\.stringValue)
        if names.contains("url") { return .failure(.urlRefused) }
        if let unknown = names.filter({ !["b64", "id", "filename"].contains($0) }).min() {
            return .failure(
                ImageFailure(.malformed, "unknown member '\(unknown.prefix(80))'; expected b64, id, filename"))
        }
        for name in ["id", "filename"] {
            do {
                _ = try members.decodeIfPresent(String.self, forKey: MemberName(stringValue: name))
            } catch {
                return .failure(ImageFailure(.malformed, "'\(name)' must be a string"))
            }
        }
        guard let text = try? members.decode(String.self, forKey: MemberName(stringValue: "b64")) else {
            return .failure(ImageFailure(.malformed, "expected 'b64' with the image as a base64 string"))
        }
        return bytes(of: text)
    }

    /// The bytes that base64 text (RFC 4648 §4), or a `data:` URL with it (RFC 2397), stands for. The URL's media type
    /// is ignored: the bytes decide.
    private static func bytes(of text: String) -> Result<[UInt8], ImageFailure> {
        var base64 = text[...]
        if text.hasPrefix("data:") {
            guard let comma = text.utf8.firstIndex(of: UInt8(ascii: ",")), text[..<comma].hasSuffix(";base64") else {
                return .failure(ImageFailure(.malformed, "expected a data URL as 'data:image/jpeg;base64,…'"))
            }
            base64 = text[text.utf8.index(after: comma)...]
        } else if text.hasPrefix("http://") || text.hasPrefix("https://") {
            return .failure(.urlRefused)
        }
        // Foundation takes padding where none belongs.
        guard base64.utf8.count.isMultiple(of: 4), let data = Data(base64Encoded: Data(base64.utf8)) else {
            return .failure(
                ImageFailure(.malformed, "not base64 (RFC 4648 §4: with padding, without line breaks; base64 -w0)"))
        }
        return data.isEmpty ? .failure(ImageFailure(.malformed, "the image is empty")) : .success([UInt8](data))
    }
}

/// A JSON member's name, known or not.
struct MemberName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }

    init?(intValue: Int) { nil }
}

extension ImageFailure {
    fileprivate static let urlRefused = ImageFailure(
        .malformed, "URLs are not fetched; send the image's bytes as base64")
}
