import Foundation
import Testing

/// `martlet teach` as a user runs it.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct TeachTests {
    /// The fit takes a moment where the strength is given.
    private static let quick = ["--l2", "0.1"]

    private func teach(_ arguments: [String], _ folder: PhotoFolder) throws -> MartletProcess.Output {
        try MartletProcess.run(["teach"] + arguments + ["--store", folder["store.db"]])
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    }

    @Test func `what was taught is reported`() throws {
        let folder = try PhotoFolder.bikes()
        let output = try teach([folder["bikes"], "--head", "bikes"] + Self.quick, folder)
        #expect(output.status == 0, "\(output.errors)")
        for text in [
            "Head 'bikes', version 1, is trained and served", "2 classes from 8 images of dataset 'bikes'",
            "4-fold cross-validation, each of 8 images", "accuracy           100.0 %", "log-loss", "calibration error",
            "mountain_Bike    100.0 %  100.0 %  100.0 %       4", "is \\ taken for  mountain_Bi…  road bike",
            "mountain_Bike              4          0", "warning: 'road bike' has only 4 images",
            "martlet classify --head bikes --store \(folder["store.db"]) photo.jpg", "/classify?head=bikes",
        ] { #expect(output.text.contains(text), "\(text)\n\n\(output.text)") }
        #expect(output.errors.contains("reading: "), "progress: \(output.errors)")
    }

    @Test func `images that are there already are not added again`() throws {
        let folder = try PhotoFolder.bikes()
        _ = try teach([folder["bikes"], "--head", "bikes", "--quiet"] + Self.quick, folder)
        try folder.addPhotos(1, of: "coffee.jpg", to: "bikes/more/road bike")
        let again = try teach([folder["bikes"], "--head", "bikes", "--json", "--quiet"] + Self.quick, folder)
        #expect(again.errors == "dataset 'bikes' had 8 of the images already, 1 are new\n")
        let job = try object(again.text)
        let metrics = try #require(job["metrics"] as? [String: Any])
        #expect(job["state"] as? String == "succeeded" && job["head_version"] as? Int == 2, "\(job)")
        #expect(metrics["images"] as? Int == 9)
        #expect(
            metrics["labels"] as? [String] == ["mountain_Bike", "road bike"], "the folder that an image lies in counts")

        // Without a folder: what the dataset has.
        let other = try teach(["--dataset", "bikes", "--head", "two", "--json", "--no-promote"] + Self.quick, folder)
        #expect((try object(other.text)["metrics"] as? [String: Any])?["images"] as? Int == 9)
    }

    @Test func `what is no image is named and left out`() throws {
        let folder = try PhotoFolder.bikes()
        let photo = try Data(contentsOf: MartletProcess.root.appending(path: "Tests/Fixtures/images/lossy.webp"))
        try folder.write(photo, to: "bikes/road bike/unnamed")
        try folder.write(photo, to: "elsewhere.webp")
        try folder.write(Data("text".utf8), to: "bikes/road bike/a.JPG")
        try folder.write(photo, to: "bikes/cover.webp")
        try folder.write(photo, to: "bikes/1/2/road bike/deep.webp")
        try folder.write(photo, to: "bikes/road bike/.hidden")
        let link = folder["bikes/mountain_Bike"]
        try FileManager.default.createSymbolicLink(
            atPath: "\(link)/link.webp", withDestinationPath: folder["bikes/mountain_Bike/0.jpg"])
        try FileManager.default.createSymbolicLink(atPath: "\(link)/nowhere.jpg", withDestinationPath: "/nonexistent")
        try FileManager.default.createSymbolicLink(atPath: "\(link)/again", withDestinationPath: folder["bikes"])
        try folder.write(photo, to: "other photos/deep.webp")
        try FileManager.default.createSymbolicLink(
            atPath: folder["bikes/elsewhere"], withDestinationPath: folder["other photos"])
        #expect(mkfifo("\(link)/pipe.jpg", 0o600) == 0)
        let output = try teach([folder["bikes"], "--head", "bikes", "--quiet", "--json"] + Self.quick, folder)
        #expect(output.status == 0)
        let lines = output.errors.split(separator: "\n").sorted()
        #expect(
            lines == [
                "cover.webp: it lies in no label's folder; left out",
                "dataset 'bikes' had 2 of the images already, 9 are new",
                "elsewhere: links to folders are not followed; left out",
                "mountain_Bike/again: links to folders are not followed; left out",
                "mountain_Bike/nowhere.jpg: it cannot be read: No such file or directory; left out",
                "mountain_Bike/pipe.jpg: it is neither a file nor a folder; left out",
                "road bike/a.JPG: it is no JPEG, PNG or WebP image; left out",
            ])
    }

    @Test(arguments: [
        (["nothing", "--head", "b"], "'nothing' cannot be read: No such file or directory", 1),
        (["README.md", "--head", "b"], "'README.md' is no folder; expected a folder of each label", 1),
        (["docs", "--head", "b"], "'docs' has no folders", 1),
        (["Benchmarks", "--head", "b"], "the folders in 'Benchmarks' hold no JPEG, PNG or WebP image", 1),
        (["Tests/Fixtures"], "Missing expected argument '--head <name>'", 64),
        (["--head", "b"], "name a folder of images, or a --dataset", 64),
        (["docs", "--head", "a/b"], "--head must be 1 to 64 of the characters", 64),
        (["docs", "--head", "b", "--l2=-1"], "--l2 must be a finite number from 0 on, found '-1.0'", 64),
        (["docs", "--head", "b", "--l2", "-3"], "--l2 must be a finite number from 0 on, found '-3.0'", 64),
        (["docs", "--head", "b", "--seed", "-3"], "'-3' is invalid for '--seed", 64),
        (["docs", "--head", "b", "--epochs", "9"], "--epochs must be left out unless 'type' is 'mlp', found '9'", 64),
        (["docs", "--head", "b", "--solver", "newton"], "'newton' is invalid for '--solver", 64),
        (["--head", "b", "--dataset", "d"], "there is no store '", 1),
    ])
    func `mistakes are named and leave no store`(_ arguments: [String], _ message: String, _ status: Int32) throws {
        let folder = try PhotoFolder()
        let output = try teach(arguments, folder)
        #expect(output.status == status)
        #expect(output.errors.contains(message), "\(output.errors)")
        #expect(output.text.isEmpty)
    }

    @Test func `a label alone is refused before anything is stored`() throws {
        let folder = try PhotoFolder()
        try folder.addPhotos(2, of: "420.jpg", to: "bikes/tandem")
        let output = try teach([folder["bikes"], "--head", "bikes"], folder)
        #expect(output.status == 1)
        #expect(output.errors.contains("at least 2 labels to tell apart, found only 'tandem'"), "\(output.errors)")
    }

    @Test func `a label with one image is refused before anything is stored`() throws {
        let folder = try PhotoFolder.bikes()
        try folder.addPhotos(1, of: "420.jpg", to: "bikes/tandem")
        let output = try teach([folder["bikes"], "--head", "bikes"], folder)
        #expect(output.status == 1)
        #expect(output.errors.contains("label 'tandem' has 1 image, at least 2 are needed"), "\(output.errors)")
        let dataset = try teach(["--dataset", "bikes", "--head", "bikes"], folder)
        #expect(dataset.errors.contains("there is no dataset 'bikes'"), "\(dataset.errors)")
        let model = try teach([folder["bikes"], "--head", "bikes", "--model", "resnet"], folder)
        #expect(model.status == 1 && model.errors.contains("resnet"), "\(model.errors)")
    }

    @Test func `a folder whose name is no label is refused before anything is stored`() throws {
        let folder = try PhotoFolder.bikes()
        try folder.addPhotos(2, of: "420.jpg", to: "bikes/tan\tdem")
        let output = try teach([folder["bikes"], "--head", "bikes"], folder)
        #expect(output.status == 1 && output.errors.contains("is no label"), "\(output.errors)")
        let dataset = try teach(["--dataset", "bikes", "--head", "bikes"], folder)
        #expect(dataset.errors.contains("there is no dataset 'bikes'"), "\(dataset.errors)")
    }

    @Test func `a job that fails says why`() throws {
        let folder = try PhotoFolder.bikes()
        try FileManager.default.removeItem(atPath: folder["bikes/road bike"])
        for number in 0..<2 {
            try folder.write(Data([0xFF, 0xD8, 0xFF, UInt8(number)]), to: "bikes/road bike/\(number).jpg")
        }
        let output = try teach([folder["bikes"], "--head", "bikes", "--json"] + Self.quick, folder)
        #expect(output.status == 1)
        #expect(try object(output.text)["state"] as? String == "failed")
        #expect(output.errors.contains("failed: a classifier needs images of at least 2 labels"), "\(output.errors)")
    }

    @Test func `interrupted it cancels the job; killed, the next one takes its place`() throws {
        let folder = try PhotoFolder.bikes()
        // Long enough in a debug build and a release one.
        let arguments = [
            "teach", folder["bikes"], "--head", "bikes", "--type", "mlp", "--epochs", "10000", "--hidden-units", "4096",
            "--store", folder["store.db"],
        ]
        for (signal, status) in [(SIGINT, 130), (SIGKILL, SIGKILL)] {
            let (process, _, errors) = try MartletProcess.start(arguments)
            var messages = ""
            while !messages.contains("evaluating") {
                let data = errors.fileHandleForReading.availableData
                try #require(!data.isEmpty, "it ended after: \(messages)")
                messages += String(decoding: data, as: UTF8.self)
            }
            kill(process.processIdentifier, signal)
            messages += String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus == status)
            #expect((signal == SIGINT) == messages.contains(" is cancelled\n"), "\(messages)")
        }
        let next = try teach(["--dataset", "bikes", "--head", "bikes", "--quiet"] + Self.quick, folder)
        #expect(next.status == 0)
        #expect(next.errors.contains("which was interrupted, is cancelled for the new one"), "\(next.errors)")
    }

    @Test func `a store that a server has open is not touched, and the server is named`() async throws {
        let folder = try PhotoFolder.bikes()
        let server = try ServerProcess(["--store", folder["store.db"]])
        defer { server.kill() }
        let process = server.process.processIdentifier
        for (arguments, request) in [
            (
                ["teach", folder["bikes"], "--head", "bikes", "--seed", "7", "--no-promote", "--type", "mlp"],
                "tar czf - -C \(folder["bikes"]) . | curl --data-binary @- "
                    + "'localhost:8080/fine-tune?head=bikes&type=mlp&seed=7&promote=false'"
            ), (["heads"], "curl localhost:8080/heads"),
            (
                ["classify", "my photo.jpg", "--head", "bikes"],
                "curl --data-binary @'my photo.jpg' 'localhost:8080/classify?head=bikes'"
            ), (["serve", "--port", "0"], "or stop it first"),
        ] {
            let output = try MartletProcess.run(arguments + ["--store", folder["store.db"]])
            #expect(output.status == 1)
            #expect(output.errors.contains("is in use by process \(process)"), "\(output.errors)")
            #expect(output.errors.contains(request), "\(output.errors)")
        }
    }
}
