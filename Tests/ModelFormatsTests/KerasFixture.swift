import Foundation
import Testing

@testable import ModelFormats

/// The files that Tests/Fixtures/make_keras_fixtures.py makes.
enum KerasFixture {
    private static let folder = Fixture.folder.deletingLastPathComponent().appending(path: "keras")

    static func path(_ name: String) -> String { folder.appending(path: name).path }

    static func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: folder.appending(path: name))) }

    /// A `.keras` file whose `config.json` has `texts` replaced, each of which must be there.
    static func edited(_ name: String, _ texts: [(String, String)]) throws -> FileContents {
        let zip = try StoredZip(try FileContents(path: name, contents: try bytes(name)).bytes)
        var config = try #require(zip.entries["config.json"]?.string)
        for (text, replacement) in texts {
            try #require(config.contains(text), "\(text) is not in \(config)")
            config = config.replacing(text, with: replacement)
        }
        return try keras(config: config, weights: try #require(zip.entries["model.weights.h5"]).copy)
    }

    /// A `.keras` file of these parts.
    static func keras(config: String, weights: [UInt8]) throws -> FileContents {
        let entries = [
            ("metadata.json", Array(#"{"keras_version": "3.15.1"}"#.utf8)), ("config.json", Array(config.utf8)),
            ("model.weights.h5", weights),
        ]
        return try FileContents(path: "edited.keras", contents: zip(entries))
    }

    /// A zip file that stores `entries` (APPNOTE.TXT 4.3), without checksums.
    static func zip(_ entries: [(name: String, contents: [UInt8])]) -> [UInt8] {
        var (file, directory) = ([UInt8](), [UInt8]())
        for (name, contents) in entries {
            let start = file.count
            let shared: [(Int, bytes: Int)] = [
                (0, 2), (0, 2), (0, 4), (0, 4), (contents.count, 4), (contents.count, 4), (name.utf8.count, 2), (0, 2),
            ]
            file += [0x50, 0x4B, 3, 4] + numbers([(20, 2)] + shared) + Array(name.utf8) + contents
            directory += [0x50, 0x4B, 1, 2] + numbers([(20, 2), (20, 2)] + shared)
            directory += numbers([(0, 2), (0, 2), (0, 2), (0, 4), (start, 4)]) + Array(name.utf8)
        }
        let end = numbers([
            (0, 4), (entries.count, 2), (entries.count, 2), (directory.count, 4), (file.count, 4), (0, 2),
        ])
        return file + directory + [0x50, 0x4B, 5, 6] + end
    }

    private static func numbers(_ fields: [(Int, bytes: Int)]) -> [UInt8] {
        fields.flatMap { number, bytes in (0..<bytes).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
    }
}
