import Foundation
import Service

extension ImageRequestParser {
    /// The images of `{"images": ["<base64 or data: URL>", {"b64": "…", "id": "…", "filename": "…"}]}`.
    func jsonImages(_ body: [UInt8]) throws(Problem) -> [ImageInput] {
        let message: JSONImages
        do {
            message = try JSONDecoder().decode(JSONImages.self, from: Data(body), configuration: imageLimit)
        } catch {
            throw Problem(.malformedRequest, Self.explanation(of: error))
        }
        if let unknown = message.unknownMembers.first?.prefix(80) {  // a name can be as long as the body
            throw Problem(
                .unknownParameter,
                "The JSON member '\(unknown)' is not known; expected 'images'. Parameters go into the query: ?\(unknown)=…"
            ).with("parameter", .string(String(unknown)))
        }
        guard message.count <= imageLimit else { throw tooManyImages(message.count) }
        return message.images.enumerated().map { index, image in
            ImageInput(id: image.id ?? "\(index)", filename: image.filename, content: image.content)
        }
    }

    private static func explanation(of error: any Error) -> String {
        let expected = #"Expected {"images": ["<base64>", {"b64": "<base64>", "id": "…"}]}"#
        return switch error {
        case DecodingError.keyNotFound: "\(expected); found no 'images'."
        case DecodingError.typeMismatch(_, let context) where context.codingPath.isEmpty:
            "\(expected); found JSON that is not an object."
        case DecodingError.typeMismatch, DecodingError.valueNotFound: "\(expected); 'images' is not an array."
        default: "The body is not valid JSON. \(expected)."
        }
    }
}

private struct JSONImages: DecodableWithConfiguration {
    /// The first elements of `images`, at most as many as the limit.
    private(set) var images: [JSONImage] = []
    /// How many elements there are.
    let count: Int
    let unknownMembers: [String]

    /// - Parameter limit: elements beyond are counted only: a body of a few megabytes can hold millions.
    init(from decoder: any Decoder, configuration limit: Int) throws {
        let members = try decoder.container(keyedBy: MemberName.self)
        unknownMembers = members.allKeys.map(\.stringValue).filter { $0 != "images" }.sorted()
        var elements = try members.nestedUnkeyedContainer(forKey: MemberName(stringValue: "images"))
        count = elements.count ?? 0
        while !elements.isAtEnd, images.count < limit { images.append(try elements.decode(JSONImage.self)) }
    }
}
