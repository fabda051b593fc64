import Foundation

/// All images in a folder and in those below it.
struct ImageFolder {
    /// In the order of their names, from the folder on.
    private(set) var names: [String] = []
    /// What could not be looked at, with why.
    private(set) var unreadable: [(name: String, reason: String)] = []
    private let path: String

    /// Looks at all files: the first bytes say whether one is an image. Hidden ones and links to folders are passed over.
    ///
    /// - Throws: ``CommandError`` where there is no such folder.
    init(_ path: String) throws {
        self.path = path
        switch FileKind(path) {
        case .folder: break
        case .missing(let reason): throw CommandError("'\(path)' cannot be read: \(reason)")
        case .file, .other: throw CommandError("'\(path)' is no folder; expected one with JPEG, PNG or WebP images")
        }
        look(into: "")
        names.sort()
    }

    /// Where the image of that name lies.
    func file(_ name: String) -> String { "\(path)/\(name)" }

    private mutating func look(into folder: String) {
        let entries: [String]
        do { entries = try FileManager.default.contentsOfDirectory(atPath: file(folder)) } catch {
            unreadable.append((folder, error.systemReason))
            return
        }
        for entry in entries.sorted() where !entry.hasPrefix(".") {
            let name = folder.isEmpty ? entry : "\(folder)/\(entry)"
            switch FileKind(file(name)) {
            case .folder: if !FileKind.isLink(file(name)) { look(into: name) }
            case .file:
                do { if try isImageFile(file(name)) { names.append(name) } } catch {
                    unreadable.append((name, error.systemReason))
                }
            case .other: break
            case .missing(let reason): unreadable.append((name, reason))
            }
        }
    }
}
