import HTTPServer
import MartletAPI
import Service

extension FuzzTarget {
    /// A form: its `Content-Type`, a line feed, and the body.
    static func readForm(_ bytes: [UInt8]) throws {
        let end = bytes.firstIndex(of: 10) ?? bytes.endIndex
        let type = String(decoding: bytes[..<end], as: UTF8.self)
        readBody(Array(bytes[end...].dropFirst()), contentType: type)
    }

    /// Every body that may be JSON.
    static func readJSON(_ bytes: [UInt8]) {
        readBody(bytes, contentType: "application/json")
        _ = try? PromoteRequest(query: .empty, body: bytes)
    }

    /// A zip or tar of labelled images.
    static func readArchive(_ bytes: [UInt8]) throws {
        readBody(bytes, contentType: nil)
    }

    private static let imageLimit = 8

    private static func readBody(_ bytes: [UInt8], contentType: String?) {
        if let images = try? ImageRequestParser(imageLimit: imageLimit).images(contentType: contentType, body: bytes) {
            let found = images.reduce(0) { $0 + ((try? $1.content.get().count) ?? 0) }
            guard (1...imageLimit).contains(images.count), found <= bytes.count else {
                fatalError("\(images.count) images of \(found) bytes in \(bytes.count)")
            }
        }
        let parser = LabelledUploadParser(imageLimit: imageLimit, unpackedLimit: 1 << 16)
        guard let upload = try? parser.upload(contentType: contentType, body: bytes, label: nil) else { return }
        let found = upload.images.reduce(0) { $0 + $1.bytes.count }
        guard upload.images.count <= imageLimit, found <= max(bytes.count, 1 << 16) else {
            fatalError("\(upload.images.count) labelled images of \(found) bytes in \(bytes.count)")
        }
        _ = try? FineTuneOptions(query: .empty, body: upload.options)
    }

    /// A query, and each line as the value of a field.
    static func readFields(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        _ = try? QueryParameters(text[...], known: ["a", "b", "c"])
        _ = percentDecoded(text)
        for line in bytes.split(separator: 10) {
            if let value = ParameterizedValue(line) { _ = value["filename*"].flatMap(decodedExtendedValue) }
            guard formDecoded(Array(line)).count <= line.count else { fatalError("decoding made \(line) longer") }
            chooseContent(String(decoding: line, as: UTF8.self))
        }
    }

    /// `Accept-Encoding`, `Range` and `If-None-Match`.
    private static func chooseContent(_ value: String) {
        let (codings, count) = (AcceptedCodings(value), 1000)
        _ = codings.preferGzip && codings.forbidIdentity
        if case .part(let range) = ByteRange.answer(to: value, count: count) {
            guard !range.isEmpty, (0...count).contains(range.lowerBound), range.upperBound <= count else {
                fatalError("\(value) is the part \(range) of \(count)")
            }
        }
        if let tag = EntityTag(value) {
            guard tag.text == value, EntityTag.List(value) == .tags([tag]) else {
                fatalError("\(value) is the tag \(tag.text)")
            }
        } else {
            _ = EntityTag.List(value)
        }
    }
}
