/// Why a listener cannot encrypt as it is configured.
public enum TLSError: Error, Equatable, CustomStringConvertible {
    case noCertificate
    case unreadable(file: String, reason: String)
    case notCertificates(file: String, reason: String)
    case expired(file: String)
    case notYetValid(file: String)
    case notAKey(file: String, reason: String)
    case encryptedKey(file: String)
    case keyOfAnother(key: String, certificate: String)
    case failed(String)

    public var description: String {
        switch self {
        case .noCertificate: "TLS needs at least one certificate"
        case .unreadable(let file, let reason): "cannot read '\(file)': \(reason)"
        case .notCertificates(let file, let reason): "expected certificates in PEM in '\(file)': \(reason)"
        case .expired(let file): "the certificate in '\(file)' has expired; renew it"
        case .notYetValid(let file): "the certificate in '\(file)' is not valid yet; is the clock right?"
        case .notAKey(let file, let reason): "expected a private key in PEM in '\(file)': \(reason)"
        case .encryptedKey(let file):
            "the private key in '\(file)' has a passphrase; remove it (openssl pkey -in … -out …) and guard the file instead"
        case .keyOfAnother(let key, let certificate):
            "the private key in '\(key)' is not that of the certificate in '\(certificate)'"
        case .failed(let reason): "TLS cannot be set up: \(reason)"
        }
    }
}
