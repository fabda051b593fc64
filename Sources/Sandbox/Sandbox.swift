import CSandbox
import Foundation

/// What a process still may do once it has entered: so that who takes it over by a hole in a decoder or a parser finds
/// little to take.
///
/// Landlock restricts the calling thread and those that it starts: ``enter()`` is called before there are others.
public struct Sandbox: Sendable {
    /// Files, and folders with all beneath, that may be read.
    public var readable: [String]
    /// Folders in which files may also be written, made and deleted.
    public var writable: [String]
    /// Folders that may be listed and locked, and in which sockets may be made and deleted.
    public var socketFolders: [String]
    /// TCP ports that may be listened on; 0 for a free one. None may be connected to.
    public var ports: [UInt16]

    public init(
        readable: [String] = [], writable: [String] = [], socketFolders: [String] = [], ports: [UInt16] = []
    ) {
        (self.readable, self.writable, self.socketFolders, self.ports) = (readable, writable, socketFolders, ports)
    }

    /// Enters the sandbox, or as much of it as the kernel has. There is no way back.
    ///
    /// - Returns: for each part whether it is in force.
    public func enter() -> [Restriction] {
        let privileges = csandbox_no_new_privileges()
        // Without it the kernel lets only root do the rest.
        return [
            Restriction("no new privileges", failure: privileges),
            Restriction("few capabilities", failure: csandbox_keep_capabilities()),
            restrictFiles(), SystemCalls.restrict(),
        ]
    }

    /// Gives up what is needed only until the server listens: for good, and for all threads. From then on no socket can be
    /// opened, and neither a host nor a Unix socket be reached.
    public static func endSetup() -> Restriction { SystemCalls.restrictToServing() }

    private func restrictFiles() -> Restriction {
        let version = csandbox_landlock_version()
        guard version > 0 else { return Restriction("landlock", failure: version) }
        let ruleset = csandbox_landlock_ruleset(
            LandlockRights.files(version), LandlockRights.network(version), LandlockRights.scopes(version))
        guard ruleset >= 0 else { return Restriction("landlock", failure: ruleset) }
        defer { close(ruleset) }
        let files = LandlockRights.files(version)
        for (paths, rights) in [
            (readable + Self.system, LandlockRights.read), (writable, LandlockRights.write),
            (socketFolders, LandlockRights.sockets), (["/dev/null"], LandlockRights.write),
        ] {
            for path in paths {
                let failure = csandbox_landlock_allow_path(ruleset, path, rights & files)
                guard failure == 0 else { return Restriction("landlock", failure: failure) }
            }
        }
        if LandlockRights.network(version) != 0 {
            for port in ports {
                let failure = csandbox_landlock_allow_port(ruleset, port, LandlockRights.bind)
                guard failure == 0 else { return Restriction("landlock", failure: failure) }
            }
        }
        return Restriction("landlock \(version)", failure: csandbox_landlock_enter(ruleset))
    }

    /// What the C library, Foundation and Dispatch read on the way: host names, users, time zones, the machine. Of /proc all,
    /// for Dispatch ends the process where it cannot read its threads' /proc/<thread>/stat; what matters of other
    /// processes there (their environment, memory and files) Landlock denies as it does ptrace(2), to root too.
    private static let system =
        [
            "/usr/lib", "/usr/local/lib", "/lib", "/lib64", "/usr/share/zoneinfo", "/proc", "/sys/fs/cgroup",
            "/sys/devices/system/cpu", "/dev/urandom", "/dev/zero",
        ]
        + [
            "gai.conf", "group", "host.conf", "hosts", "ld.so.cache", "localtime", "nsswitch.conf", "passwd",
            "protocols", "resolv.conf", "services", "ssl/openssl.cnf", "timezone",
        ].map { "/etc/\($0)" }
}

/// A part of the sandbox.
public struct Restriction: Sendable, CustomStringConvertible {
    public let name: String
    /// Why it is not in force.
    public let reason: String?

    init(_ name: String, failure: Int32) {
        self.name = name
        reason = failure < 0 ? String(cString: strerror(-failure)) : nil
    }

    public var description: String { reason.map { "no \(name) (\($0))" } ?? name }
}
