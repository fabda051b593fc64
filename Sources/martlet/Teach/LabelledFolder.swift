import Foundation

/// A folder of folders: the one that an image lies in is called as its label, as in an archive.
struct LabelledFolder {
    struct File {
        let path: String
        let label: String
        /// From the folder on.
        let name: String
    }

    struct Skipped {
        let name: String
        let reason: String

        fileprivate static func folderLink(_ name: String) -> Skipped {
            Skipped(name: name, reason: "links to folders are not followed")
        }
    }

    let path: String
    /// In the order of their names.
    private(set) var files: [File] = []
    private(set) var skipped: [Skipped] = []

    /// Looks at all files: the first bytes say whether one is an image, whatever it is called. Hidden ones are passed over.
    /// Symbolic links to files are followed, and those to folders are not, as by find and tar: they lead out of the tree or in
    /// circles.
    ///
    /// - Throws: ``LabelledFolderError`` where the folder or one in it cannot be read, or there are no images.
    init(_ path: String) throws(LabelledFolderError) {
        self.path = path
        guard case .folder = FileKind(path) else { throw .noFolder(path: path, FileKind(path)) }
        var hasFolders = false
        for name in try Self.names(in: path) {
            switch FileKind("\(path)/\(name)") {
            case .folder where FileKind.isLink("\(path)/\(name)"): skipped.append(.folderLink(name))
            case .folder:
                hasFolders = true
                try addFolder(name)
            default: skipped.append(Skipped(name: name, reason: "it lies in no label's folder"))
            }
        }
        guard hasFolders else { throw .noLabels(path: path) }
        guard !files.isEmpty else { throw .noImages(path: path) }
    }

    /// How many images each label has.
    var counts: [String: Int] {
        files.reduce(into: [:]) { $0[$1.label, default: 0] += 1 }
    }

    private static func names(in folder: String) throws(LabelledFolderError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted()
        } catch {
            throw .unreadable(path: folder, reason: error.systemReason)
        }
    }

    private mutating func addFolder(_ folder: String) throws(LabelledFolderError) {
        for entry in try Self.names(in: "\(path)/\(folder)") {
            let name = "\(folder)/\(entry)"
            let label = folder.split(separator: "/").last.map(String.init) ?? folder
            switch FileKind("\(path)/\(name)") {
            case .folder where FileKind.isLink("\(path)/\(name)"):
                skipped.append(.folderLink(name))
            case .folder: try addFolder(name)
            case .file:
                do {
                    guard try isImageFile("\(path)/\(name)") else {
                        skipped.append(Skipped(name: name, reason: "it is no JPEG, PNG or WebP image"))
                        continue
                    }
                    files.append(File(path: "\(path)/\(name)", label: label, name: name))
                } catch { skipped.append(Skipped(name: name, reason: "it cannot be read: \(error.systemReason)")) }
            case .other: skipped.append(Skipped(name: name, reason: "it is neither a file nor a folder"))
            case .missing(let reason): skipped.append(Skipped(name: name, reason: "it cannot be read: \(reason)"))
            }
        }
    }
}

/// What lies at a path, behind symbolic links.
enum FileKind {
    case folder, file
    /// A pipe, a socket or a device, which to open may wait for ever.
    case other
    case missing(reason: String)

    init(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            self = .missing(reason: String(cString: strerror(errno)))
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: self = .folder
        case S_IFREG: self = .file
        default: self = .other
        }
    }

    /// Whether a symbolic link lies at the path.
    static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }
}

/// Why a folder gives nothing to learn from.
enum LabelledFolderError: Error, CustomStringConvertible {
    case noFolder(path: String, FileKind)
    case unreadable(path: String, reason: String)
    case noLabels(path: String)
    case noImages(path: String)

    private static let expected =
        "expected a folder of each label with its images: FOLDER/road/1.jpg, FOLDER/mountain/1.jpg"

    var description: String {
        switch self {
        case .noFolder(let path, .missing(let reason)): "'\(path)' cannot be read: \(reason)"
        case .noFolder(let path, _): "'\(path)' is no folder; \(Self.expected)"
        case .unreadable(let path, let reason): "'\(path)' cannot be read: \(reason)"
        case .noLabels(let path): "'\(path)' has no folders (links to such do not count); \(Self.expected)"
        case .noImages(let path): "the folders in '\(path)' hold no JPEG, PNG or WebP image; \(Self.expected)"
        }
    }
}
