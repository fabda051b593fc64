import Foundation
import Testing

@testable import Inference

/// Files of whole models without a model folder around them.
struct LooseFileTests {
    private let folder = ModelsFolder()

    @Test func `they are found in the folder and in folders without a configuration`() throws {
        try folder.add("cats")
        for path in ["cats/other.onnx", "dogs/pets.h5", "birds.keras", "notes.txt", ".hidden.onnx"] {
            let file = folder.url.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try folder.write("", to: path)
        }
        let found = try ModelFolder(scanning: folder.url.path)
        #expect(found.looseFiles == ["\(folder.url.path)/birds.keras", "\(folder.url.path)/dogs/pets.h5"])
    }

    @Test func `where there is nothing else, the error says what to do with them`() throws {
        try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
        try folder.write("", to: "cats.onnx")
        let file = "\(folder.url.path)/cats.onnx"
        #expect { try folder.repository() } throws: { error in
            ["with a config.json, found \(file)", "'martlet convert \(file) FOLDER'"].allSatisfy("\(error)".contains)
        }
    }
}
