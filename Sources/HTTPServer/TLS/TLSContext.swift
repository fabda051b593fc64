import CTLS
import Foundation

/// Certificates, keys and settings of a listener, as loaded: what all its sessions share.
///
/// `@unchecked Sendable`: OpenSSL's contexts may be used by several threads once they are set up.
/// `@safe`: OpenSSL's pointers stay inside.
@safe final class TLSContext: @unchecked Sendable {
    private static let selfSignedDays: Int32 = 30
    private static let maximumFileBytes = 16 << 20

    /// One for each identity. The first chooses among them.
    private var contexts: [OpaquePointer] = unsafe []

    /// - Throws: ``TLSError``, which names the file.
    init(_ configuration: TLSConfiguration) throws(TLSError) {
        guard !configuration.identities.isEmpty else { throw .noCertificate }
        for identity in configuration.identities {
            guard let context = unsafe ctls_context_create() else { throw .failed(Self.reason) }
            unsafe contexts.append(context)
            switch identity {
            case .files(let certificate, let key):
                try unsafe Self.use(try Self.read(certificate), certificate, try Self.read(key), key, in: context)
            case .selfSigned:
                let (certificate, key) = try Self.selfSigned()
                try unsafe Self.use(certificate, "the certificate made at start", key, "its key", in: context)
            }
            try unsafe Self.verifyClients(configuration.clientAuthentication, in: context)
        }
        for index in unsafe contexts.indices.dropFirst() {
            guard unsafe ctls_context_add_name(contexts[0], contexts[index]) else { throw .failed("no memory") }
        }
    }

    /// In the order of the identities.
    var certificates: [ServerCertificate] { unsafe contexts.map { unsafe ServerCertificate($0) } }

    deinit {
        unsafe contexts.forEach { unsafe ctls_context_free($0) }
    }

    /// A session on a connection that has just been accepted; `nil` where there is no memory.
    func session(on descriptor: Int32) -> TLSSession? {
        unsafe ctls_session_create(contexts[0], descriptor).map { unsafe TLSSession($0, context: self) }
    }

    private static func use(
        _ certificate: [UInt8], _ certificateFile: String, _ key: [UInt8], _ keyFile: String, in context: OpaquePointer
    ) throws(TLSError) {
        switch unsafe ctls_context_use_certificate(context, certificate, certificate.count) {
        case ctls_ok: break
        case ctls_expired: throw .expired(file: certificateFile)
        case ctls_not_yet_valid: throw .notYetValid(file: certificateFile)
        default: throw .notCertificates(file: certificateFile, reason: reason)
        }
        switch unsafe ctls_context_use_key(context, key, key.count) {
        case ctls_ok: break
        case ctls_encrypted: throw .encryptedKey(file: keyFile)
        case ctls_mismatch: throw .keyOfAnother(key: keyFile, certificate: certificateFile)
        default: throw .notAKey(file: keyFile, reason: reason)
        }
    }

    private static func verifyClients(
        _ authentication: TLSConfiguration.ClientAuthentication, in context: OpaquePointer
    ) throws(TLSError) {
        let (file, isRequired): (String, Bool)
        switch authentication {
        case .none: return
        case .optional(let authorities): (file, isRequired) = (authorities, false)
        case .required(let authorities): (file, isRequired) = (authorities, true)
        }
        let authorities = try read(file)
        guard unsafe ctls_context_verify_clients(context, authorities, authorities.count, isRequired) == ctls_ok else {
            throw .notCertificates(file: file, reason: reason)
        }
    }

    private static func selfSigned() throws(TLSError) -> (certificate: [UInt8], key: [UInt8]) {
        var names = "DNS:localhost,IP:127.0.0.1,IP:::1"
        let host = ProcessInfo.processInfo.hostName
        let isName = { (byte: UInt8) in byte < 128 && (byte.isTokenByte || byte == UInt8(ascii: ".")) }
        if host != "localhost", !host.isEmpty, host.utf8.allSatisfy(isName) { names += ",DNS:\(host)" }
        var (certificate, key) = ([CChar](repeating: 0, count: 8192), [CChar](repeating: 0, count: 2048))
        guard
            unsafe ctls_make_self_signed(
                names, selfSignedDays, &certificate, certificate.count, &key, key.count)
        else { throw .failed(reason) }
        let bytes = { (text: [CChar]) in text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)) }
        return (bytes(certificate), bytes(key))
    }

    private static func read(_ file: String) throws(TLSError) -> [UInt8] {
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(file: file, reason: SocketError.reason(errno)) }
        defer { close(descriptor) }
        var (bytes, part) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
        while true {
            let count = unsafe Foundation.read(descriptor, &part, part.count)
            guard count >= 0 else { throw .unreadable(file: file, reason: SocketError.reason(errno)) }
            guard count > 0 else { return bytes }
            bytes += part[..<count]
            guard bytes.count <= maximumFileBytes else {
                throw .unreadable(file: file, reason: "it has more than \(maximumFileBytes) bytes")
            }
        }
    }

    /// Of the last failure on this thread.
    static var reason: String {
        var text = [CChar](repeating: 0, count: 256)
        unsafe ctls_error(&text, text.count)
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
