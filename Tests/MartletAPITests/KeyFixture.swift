import Foundation
import HTTPTypes
import Logging
import Testing

@testable import MartletAPI

/// A key file in a folder of its own.
final class KeyFixture: Sendable {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-keys-\(UUID().uuidString)")
    let file: KeyFile

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        file = KeyFile(path: folder.appending(path: "keys.json").path)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// A new key of these scopes.
    func key(
        _ scopes: Set<Scope>, name: String = UUID().uuidString, rate: String? = nil, burst: Int? = nil, share: Int = 1,
        expires: Date? = nil
    ) throws -> KeyText {
        var grant = APIKey.Grant(name: name, scopes: scopes)
        grant.rate = try rate.map { try #require(Rate($0)) }
        (grant.burst, grant.share, grant.expires) = (burst, share, expires)
        return try file.add(grant)
    }

    func ring(logger: Logger = .silent) throws -> KeyRing { try KeyRing(file, isRequired: true, logger: logger) }

    /// A server whose clients need these keys.
    func api(_ backend: Backend = .fake) throws -> MartletAPI {
        MartletAPI(backend: backend, access: Access(keys: try ring()), logger: .silent)
    }
}

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

extension HTTPFields {
    /// As a client shows its key.
    static func bearer(_ key: KeyText) -> HTTPFields { [.authorization: "Bearer \(key.text)"] }
}
