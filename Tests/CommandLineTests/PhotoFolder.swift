import Foundation

/// A new folder for one test, gone with it, in which folders of photos can be made.
final class PhotoFolder {
    let url: URL
    private static let fixtures = MartletProcess.root.appending(path: "Tests/Fixtures/images")

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// A path in it.
    subscript(_ path: String) -> String { url.appending(path: path).path }

    /// Two labels that no photo of the other has, four photos each.
    static func bikes() throws -> PhotoFolder {
        let folder = try PhotoFolder()
        try folder.addPhotos(4, of: "coffee.jpg", to: "bikes/road bike")
        try folder.addPhotos(4, of: "chelsea.jpg", to: "bikes/mountain_Bike")
        return folder
    }

    /// Photos of one scene, of which no two are the same file: bytes behind a JPEG's end are not decoded.
    func addPhotos(_ count: Int, of fixture: String, to path: String) throws {
        for number in 0..<count {
            var photo = try Data(contentsOf: Self.fixtures.appending(path: fixture))
            photo += Data("\(path) \(number)".utf8)
            try write(photo, to: "\(path)/\(number).jpg")
        }
    }

    func write(_ data: Data, to path: String) throws {
        let file = url.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
    }
}
