import Glibc

/// Why a request got no answer. It is counted and does not end the run.
enum ConnectionLoss: Error, CustomStringConvertible {
    case notConnected(code: Int32)
    /// Not one byte of an answer came.
    case closedBeforeAnswer
    case closedWithinAnswer
    case silent

    var description: String {
        switch self {
        case .notConnected(let code): "not connected: \(String(cString: strerror(code)))"
        case .closedBeforeAnswer: "closed before the answer"
        case .closedWithinAnswer: "closed within the answer"
        case .silent: "no answer within \(Socket.patienceSeconds) s"
        }
    }
}
