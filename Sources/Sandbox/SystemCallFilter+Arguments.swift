import CSandbox
import Foundation

/// What is let through for some arguments only.
extension SystemCallFilter {
    /// Sockets that reach no further than connect(2), which Landlock and the end of the setup deny.
    mutating func addSockets() {
        // Of each kind the usual protocol: of TCP's alternatives, such as MPTCP, Landlock knows nothing. Netlink the C library
        // asks for this machine's addresses, to sort those of a host.
        for (family, types) in [
            (AF_UNIX, [SOCK_STREAM, SOCK_DGRAM]), (AF_INET, [SOCK_STREAM, SOCK_DGRAM]),
            (AF_INET6, [SOCK_STREAM, SOCK_DGRAM]), (AF_NETLINK, [SOCK_RAW]),
        ] {
            for type in types {
                add("socket", .isAllowed, .is(0, UInt64(family)), .socketType(UInt64(type.rawValue)), .is(2, 0))
            }
        }
        // TCP Fast Open connects a socket by sending, which neither Landlock nor a rule for connect(2) sees. sendmsg(2) has its
        // address in memory, where a filter cannot look; the C library asks for host names by sendmmsg(2).
        for call in ["sendto", "sendmmsg"] {
            add(call, .isAllowed, .lacks(3, UInt64(MSG_FASTOPEN)))
        }
        // Of TCP, IP and IPv6 what servers and the C library's resolver set: no other protocols on top, no groups joined.
        add("setsockopt", .isAllowed, .is(1, UInt64(SOL_SOCKET)))
        for (level, option) in [
            (Int(IPPROTO_TCP), TCP_NODELAY), (Int(IPPROTO_IP), IP_RECVERR), (Int(IPPROTO_IPV6), IPV6_V6ONLY),
            (Int(IPPROTO_IPV6), IPV6_RECVERR),
        ] { add("setsockopt", .isAllowed, .is(1, UInt64(level)), .is(2, UInt64(option))) }
    }

    /// Not among them: to have a descriptor's events signal another process (F_SETOWN, F_SETOWN_EX, F_SETSIG, FIOSETOWN,
    /// SIOCSPGRP), and to type into a terminal (TIOCSTI, TIOCLINUX).
    mutating func addDescriptorRequests() {
        for command in [
            F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW,
        ] { add("fcntl", .isAllowed, .is(1, UInt64(command))) }
        for request in [
            TCGETS, Self.terminalAttributes, TIOCGWINSZ, TIOCOUTQ, FIONREAD, SIOCGIFINDEX, SIOCGIFNAME,
        ] { add("ioctl", .isAllowed, .is(1, UInt64(UInt32(bitPattern: request)))) }
    }

    /// Of other processes neither the limits, nor the priority, nor the end.
    mutating func addProcesses() {
        add("prlimit64", .isAllowed, .is(0, 0))
        // Of the calling thread.
        add("setpriority", .isAllowed, .is(0, UInt64(PRIO_PROCESS.rawValue)), .is(1, 0))
        for call in ["kill", "tgkill"] { add(call, .isAllowed, .is(0, UInt64(getpid()))) }
        for option in Self.processOptions { add("prctl", .isAllowed, .is(0, option)) }
    }

    /// TCGETS2 of asm/ioctls.h, by which newer C libraries ask whether a file is a terminal.
    private static let terminalAttributes = Int32(bitPattern: 0x802C_542A)
    /// PR_SET_NAME, PR_GET_NAME, PR_SET_NO_NEW_PRIVS, and PR_SET_VMA, by which newer C libraries name memory, of linux/prctl.h.
    private static let processOptions: [UInt64] = [15, 16, 38, 0x5356_4D41]
}
