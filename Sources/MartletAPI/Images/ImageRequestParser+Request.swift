import HTTPServer
import Service

extension ImageRequestParser {
    func images(in request: Request) throws(Problem) -> [ImageInput] {
        try images(contentType: request.head.headerFields[.contentType], body: request.body)
    }
}
