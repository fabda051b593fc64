import Foundation
import HTTPServer
import Sandbox

extension Serve {
    /// Gives up what serving does not need, and logs what was given up. Called while there is one thread: Landlock
    /// restricts the thread that asks for it and those that it starts.
    func enterSandbox(listening listeners: [Listener]) {
        let logger = process.logger
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
        let restrictions = sandbox.enter()
        let text = "sandbox: \(restrictions.map(\.description).joined(separator: ", "))"
        if restrictions.allSatisfy({ $0.reason == nil }) { logger.info("\(text)") } else { logger.warning("\(text)") }
    }

    /// The folders of files that are replaced when they change; where one is a link, also that of what it leads to.
    private func replaceable(_ files: [String]) -> [String] {
        files.map { URL(filePath: $0) }.flatMap { [$0, $0.resolvingSymlinksInPath()] }
            .map { $0.deletingLastPathComponent().path }
    }

    /// The folder of models, and what symbolic links in it and in its models lead to.
    private var modelFolders: [String] {
        let folder = URL(filePath: models.models)
        let models = Self.contents(of: folder)
        let links = (models + models.flatMap(Self.contents)).filter { url in
            (try? url.resourceValues(forKeys: [.isSymbolicLinkKey]))?.isSymbolicLink == true
        }
        return [folder.path] + links.map { $0.resolvingSymlinksInPath().path }
    }

    private static func contents(of folder: URL) -> [URL] {
        (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: [.isSymbolicLinkKey]))
            ?? []
    }
}
