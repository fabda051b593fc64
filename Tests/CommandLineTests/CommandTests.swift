import Compute
import Foundation
import ModelFormats
import Testing

struct CommandTests {
    @Test(arguments: ["serve", "classify", "embed", "inspect", "bench", "run", "convert", "quantize", "teach", "heads"])
    func everyCommandHasHelp(_ command: String) throws {
        let output = try MartletProcess.run(command, "--help")
        #expect(output.status == 0)
        #expect(output.text.contains("USAGE: martlet \(command)"), "\(output.text)")
    }

    @Test func classifyPrintsTheServersJSON() throws {
        let output = try MartletProcess.run(
            "classify", "Tests/Fixtures/images/coffee.jpg", "--json", "--top-k", "1", "--isa", "portable")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(output.text.utf8)) as? [String: Any])
        let predictions = try #require(json["predictions"] as? [[String: Any]])
        let classes = try #require(predictions.first?["classes"] as? [[String: Any]])
        #expect(classes.map { $0["label"] as? String } == ["espresso"])
        #expect(predictions.first?["filename"] as? String == "Tests/Fixtures/images/coffee.jpg")
    }

    @Test func aFileThatIsNoImageIsReportedAndTheOthersAreClassified() throws {
        let output = try MartletProcess.run(
            "classify", "README.md", "Tests/Fixtures/images/coffee.jpg", "/nonexistent.jpg", "Tests", "/dev/zero",
            "--top-k", "1")
        #expect(output.status == 1)
        #expect(output.text.contains("espresso"))
        for reason in [
            "README.md: ", "/nonexistent.jpg: it cannot be read: No such file or directory",
            "Tests: it cannot be read: Is a directory", "/dev/zero: it has more than 33554432 bytes",
        ] { #expect(output.errors.contains(reason), "\(output.errors)") }
    }

    @Test(arguments: [64, 65]) func manyFilesAreAnsweredByTheBatchInTheirOrder(_ count: Int) throws {
        let files = (0..<count - 1).map { _ in "Tests/Fixtures/images/1x1.png" } + ["/nonexistent.png"]
        let (process, output, errors) = try MartletProcess.start(["embed", "--json"] + files)
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let messages = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 1, "\(messages)")

        let answers = try text.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        let embeddings = try answers.map { try #require($0["embeddings"] as? [[String: Any]]) }
        #expect(embeddings.map(\.count) == (count == 64 ? [64] : [64, 1]))
        #expect(embeddings.joined().map { $0["id"] as? String } == (0..<count).map(String.init))
        #expect(embeddings.joined().map { $0["filename"] as? String } == files)
        #expect(embeddings.joined().filter { $0["error"] != nil }.count == 1)
    }

    @Test func ofALargeLayerFewerFilesAreAnsweredAtATime() throws {
        // 32×112×112 numbers an image: 4 Mi numbers are those of 10 images.
        let files = (0..<10).map { "/nonexistent\($0).png" } + ["Tests/Fixtures/images/1x1.png"]
        let (process, output, _) = try MartletProcess.start(["embed", "--json", "--layer", "stem"] + files)
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 1, "ten files do not exist")

        let answers = try text.split(separator: UInt8(ascii: "\n")).map { line in
            try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
        }
        let embeddings = answers.compactMap { $0["embeddings"] as? [[String: Any]] }
        #expect(embeddings.map(\.count) == [10, 1])
        #expect((embeddings.last?.first?["embedding"] as? [Any])?.count == 32 * 112 * 112)
    }

    @Test(arguments: [[], ["--json"]]) func aFullDiskIsAnError(_ options: [String]) throws {
        let tests = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let (process, errors) = (Process(), Pipe())
        process.executableURL = tests.deletingLastPathComponent().appending(path: "martlet")
        process.arguments = ["classify", "Tests/Fixtures/images/1x1.png"] + options
        process.currentDirectoryURL = MartletProcess.root
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: "/dev/full"))
        process.standardError = errors
        try process.run()
        let message = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)
        #expect(message.contains("standard output cannot be written: No space left on device"), "\(message)")
    }

    @Test func embedPrintsOneLineAnImage() throws {
        let output = try MartletProcess.run("embed", "Tests/Fixtures/images/chelsea.jpg", "--layer", "global_pool")
        let fields = output.text.split(separator: "\t")
        #expect(fields.first == "Tests/Fixtures/images/chelsea.jpg")
        #expect(fields.last?.split(separator: " ").count == 1280)
    }

    @Test func runPutsATensorThroughAnONNXFileAsONNXRuntimeDoes() throws {
        let models = "Tests/Fixtures/models/flatten_gemm_softmax"
        let target = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).npy").path
        defer { try? FileManager.default.removeItem(atPath: target) }
        let output = try MartletProcess.run("run", "\(models).onnx", "--input", "\(models).x.npy", "--output", target)
        #expect(output.status == 0, "\(output.errors)")
        let expected = try NumPyArray(path: MartletProcess.root.appending(path: "\(models).y.npy").path)
        let found = try NumPyArray(path: target)
        #expect(found.shape == expected.shape)
        #expect(zip(found.values, expected.values).allSatisfy { abs($0 - $1) < 1e-5 }, "\(found.values)")
    }

    @Test func `a model is written as ONNX and answers as before`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "copy.onnx").path
        let converted = try MartletProcess.run("convert", "efficientnet-lite0", file)
        #expect(converted.status == 0, "\(converted.errors)")
        let image = "Tests/Fixtures/images/chelsea.jpg"
        let answers = try ["efficientnet-lite0", file].map {
            try MartletProcess.run("classify", image, "--model", $0).text
        }
        #expect(answers[0].contains("tiger cat"))
        #expect(answers[0] == answers[1])
    }

    @Test func `a model written as a folder and as ONNX from there answers bit for bit as before`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (copy, file) = (folder.appending(path: "copy").path, folder.appending(path: "again.onnx").path)
        let first = try MartletProcess.run("convert", "efficientnet-lite0", copy)
        #expect(first.status == 0, "\(first.errors)")
        let second = try MartletProcess.run("convert", copy, file)
        #expect(second.status == 0, "\(second.errors)")
        let image = "Tests/Fixtures/images/chelsea.jpg"
        let answers = try ["efficientnet-lite0", copy, file].map {
            try MartletProcess.run("embed", image, "--model", $0).text
        }
        #expect(answers[0].count > 1000 && answers[1] == answers[0] && answers[2] == answers[0])
        let third = try MartletProcess.run("convert", "efficientnet-lite0", copy)
        #expect(third.status != 0 && third.errors.contains("exists"), "\(third.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["again.onnx", "copy"])
    }

    @Test func `inspect draws the graph`() throws {
        let output = try MartletProcess.run("inspect", "efficientnet-lite0", "--dot").text
        #expect(output.hasPrefix("digraph {\n") && output.hasSuffix("}\n"))
        #expect(output.contains("label=\"blocks.0\\nconvolution 1×1/1\"") && output.contains("label=\"32×112×112\""))
    }

    @Test func `a linear layer takes the place of the classifier`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (head, file) = (folder.appending(path: "head.safetensors"), folder.appending(path: "head.onnx").path)
        // Biases alone decide: softmax(0, ln 3) = (¼, ¾).
        let bytes = try SafetensorsWriter.serialize([
            "weight": try Tensor(shape: [2, 1280], values: Array(repeating: 0, count: 2560)),
            "bias": try Tensor(shape: [2], values: [0, log(3)]),
        ])
        try Data(bytes).write(to: head)
        let converted = try MartletProcess.run("convert", "efficientnet-lite0", file, "--head", head.path)
        #expect(converted.status == 0, "\(converted.errors)")
        let output = try MartletProcess.run("classify", "Tests/Fixtures/images/1x1.png", "--model", file)
        #expect(output.text.contains("75.00 %") && output.text.contains("25.00 %"), "\(output.text)")
        let misfit = try MartletProcess.run(
            "convert", "efficientnet-lite0", file, "--head", head.path, "--layer", "stem")
        #expect(misfit.status != 0 && misfit.errors.contains("1280"), "\(misfit.errors)")
        let perceptron = try SafetensorsWriter.serialize([
            "hidden.weight": try Tensor(shape: [2, 1280], values: Array(repeating: 0, count: 2560)),
            "weight": try Tensor(shape: [2, 2], values: [0, 0, 0, 0]),
        ])
        try Data(perceptron).write(to: head)
        let hidden = try MartletProcess.run("convert", "efficientnet-lite0", file, "--head", head.path)
        #expect(hidden.status == 1 && hidden.errors.contains("heads export NAME FILE.onnx"), "\(hidden.errors)")
    }

    @Test func whatAModelsFilesLeaveOpenIsSaidOnStandardError() throws {
        let model = "Tests/Fixtures/models/convolution_valid.onnx"
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for arguments in [
            ["inspect", model], ["inspect", model, "--dot"], ["convert", model, folder.path],
            ["classify", "Tests/Fixtures/images/1x1.png", "--model", model],
        ] {
            let output = try MartletProcess.run(arguments)
            #expect(output.status == 0)
            for words in [
                "Warning: \(model) does not say how images are prepared for it; assumed: {",
                "Warning: \(model) does not name the classes; they are called by their index.",
            ] { #expect(output.errors.contains(words), "\(arguments): \(output.errors)") }
            #expect(!output.text.contains("Warning"))
        }
        // What was written says how; its classes have no names yet.
        let again = try MartletProcess.run("inspect", folder.path)
        #expect(again.errors.hasPrefix("Warning: \(folder.path)/config.json does not name the classes"))
        #expect(again.errors.split(separator: "\n").count == 1, "\(again.errors)")
        let whole = try MartletProcess.run("inspect", "efficientnet-lite0")
        #expect(whole.errors.isEmpty, "\(whole.errors)")
    }

    @Test func inspectCountsParameters() throws {
        let output = try MartletProcess.run("inspect", "efficientnet-lite0")
        #expect(output.text.contains("4,652,008 parameters"), "\(output.errors)")
    }

    @Test func benchReportsSpeedAndPeakAsJSON() throws {
        let output = try MartletProcess.run(
            "bench", "Tests/Fixtures/models/convolution_valid.onnx", "--seconds", "0.05", "--threads", "1", "--json")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(output.text.utf8)) as? [String: Any])
        for field in ["ms_per_image", "gflops", "peak_gflops_per_core"] {
            #expect((json[field] as? Double ?? 0) > 0, "\(field) in \(json)")
        }
        #expect(json["precision"] as? String == "f32")
        let quantized = try MartletProcess.run(
            "bench", "Tests/Fixtures/models/quantized_qdq.onnx", "--seconds", "0.05", "--threads", "1")
        #expect(quantized.text.contains("ms an image (int8, "), "\(quantized.text)")
        #expect(json["batches"] == nil && json["image"] == nil && json["fork_join_us"] == nil)
    }

    @Test func benchTellsWhatSharingALayerCosts() throws {
        let output = try MartletProcess.run(
            "bench", "Tests/Fixtures/models/convolution_valid.onnx", "--seconds", "0.05", "--threads", "2", "--json")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(output.text.utf8)) as? [String: Any])
        #expect((json["fork_join_us"] as? Double ?? 0) > 0, "\(json)")
    }

    @Test func benchTellsWhatAnImageCostsBesideTheNetwork() throws {
        let output = try MartletProcess.run(
            "bench", "efficientnet-lite0", "--image", "Tests/Fixtures/images/chelsea.jpg", "--seconds", "0.05",
            "--json")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(output.text.utf8)) as? [String: Any])
        let image = try #require(json["image"] as? [String: Any])
        let prepare = try #require(image["prepare_ms"] as? Double)
        let total = try #require(image["total_ms"] as? Double)
        #expect(prepare > 0 && total > prepare, "\(image)")
        for field in ["images_per_second", "images_per_second_bound"] {
            #expect((image[field] as? Double ?? 0) > 0, "\(image)")
        }
        let batches = try #require(json["batches"] as? [String: Any])
        let sizes = try #require(batches["sizes"] as? [[String: Double]])
        #expect(sizes.map { $0["images"] } == [1, 2, 4, 8, 16, 32])
        #expect(sizes.allSatisfy { $0["ms"] ?? 0 > 0 }, "\(sizes)")
        #expect((batches["ms_per_image"] as? Double ?? -1) >= 0, "\(batches)")
    }

    @Test func benchQuantisesANetworkToMeasureIt() throws {
        let output = try MartletProcess.run(
            "bench", "efficientnet-lite0", "--precision", "int8", "--seconds", "0.05", "--json")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(output.text.utf8)) as? [String: Any])
        let layers = try #require(json["layers"] as? [[String: Any]])
        let integers = layers.count { ($0["kernel"] as? String)?.hasPrefix("i8_") == true }
        #expect(integers == 50, "49 convolutions and a dense layer: \(layers)")
    }

    @Test func benchNamesAnImageThatItCannotRead() throws {
        let output = try MartletProcess.run("bench", "efficientnet-lite0", "--image", "nothing.jpg")
        #expect(output.status != 0)
        #expect(output.errors.contains("nothing.jpg"), "\(output.errors)")
    }

    @Test(arguments: [
        (["convert", "efficientnet-lite0", "out", "--head", "head.safetensors"], "should end in .onnx"),
        (["convert", "efficientnet-lite0", "/proc/folder"], "'/proc/folder' cannot be written"),
        (["convert", "efficientnet-lite0", "/nonexistent/out.onnx"], "'/nonexistent/out.onnx' cannot be written"),
        (["convert", "efficientnet-lite0", "out.onnx", "--layer", "stem"], "there is no --head"),
        (["convert", "efficientnet-lite0", "out.onnx", "--head", "/nonexistent"], "/nonexistent: cannot open"),
        (["inspect", "nothing.onnx"], "nothing.onnx"), (["serve", "--port", "70000"], "70000"),
        (["classify", "x.jpg", "--precision", "int8"], "'martlet quantize'"),
        (["quantize", "m", "o", "--images", "i", "--precision", "bf16"], "expected no --precision, found bf16"),
        (["bench", "efficientnet-lite0", "--precision", "int8", "--image", "x.jpg"], "needs no --precision int8"),
        (
            ["serve", "--max-body-size", "600"],
            "--max-buffered must be from --max-body-size (600) to 1073741824 megabytes, found 512"
        ),
        (["serve", "--max-connections", "0"], "--max-connections must be from 1 to 1000000, found 0"),
        (["serve", "--drain-delay=-1"], "--drain-delay must be from 0 to 3600 seconds, found -1.0"),
        (["serve", "--models", "/nonexistent"], "/nonexistent"), (["classify", "x.jpg", "--isa", "mmx"], "mmx"),
        (["inspect", "Tests/Fixtures/pytorch/state_dict.pth"], "\"architecture\":\"resnet50\""),
        (["inspect", "Tests/Fixtures/models/bad_unknown_operator.onnx"], "GridSample"),
        (
            ["run", "efficientnet-lite0", "--input", "Tests/Fixtures/models/array.npy", "--output", "y.npy"],
            "[3, 2, 2]"
        ),
        (["inspect", "Tests/Fixtures/models"], "'martlet convert Tests/Fixtures/models/average_pool"),
    ])
    func mistakesAreNamedAndEndWithAnError(_ arguments: [String], _ word: String) throws {
        let (process, _, errors) = try MartletProcess.start(arguments)
        let message = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus != 0)
        #expect(message.contains(word), "\(message)")
    }

    /// Foundation's own words say neither what was found nor what was expected.
    @Test func whatTheSystemRefusesIsToldInItsWords() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder.appending(path: "m"), withIntermediateDirectories: true)
        let (keys, model) = (folder.appending(path: "keys.json").path, folder.appending(path: "m/config.json").path)
        let number = folder.appending(path: "number.json").path
        try #"{"keys": 3}"#.write(toFile: number, atomically: false, encoding: .utf8)
        for path in [keys, model] { try "{".write(toFile: path, atomically: false, encoding: .utf8) }
        for (arguments, message) in [
            (
                ["serve", "--models", keys],
                "Error: cannot read the models' folder '\(keys)': Not a directory (expected '<name>"
            ),
            (["keys", "list", "--keys", number], "found number instead\n"),
            (["keys", "list", "--keys", keys], "'martlet keys' writes it: it is not valid JSON\n"),
            (
                ["inspect", folder.appending(path: "m").path],
                "config.json: JSON: expected a valid value, found the end of the file\n"
            ),
        ] {
            let output = try MartletProcess.run(arguments)
            #expect(output.status == 1)
            #expect(output.errors.contains(message), "\(output.errors)")
        }
    }

    @Test func aLackOfDescriptorsIsCalledThat() throws {
        let store = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID().uuidString)/store.db")
        defer { try? FileManager.default.removeItem(at: store.deletingLastPathComponent()) }
        try FileManager.default.createDirectory(
            at: store.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data().write(to: store)
        // One more until they are enough: the store's files, of which each is once the first to have none.
        var errors: [String] = []
        for limit in 5...100 {
            let output = try MartletProcess.run(["heads", "list", "--store", store.path], limits: "-n \(limit)")
            if output.status == 0 { break }
            errors.append(output.errors)
        }
        #expect(errors.contains { $0.contains("store '\(store.path)': Too many open files") }, "\(errors)")
        #expect(!errors.contains { $0.contains("NSCocoaErrorDomain") }, "\(errors)")
    }

    /// They are no misuse of the command, whose usage would be printed with 64.
    @Test(arguments: [
        (["inspect", "nothing.onnx"], "Error: no model 'nothing.onnx'"),
        (
            ["run", "efficientnet-lite0", "--input", "Tests/Fixtures/models/array.npy", "--output", "y.npy"],
            "Error: 'Tests/Fixtures/models/array.npy' has shape [3, 2, 2]"
        ),
        (["bench", "efficientnet-lite0", "--image", "nothing.jpg"], "Error: nothing.jpg: "),
    ])
    func whatIsNotThereEndsWithOneAndNoUsage(_ arguments: [String], _ message: String) throws {
        let output = try MartletProcess.run(arguments)
        #expect(output.status == 1, "\(output)")
        #expect(output.errors.hasPrefix(message) && !output.errors.contains("Usage:"), "\(output.errors)")
    }
}
