import Foundation
import Testing

/// `martlet heads` and `martlet classify --head`, over a store with two versions of one head.
@Suite(.timeLimit(.minutes(5)))
struct HeadsTests {
    private static let taught = Result {
        let folder = try PhotoFolder.bikes()
        for seed in ["1", "2"] {
            let output = try MartletProcess.run([
                "teach", folder["bikes"], "--head", "bikes", "--l2", "0.1", "--quiet", "--seed", seed, "--store",
                folder["store.db"],
            ])
            try #require(output.status == 0, "\(output.errors)")
        }
        return try Data(contentsOf: folder.url.appending(path: "store.db"))
    }

    private let folder: PhotoFolder

    init() throws {
        folder = try PhotoFolder()
        try folder.write(Self.taught.get(), to: "store.db")
    }

    private func run(_ arguments: String...) throws -> MartletProcess.Output {
        try MartletProcess.run(arguments + ["--store", folder["store.db"]])
    }

    private func members(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    }

    @Test func `heads and their versions are listed`() throws {
        let list = try run("heads")
        let lines = list.text.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(lines.first?.prefix(5) == ["head", "promoted", "versions", "classes", "accuracy"], "\(list)")
        #expect(lines.last?.prefix(5) == ["bikes", "2", "2", "2", "100.0"], "\(list)")
        #expect(list.text.contains("8 images of bikes"))

        let versions = try run("heads", "bikes")
        #expect(versions.text.contains("bikes, version 2, promoted\n") && versions.text.contains("bikes, version 1\n"))
        #expect(versions.text.contains("2: mountain_Bike, road bike") && versions.text.contains("sha256:"))

        let heads = try #require(try members(run("heads", "--json").text)["heads"] as? [[String: Any]])
        #expect(heads.map { $0["name"] as? String } == ["bikes"])
        let json = try #require(try members(run("heads", "bikes", "--json").text)["versions"] as? [[String: Any]])
        #expect(json.map { $0["version"] as? Int } == [2, 1])
        #expect(json.map { ($0["provenance"] as? [String: Any])?["seed"] as? Int } == [2, 1])
    }

    @Test func `a version is promoted and another deleted`() throws {
        #expect(try run("heads", "delete", "bikes", "2").errors.contains("version 2 of head 'bikes' is served"))
        #expect(try run("heads", "promote", "bikes", "9").errors.contains("head 'bikes' has no version 9"))
        #expect(try run("heads", "promote", "bikes", "1").text == "Version 1 of head 'bikes' is promoted.\n")
        #expect(try run("heads", "delete", "bikes", "2").status == 0)
        let head = try #require(try members(run("heads", "--json").text)["heads"] as? [[String: Any]])
        #expect(head.first?["promoted"] as? Int == 1 && head.first?["versions"] as? Int == 1)
        #expect(try run("heads", "delete", "bikes").status == 0)
        #expect(try run("heads").text == "There are no heads; 'martlet teach' trains one.\n")
        let gone = try run("classify", "Tests/Fixtures/images/coffee.jpg", "--head", "bikes")
        #expect(gone.status == 1 && gone.errors.contains("there is no head 'bikes'"), "\(gone)")
    }

