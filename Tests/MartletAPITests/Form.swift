import Foundation
import HTTPTypes
import Testing

extension HTTPFields {
    static let form: HTTPFields = [.contentType: "multipart/form-data; boundary=X"]
}

/// A form with one file part for each of the images, with the boundary `X`.
func form(_ images: [[UInt8]]) -> [UInt8] {
    var body: [UInt8] = []
    for (index, image) in images.enumerated() {
        body += Array("--X\r\nContent-Disposition: form-data; name=\"image\"; filename=\"\(index).jpg\"\r\n\r\n".utf8)
        body += image + Array("\r\n".utf8)
    }
    return body + Array("--X--\r\n".utf8)
}

/// The JSON object in `bytes`, as Foundation reads it.
func jsonObject(_ bytes: [UInt8]) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
}
