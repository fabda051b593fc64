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
        // Its folder may be made only now.
        let storeFolder = URL(filePath: storage.store).deletingLastPathComponent()
        try? FileManager.default.createDirectory(at: storeFolder, withIntermediateDirectories: true)
        let sandbox = Sandbox(
            readable: modelFolders + replaceable([access.keyOptions.file(beside: storage.store).path] + tls.files),
            // Where the file is a link, the store lies in the folder of what it leads to.
            writable: [
                storeFolder.path,
                URL(filePath: storage.store).resolvingSymlinksInPath().deletingLastPathComponent().path,
            ],
            socketFolders: listeners.compactMap { listener in
                guard case .unix(let path) = listener.endpoint else { return nil }
                return URL(filePath: path).deletingLastPathComponent().path
            },
            ports: listeners.compactMap { listener in
                guard case .tcp(_, let port) = listener.endpoint else { return nil }
                return UInt16(exactly: port)
            })
        try report(sandbox.enter())
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

    /// The folders of files that are replaced when they change; where one is a link, also that of what it leads to.
    private func replaceable(_ files: [String]) -> [String] {
        files.map { URL(filePath: $0) }.flatMap { [$0, $0.resolvingSymlinksInPath()] }
            .map { $0.deletingLastPathComponent().path }
    }

    /// The folder of models, and what symbolic links in it lead to: those of models, of their versions, and of files in
    /// either, also in folders that are links.
    private var modelFolders: [String] {
        [models.models] + Self.targets(ofLinksIn: URL(filePath: models.models), depth: 3)
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
