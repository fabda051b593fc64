import Synchronization

/// The files beside a model that hold its large tensors (https://onnx.ai/onnx/repo-docs/ExternalData.html), each read once.
final class ONNXExternalFiles: Sendable {
    private let model: FileContents
    /// Where the model's tensors lie in each.
    private let payloads: [String: [Range<Int>]]
    private let read = Mutex<[String: FileContents]>([:])

    /// - Parameter tensors: those of the model that may be in other files.
    init(of model: FileContents, tensors: [ONNXTensor]) {
        self.model = model
        var payloads: [String: [Range<Int>]] = [:]
        for tensor in tensors where tensor.isExternal {
            guard let (location, offset, length) = try? tensor.externalPlace() else { continue }
            let end = offset.addingReportingOverflow(length ?? Int.max)
            payloads[location, default: []].append(offset..<(end.overflow ? Int.max : end.partialValue))
        }
        self.payloads = payloads
    }

    /// The names and contents of the files that were asked for, by name.
    var all: [(name: String, contents: FileContents)] {
        read.withLock { $0.map { ($0.key, $0.value) } }.sorted { $0.name < $1.name }
    }

    /// Of the files that were asked for, together.
    var byteCount: Int { read.withLock { $0.values.reduce(0) { $0 + $1.count } } }

    /// The SHA-256 of the model's file; where other files belong to it, of the digests of all, one behind the other.
    func sha256() throws(ModelFormatError) -> String {
        var digests = try model.bytes.sha256()
        let files = all
        if files.isEmpty { return digests }
        for file in files { digests += try file.contents.bytes.sha256() }
        return try FileContents(path: model.path, contents: Array(digests.utf8)).bytes.sha256()
    }

    /// - Throws: ``ModelFormatError`` where `name` is not that of a file in the model's folder.
    func bytes(of name: String) throws(ModelFormatError) -> FileBytes {
        if let known = read.withLock({ $0[name] }) { return known.bytes }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard !name.isEmpty, !name.contains("\0"), !parts.contains(where: { ["", ".", ".."].contains($0) }) else {
            throw model.bytes.unsupported(
                "external data", found: name.quoted, supported: "files in the folder of the model")
        }
        let folder = model.path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/")
        let start = model.path.contains("/") ? folder + "/" : ""
        guard !FileReader.isSymbolicLink(start + name) else {
            throw model.bytes.unsupported(
                "external data", found: "\(name.quoted), a symbolic link", supported: "files in the folder of the model"
            )
        }
        let contents = try FileContents(path: start + name) { _ in payloads[name, default: []] }
        read.withLock { $0[name] = contents }
        return contents.bytes
    }
}
