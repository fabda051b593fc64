import Foundation
import Testing

/// The options of `martlet serve` that concern web pages.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct BrowserOptionsTests {
    @Test func aPageMayAskIfItsOriginIsNamed() async throws {
        let origin = "https://app.example"
        for (options, status) in [([], 403), (["--cors-origin", origin], 200), (["--cors-origin", "*"], 200)] {
            let server = try ServerProcess(options)
            defer { server.kill() }
            let fields = ["Origin": origin, "Sec-Fetch-Site": "cross-site"]
            let answer = try await server.ask("POST", "/v2/repository/index", Data(), fields)
            #expect(answer.status == status, "\(options): \(answer.json)")
            #expect(try await server.ask("POST", "/v2/repository/index").status == 200, "curl is no page")
        }
    }

    @Test func aServerGoesByTheNamesThatItIsGiven() async throws {
        for (options, status) in [([], 421), (["--allowed-host", "images.example"], 200)] {
            let server = try ServerProcess(options)
            defer { server.kill() }
            let answer = try await server.ask("GET", "/models", Data(), ["Host": "images.example"])
            #expect(answer.status == status, "\(options): \(answer.json)")
            #expect(try await server.ask("GET", "/models").status == 200)
        }
    }

    @Test(arguments: [
        (["--cors-origin", "app.example"], "like https://example.com"), (["--cors-origin", "null"], "found 'null'"),
        (["--allowed-host", "http://a.example"], "without a port"), (["--allowed-host", "a b"], "found 'a b'"),
        (["--rate-limit", "ten"], "ten"),
    ])
    func whatIsNoneIsRefused(_ options: [String], _ words: String) throws {
        let output = try MartletProcess.run(["serve", "--port", "0"] + options)
        #expect(output.status == 64 && output.errors.contains(words), "\(output.errors)")
    }
}
