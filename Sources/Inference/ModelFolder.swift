import Foundation
import ModelFormats

/// What lies in a folder of models: `<name>/config.json`, or `<name>/<version>/config.json` with whole numbers for
/// versions. Names that begin with a dot, and folders with neither, are left alone.
struct ModelFolder {
    /// One version of a model, as the file system shows it.
    struct Version: Equatable {
        /// The folder's number; `nil` where the model's folder is itself the only version.
        let number: Int?
        let path: String
        /// Changes whenever a file of the folder does.
        let signature: [String]
    }

    /// By model name; the versions in rising order.
    let models: [String: [Version]]
    /// Folders that hold no config.json.
    let others: [String]
    /// The paths of whole models without one: in the folder itself, or in one of ``others``.
    let looseFiles: [String]

    /// - Throws: ``InferenceError/unreadable(directory:reason:)`` where the folder cannot be listed.
    init(scanning directory: String) throws(InferenceError) {
        var (models, others) = ([String: [Version]](), [String]())
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            // Foundation does not say that it is a file, or that descriptors are lacking.
            let reason = Self.errorNumber(ofListing: directory).map(Self.reason)
            throw .unreadable(directory: directory, reason: reason ?? error.localizedDescription)
        }
        for name in names.sorted() where !name.hasPrefix(".") && Self.isFolder("\(directory)/\(name)") {
            let versions = try Self.versions(in: "\(directory)/\(name)")
            if versions.isEmpty { others.append(name) } else { models[name] = versions }
        }
        (self.models, self.others) = (models, others)
        looseFiles = ([directory] + others.map { "\(directory)/\($0)" }).flatMap(Model.looseFiles)
    }

    private static func versions(in folder: String) throws(InferenceError) -> [Version] {
        if FileManager.default.fileExists(atPath: "\(folder)/config.json") {
            return [Version(number: nil, path: folder, signature: signature(of: folder))]
        }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            // What passes, as a lack of descriptors, must not look like a change of the model.
            if let number = errorNumber(ofListing: folder), number == EMFILE || number == ENFILE {
                throw .unreadable(directory: folder, reason: String(cString: strerror(number)))
            }
            // Nobody knows what is in it; not nothing, or nobody would hear of it.
            return [Version(number: nil, path: folder, signature: signature(of: folder))]
        }
        let versions = names.compactMap { name -> Version? in
            let path = "\(folder)/\(name)"
            guard let number = Int(name), number >= 0, String(number) == name, isFolder(path) else { return nil }
            return Version(number: number, path: path, signature: signature(of: path))
        }
        // Beside a version that has one, a folder without is a broken version, which is said of it.
        guard versions.contains(where: { FileManager.default.fileExists(atPath: "\($0.path)/config.json") }) else {
            return []
        }
        return versions.sorted { ($0.number ?? 0) < ($1.number ?? 0) }
    }

    /// Why a version's folder cannot be listed; `nil` where it can.
    static func failure(ofListing path: String) -> String? {
        guard let number = errorNumber(ofListing: path) else { return nil }
        let reason = String(cString: strerror(number))
        let folders = [path, (path as NSString).deletingLastPathComponent]
        // What a link leads to from now on is not what a sandbox was told at start that it leads to.
        let isLink = folders.contains { (try? FileManager.default.destinationOfSymbolicLink(atPath: $0)) != nil }
        return isLink
            ? "\(reason); a server in its sandbox follows links as they were when it started: restart it" : reason
    }

    private static func errorNumber(ofListing path: String) -> Int32? {
        guard let folder = opendir(path) else { return errno }
        closedir(folder)
        return nil
    }

    /// Each file's name, size, time of change and inode. Of a folder that cannot be listed not nothing, which stands for one that
    /// is gone.
    private static func signature(of folder: String) -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return ["unreadable"] }
        return names.sorted().map { name in
            var status = stat()
            guard stat("\(folder)/\(name)", &status) == 0 else { return name }
            return "\(name) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_ino)"
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    private static func reason(_ number: Int32) -> String {
        let isNoFolder = [ENOENT, ENOTDIR].contains(number)
        return String(cString: strerror(number))
            + (isNoFolder ? " (expected '<name>/config.json' or '<name>/<version>/config.json' in it)" : "")
    }
}