    @Test func `--version is the head's in every command`() throws {
        #expect(
            try run("heads", "promote", "bikes", "--version", "1").text == "Version 1 of head 'bikes' is promoted.\n")
        let list = try run("heads", "bikes", "--version", "1")
        #expect(list.text.hasPrefix("bikes, version 1, promoted\n") && !list.text.contains("version 2"), "\(list)")
        let deleted = try run("heads", "delete", "bikes", "--version", "2")
        #expect(deleted.text == "Version 2 of head 'bikes' is deleted.\n", "\(deleted)")
        #expect(try run("heads", "list", "bikes", "--version", "2").errors.contains("head 'bikes' has no version 2"))
        for (arguments, message) in [
            (["delete", "bikes", "1", "--version", "1"], "give the version once"),
            (["import", "x.safetensors", "bikes", "--version", "1"], "--version cannot be chosen"),
            (["list", "--version", "1"], "name the head"),
        ] {
            let output = try MartletProcess.run(["heads"] + arguments + ["--store", folder["store.db"]])
            #expect(output.status == 64 && output.errors.contains(message), "\(output)")
        }
        #expect(try MartletProcess.run("heads", "--version").text == "0.1.0\n")
    }

    @Test func `photos are classified by a head, and strange ones are called so`() throws {
        let photos = ["coffee.jpg", "chelsea.jpg", "420.jpg", "1x1.png"].map { "Tests/Fixtures/images/\($0)" }
        let text = try MartletProcess.run(
            ["classify", "--head", "bikes", "--store", folder["store.db"], "README.md"] + photos)
        #expect(text.status == 1 && text.errors.contains("README.md: "), "\(text.errors)")
        let answers = text.text.split(separator: "Tests/").map(String.init)
        try #require(answers.count == photos.count, "\(text.text)")
        for (answer, label) in [(answers[0], "road bike"), (answers[1], "mountain_Bike")] {
            #expect(answer.split(separator: "\n")[1].hasSuffix(" %  \(label)"), "\(answer)")
        }

        let json = try members(
            MartletProcess.run(["classify", "--head", "bikes", "--store", folder["store.db"], "--json"] + photos).text)
        #expect(json["head"] as? String == "bikes" && json["head_version"] as? Int == 2)
        let predictions = try #require(json["predictions"] as? [[String: Any]])
        for (answer, prediction) in zip(answers, predictions) {
            let novelty = try #require(prediction["novelty"] as? [String: Any])
            let isKnown = try #require(novelty["known"] as? Bool)
            #expect(answer.contains("looks like none of these") == !isKnown, "\(answer) \(novelty)")
        }
        #expect(
            try run("classify", photos[0], "--head", "bikes", "--head-version", "9").errors.contains("no version 9"))
        let model = try run("classify", photos[0], "--head", "bikes", "--model", "resnet")
        #expect(model.status == 1 && model.errors.contains("resnet"), "\(model.errors)")
    }

    @Test func `an exported head answers the same, imported or as ONNX`() throws {
        let photo = "Tests/Fixtures/images/coffee.jpg"
        let expected = try run("classify", photo, "--head", "bikes")
        #expect(expected.status == 0 && expected.text.contains("road bike"), "\(expected)")
        let (head, model) = (folder["bikes.safetensors"], folder["bikes.onnx"])
        for file in [head, model] {
            let output = try run("heads", "export", "bikes", file, "--version", "2")
            #expect(output.status == 0, "\(output.errors)")
        }
        let imported = try run("heads", "import", head, "others", "--json")
        #expect(try members(imported.text)["labels"] as? [String] == ["mountain_Bike", "road bike"], "\(imported)")
        #expect(try run("classify", photo, "--head", "others").text == expected.text)
        let onnx = try MartletProcess.run("classify", photo, "--model", model)
        #expect(expected.text.hasPrefix(onnx.text.trimmingCharacters(in: .newlines)), "\(onnx) \(expected.text)")
    }

    @Test func `mistakes are named`() throws {
        for (arguments, message) in [
            (["export", "bikes", "bikes.txt"], "should end in .safetensors or .onnx"),
            (["export", "nothing", folder["x.onnx"]], "there is no head 'nothing'"),
            (["export", "bikes", "/nonexistent/x.onnx"], "'/nonexistent/x.onnx' cannot be written: "),
            (["import", "Tests/Fixtures/images/coffee.jpg", "bikes"], "coffee.jpg': this is a JPEG image; a head is"),
            (
                ["import", "Tests/Fixtures/models/convolution_valid.onnx", "bikes"],
                "': this is an ONNX model; a head is"
            ),
            (["import", "README.md", "bikes"], "'README.md': this is no head"),
            (["import", "/nonexistent", "bikes"], "'/nonexistent' cannot be read: No such file"),
            (["import", "README.md", "a/b"], "this is no head"), (["nothing"], "there is no head 'nothing'"),
            (["promote", "bikes"], "Missing expected argument '<version>'"),
            (["promote", "bikes", "one"], "The value 'one' is invalid"),
        ] {
            let output = try MartletProcess.run(["heads"] + arguments + ["--store", folder["store.db"]])
            #expect(output.status != 0 && output.errors.contains(message), "\(arguments): \(output)")
        }
        let none = try MartletProcess.run("heads", "--store", folder["nothing.db"])
        #expect(none.status == 1 && none.errors.contains("there is no store"), "\(none)")
        #expect(!FileManager.default.fileExists(atPath: folder["nothing.db"]))
        try folder.write(Data("text".utf8), to: "text.md")
        for command in [["heads"], ["serve", "--port", "0"]] {
            let foreign = try MartletProcess.run(command + ["--store", folder["text.md"]])
            #expect(foreign.status == 1 && foreign.errors.contains("is not a store of Martlet's"), "\(foreign)")
        }
        let denied = try MartletProcess.run("serve", "--port", "0", "--store", "/proc/martlet.db")
        #expect(denied.status == 1 && denied.errors.contains("cannot open store '/proc/martlet.db'"), "\(denied)")
    }
}
