import Foundation
import GRDB
import Service

extension StoreError {
    /// What an error of SQLite's or GRDB's means for who uses the store.
    init(_ error: any Error, path: String) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError: self.init(error, path: path)
        case is DecodingError: self = .corrupt(path: path, reason: "a record cannot be decoded")
        default: self = .failed("\(error)")
        }
    }

    private init(_ error: DatabaseError, path: String) {
        let reason = error.message ?? error.resultCode.description
        switch error.extendedResultCode {
        // With no space left for the index of the write-ahead log, SQLite speaks of its size.
        case .SQLITE_FULL, .SQLITE_IOERR_SHMSIZE: self = .diskFull
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .corrupt(path: path, reason: reason)
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM: self = .unreadable(path: path, reason: reason)
        case .SQLITE_TOOBIG: self = .tooLarge
        // All that GRDB says of a closed connection.
        case .SQLITE_MISUSE: self = .closed
        default: self = .failed("SQLite: \(error.extendedResultCode): \(reason)")
        }
    }

    /// What the failure of a system call on the file means.
    init(errno code: Int32, path: String) {
        self = code == ENOSPC ? .diskFull : .unreadable(path: path, reason: String(cString: strerror(code)))
    }
}
