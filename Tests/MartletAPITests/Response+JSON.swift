import Foundation
import HTTPServer

/// The content of an answer.
func decoded(_ response: Response) throws -> JSONValue {
    try JSONDecoder().decode(JSONValue.self, from: Data(response.body))
}
