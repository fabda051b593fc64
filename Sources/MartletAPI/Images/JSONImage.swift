import Service

/// One element of a JSON request's `images`. What is wrong with one image is that image's failure and leaves the
/// others alone; only text that is no JSON fails the whole.
struct JSONImage {
    var id: String?
    var label: String?
    var filename: String?
    let content: Result<[UInt8], ImageFailure>

    /// - Parameter names: the members that an object may have, `b64` among them.
    init(from reader: inout JSONReader, members names: [String]) throws(JSONError) {
        switch try reader.kind() {
        case .string: content = Self.content(try reader.string(), in: reader)
        case .object:
            let members = try ImageMembers(from: &reader, names)
            id = members["id"].map(reader.text)
            label = members["label"].map(reader.text)
            filename = members["filename"].map(reader.text)
            content = members.b64.flatMap { [reader] in Self.content($0, in: reader) }
        case .array, .number, .literal:
            try reader.skip()
            content = .failure(ImageFailure(.malformed, "expected a base64 string or an object with 'b64'"))
        }
    }

    /// The bytes of base64 text, or of a `data:` URL with it (RFC 2397). The URL's media type is ignored: the bytes
    /// decide.
    private static func content(_ string: JSONString, in reader: JSONReader) -> Result<[UInt8], ImageFailure> {
        var base64 = string.hasEscapes ? Array(reader.utf8(of: string))[...] : reader.bytes[string.range]
        if base64.starts(with: "data:".utf8) {
            guard let comma = base64.firstIndex(of: UInt8(ascii: ",")),
                base64[..<comma].suffix(7).elementsEqual(";base64".utf8)
            else { return .failure(ImageFailure(.malformed, "expected a data URL as 'data:image/jpeg;base64,…'")) }
            base64 = base64[(comma + 1)...]
        } else if base64.starts(with: "http://".utf8) || base64.starts(with: "https://".utf8) {
            return .failure(.urlRefused)
        }
        guard let bytes = base64Decoded(base64) else {
            return .failure(
                ImageFailure(.malformed, "not base64 (RFC 4648 §4: with padding, without line breaks; base64 -w0)"))
        }
        return bytes.isEmpty ? .failure(ImageFailure(.malformed, "the image is empty")) : .success(bytes)
    }
}

/// The members of an image that is an object: where their values stand, and what is wrong with them.
private struct ImageMembers {
    private enum Value {
        case null
        case string(JSONString)
        case other
    }

    private let names: [String]
    /// In the order of `names`.
    private var values: [Value?]
    private var hasURL = false
    private var unknown: String?
    private var twice: String?

    init(from reader: inout JSONReader, _ names: [String]) throws(JSONError) {
        self.names = names
        values = names.map { _ in nil }
        try reader.beginObject()
        while let name = try reader.nextName() {
            guard let member = names.firstIndex(where: { reader.utf8(of: name).elementsEqual($0.utf8) }) else {
                hasURL = hasURL || reader.utf8(of: name).elementsEqual("url".utf8)
                unknown = unknown ?? reader.excerpt(of: name)
                try reader.skip()
                continue
            }
            if values[member] != nil { twice = names[member] }
            values[member] = try Self.value(from: &reader)
        }
    }

    subscript(name: String) -> JSONString? {
        guard let member = names.firstIndex(of: name), case .string(let string) = values[member] else { return nil }
        return string
    }

    /// The string with the image, or why there is none.
    var b64: Result<JSONString, ImageFailure> {
        if hasURL { return .failure(.urlRefused) }
        if let unknown {
            return .failure(
                ImageFailure(.malformed, "unknown member '\(unknown)'; expected \(names.joined(separator: ", "))"))
        }
        if let twice { return .failure(ImageFailure(.malformed, "'\(twice)' is given twice")) }
        for (name, value) in zip(names, values) where name != "b64" {
            if case .other = value { return .failure(ImageFailure(.malformed, "'\(name)' must be a string")) }
        }
        guard let string = self["b64"] else {
            return .failure(ImageFailure(.malformed, "expected 'b64' with the image as a base64 string"))
        }
        return .success(string)
    }

    private static func value(from reader: inout JSONReader) throws(JSONError) -> Value {
        switch try reader.kind() {
        case .string: return .string(try reader.string())
        case .literal:
            let isNull = reader.current == UInt8(ascii: "n")
            try reader.skip()
            return isNull ? .null : .other
        case .object, .array, .number:
            try reader.skip()
            return .other
        }
    }
}

extension ImageFailure {
    fileprivate static let urlRefused = ImageFailure(
        .malformed, "URLs are not fetched; send the image's bytes as base64")
}
