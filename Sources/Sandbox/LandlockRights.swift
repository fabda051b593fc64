/// The rights of Landlock's rules, by the version of the kernel's that knows them
/// (https://docs.kernel.org/userspace-api/landlock.html#kernel-interface).
enum LandlockRights {
    private static let readFile: UInt64 = 1 << 2
    private static let readFolder: UInt64 = 1 << 3
    private static let writeFile: UInt64 = 1 << 1
    private static let removeFile: UInt64 = 1 << 5
    private static let makeFolder: UInt64 = 1 << 7
    private static let makeFile: UInt64 = 1 << 8
    private static let makeSocket: UInt64 = 1 << 9
    private static let truncate: UInt64 = 1 << 14

    static let read = readFile | readFolder
    static let write = read | writeFile | removeFile | makeFolder | makeFile | truncate
    static let sockets = readFolder | removeFile | makeSocket
    static let bind: UInt64 = 1

    /// All that are denied where no rule allows them: in version 1 thirteen, then linking between folders, truncation,
    /// and ioctl of devices.
    static func files(_ version: Int32) -> UInt64 {
        let count: UInt64 =
            switch version {
            case ...1: 13
            case 2: 14
            case 3, 4: 15
            default: 16
            }
        return 1 << count - 1
    }

    /// Binding and connecting TCP sockets.
    static func network(_ version: Int32) -> UInt64 { version >= 4 ? 0b11 : 0 }

    /// Abstract Unix sockets and signals of other processes.
    static func scopes(_ version: Int32) -> UInt64 { version >= 6 ? 0b11 : 0 }
}
