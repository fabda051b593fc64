import Foundation

/// The files that Tests/Fixtures/make_model_fixtures.py makes.
enum Fixture {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/models")

    static func path(_ name: String) -> String { folder.appending(path: name).path }

    static func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: folder.appending(path: name))) }

    /// Calls `body` with every file that `bytes` can be cut to, or every so many bytes, and with `flips` copies in which one bit is wrong.
    static func damaged(_ bytes: [UInt8], cutsEvery step: Int = 1, flips: Int, _ body: ([UInt8]) throws -> Void)
        rethrows
    {
        for count in stride(from: 0, to: bytes.count, by: step) { try body(Array(bytes[..<count])) }
        var state: UInt64 = 1
        for _ in 0..<flips {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            var copy = bytes
            copy[Int((state >> 33) % UInt64(bytes.count))] ^= 1 << (state >> 61)
            try body(copy)
        }
    }
}
