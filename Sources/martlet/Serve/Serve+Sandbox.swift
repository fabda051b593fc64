import Foundation
import HTTPServer
import Sandbox

extension Serve {
    /// Gives up what serving does not need, and logs what was given up. Called while there is one thread: Landlock
    /// restricts the thread that asks for it and those that it starts.
    ///
    /// - Throws: `CommandError` where something is not in force that has to be.
    func enterSandbox(listening listeners: [Listener]) throws {
        guard process.sandbox != .off else { return }
        let keys = access.keyOptions.file(beside: storage.store).path
        // Only now they may be made, and a folder that is missing could not be read later. The first key may come at any time.
        try? FileManager.default.createDirectory(
            at: URL(filePath: storage.store).deletingLastPathComponent(), withIntermediateDirectories: true)
        if access.keyOptions.keys == nil {
            try? FileManager.default.createDirectory(
                at: URL(filePath: keys).deletingLastPathComponent(), withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        }
        let sandbox = Sandbox(
            readable: modelFolders + ([keys] + tls.files).flatMap(Self.folders),
            // Where the file is a link, the store lies in the folder of what it leads to.
            writable: Self.folders(of: storage.store),
            socketFolders: try listeners.compactMap { listener in
                guard case .unix(let path) = listener.endpoint else { return nil }
                let folder = URL(filePath: path).deletingLastPathComponent().path
                try checkForOthers(folder)
                return folder
            },
            ports: listeners.compactMap { listener in
                guard case .tcp(_, let port) = listener.endpoint else { return nil }
                return UInt16(exactly: port)
            })
        let restrictions = sandbox.enter()
        let isWritable = { (folder: String) in sandbox.writable.contains { "\(folder)/".hasPrefix("\($0)/") } }
        for (what, path, folders) in [
            ("keys", keys, Self.folders(of: keys)), ("models", models.models, modelFolders),
        ] where folders.contains(where: isWritable) {
            process.logger.warning(
                "sandbox: the server can write the \(what), for '\(path)' lies in the store's folder")
        }
        try report(restrictions)
    }

    /// What may make and remove a socket's file may remove what else lies in its folder.
    private func checkForOthers(_ folder: String) throws {
        // A folder that is not there is an error that says so when the socket is made.
        let content = try? FileManager.default.contentsOfDirectory(
            at: URL(filePath: folder).resolvingSymlinksInPath(), includingPropertiesForKeys: nil)
        let isSocket = { (url: URL) in
            (try? FileManager.default.attributesOfItem(atPath: url.path))?[.type] as? FileAttributeType == .typeSocket
        }
        guard let other = content?.first(where: { !isSocket($0) }), !Self.folders(of: storage.store).contains(folder)
        else { return }
        throw CommandError(
            """
            a Unix socket must have a folder for itself, for the server in its sandbox can delete what lies there; \
            '\(folder)' has '\(other.lastPathComponent)' too
            """)
    }

    /// Gives up what was needed to listen.
    func endSetup() throws {
        guard process.sandbox != .off else { return }
        try report([Sandbox.endSetup()])
    }

    private func report(_ restrictions: [Restriction]) throws {
        let (text, logger) = (restrictions.map(\.description).joined(separator: ", "), process.logger)
        guard restrictions.contains(where: { $0.reason != nil }) else { return logger.info("sandbox: \(text)") }
        guard process.sandbox != .required else {
            throw CommandError("--sandbox=required, but what is in force is: \(text)")
        }
        logger.warning("sandbox: \(text)")
    }

    /// The folder of a file that is replaced when it changes; where it is a link, also that of what it leads to.
    private static func folders(of file: String) -> [String] {
        let url = URL(filePath: file)
        return [url, url.resolvingSymlinksInPath()].map { $0.deletingLastPathComponent().path }
    }

    /// The folder of models, and what symbolic links in it lead to: those of models, of their versions, and of files in
    /// either, also in folders that are links.
    private var modelFolders: [String] {
        let folder = URL(filePath: models.models)
        return [folder, folder.resolvingSymlinksInPath()].map(\.path)
            + Self.targets(ofLinksIn: URL(filePath: models.models), depth: 3)
    }

    private static func targets(ofLinksIn folder: URL, depth: Int) -> [String] {
        guard depth > 0 else { return [] }
        // Where it is none, or cannot be read, there is nothing to follow.
        let content = try? FileManager.default.contentsOfDirectory(
            at: folder.resolvingSymlinksInPath(), includingPropertiesForKeys: [.isSymbolicLinkKey])
        return (content ?? []).flatMap { url in
            let isLink = (try? url.resourceValues(forKeys: [.isSymbolicLinkKey]))?.isSymbolicLink == true
            return (isLink ? [url.resolvingSymlinksInPath().path] : []) + targets(ofLinksIn: url, depth: depth - 1)
        }
    }
}
