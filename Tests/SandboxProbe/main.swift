import Foundation
import Sandbox

// Enters a sandbox whose folders are the first three arguments, starting or serving by the fourth, tries one thing, and says
// how that went.

let (readable, writable) = (CommandLine.arguments[1], CommandLine.arguments[2])
let (socketFolder, phase, attempt) = (CommandLine.arguments[3], CommandLine.arguments[4], CommandLine.arguments[5])
// What cannot be opened, or is no file, is skipped.
let sandbox = Sandbox(
    readable: [readable, "\(readable)/loop", "\(readable)/pipe", "/nonexistent"], writable: [writable],
    socketFolders: [socketFolder, "\(readable)/file"], ports: [0])
var restrictions = sandbox.enter()
// Opened as long as it may.
let unixSocket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
let unixDatagrams = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
let stream = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
let datagrams = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
let supervised = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
let supervisor = SocketAddress(path: "\(readable)/datagrams")
_ = supervisor.withPointer { connect(supervised, $0, $1) }
if phase == "serving" { restrictions.append(Sandbox.endSetup()) }

/// The error's number, or 0.
func outcome(_ result: Int32) -> Int32 { result < 0 ? errno : 0 }

func write(_ path: String) -> Int32 { outcome(open(path, O_WRONLY | O_CREAT, 0o600)) }

func call(_ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, port: UInt16) -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    return SocketAddress(port: port).withPointer { outcome(function(descriptor, $0, $1)) }
}

/// Sends where nobody has connected to; `flags` may ask for the connection. In two system calls.
func send(_ descriptor: Int32, to address: SocketAddress, flags: Int = 0, asMessage: Bool = false) -> Int32 {
    var byte: UInt8 = 0
    return address.withPointer { address, length in
        guard asMessage else { return outcome(Int32(sendto(descriptor, &byte, 1, Int32(flags), address, length))) }
        return withUnsafeMutablePointer(to: &byte) { byte in
            var part = iovec(iov_base: byte, iov_len: 1)
            return withUnsafeMutablePointer(to: &part) { part in
                var message = msghdr()
                (message.msg_name, message.msg_namelen) = (UnsafeMutableRawPointer(mutating: address), length)
                (message.msg_iov, message.msg_iovlen) = (part, 1)
                return outcome(Int32(sendmsg(descriptor, &message, Int32(flags))))
            }
        }
    }
}

/// A function of the C library that Glibc's module does not export.
func function<Function>(_ name: String, as type: Function.Type) throws -> Function {
    guard let symbol = dlsym(nil, name) else { throw CocoaError(.featureUnsupported) }
    return unsafeBitCast(symbol, to: type)
}

func limits(of process: pid_t) throws -> Int32 {
    typealias Limits = @convention(c) (pid_t, Int32, UnsafeRawPointer?, UnsafeMutableRawPointer?) -> Int32
    var limit = rlimit()
    return outcome(try function("prlimit", as: Limits.self)(process, 7, nil, &limit))
}

/// To all that are there.
func setProcessors(of process: pid_t) throws -> Int32 {
    typealias SetAffinity = @convention(c) (pid_t, Int, UnsafeRawPointer) -> Int32
    let all = [UInt64](repeating: .max, count: 16)
    return outcome(try function("sched_setaffinity", as: SetAffinity.self)(process, 128, all))
}

/// To what this process has.
func setPriority(of who: Int32, _ kind: __priority_which) -> Int32 {
    let priority = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
    return outcome(setpriority(__priority_which_t(kind.rawValue), UInt32(bitPattern: who), priority))
}

func setScheduling(of process: pid_t) -> Int32 {
    var parameters = sched_param()
    return outcome(sched_setscheduler(process, SCHED_OTHER, &parameters))
}

switch attempt {
case "restrictions": print(restrictions.map(\.description).joined(separator: ", "))
case "read": print(outcome(open("\(readable)/file", O_RDONLY)))
case "write beside the models": print(write("\(readable)/new"))
case "overwrite a model": print(outcome(open("\(readable)/file", O_WRONLY)))
case "delete a model": print(outcome(unlink("\(readable)/file")))
case "write to the store": print(write("\(writable)/new"))
case "rename in the store": print(outcome(rename("\(writable)/file", "\(writable)/other")))
case "lock the folder of sockets": print(outcome(flock(open(socketFolder, O_RDONLY | O_DIRECTORY), LOCK_EX)))
case "read beside the sockets": print(outcome(open("\(socketFolder)/file", O_RDONLY)))
case "write beside the sockets": print(write("\(socketFolder)/new"))
case "read elsewhere": print(outcome(open("/etc/shadow", O_RDONLY)))
case "write elsewhere": print(write("/tmp/\(UUID().uuidString)"))
case "listen on a free port": print(call(bind, port: 0))
case "listen on another port": print(call(bind, port: 24_099))
case "connect": print(call(connect, port: 24_098))
case "signal another process": print(outcome(kill(getppid(), 0)))
case "see another's limits": print(try limits(of: getppid()))
case "see its own limits": print(try limits(of: 0))
case "a packet socket": print(outcome(socket(AF_PACKET, Int32(SOCK_RAW.rawValue), 0)))
case "a raw socket": print(outcome(socket(AF_INET, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 1)))
case "a multipath socket": print(outcome(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 262 /* IPPROTO_MPTCP */)))
case "a new socket": print(outcome(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)))
case "connect to a Unix socket":
    // That another process listens on.
    print(SocketAddress(path: "\(readable)/socket").withPointer { outcome(connect(unixSocket, $0, $1)) })
case "send a datagram": print(send(datagrams, to: SocketAddress(port: 24_097)))
case "send a datagram to a Unix socket": print(send(unixDatagrams, to: supervisor))
case "send a message to a Unix socket": print(send(unixDatagrams, to: supervisor, asMessage: true))
case "connect by sending": print(send(stream, to: SocketAddress(port: 24_098), flags: MSG_FASTOPEN))
case "connect by sending a message":
    print(send(stream, to: SocketAddress(port: 24_098), flags: MSG_FASTOPEN, asMessage: true))
case "receive a message":
    var message = msghdr()
    print(outcome(Int32(recvmsg(supervised, &message, Int32(MSG_DONTWAIT)))))
case "tell its supervisor": print(outcome(Int32(Foundation.send(supervised, "x", 1, Int32(MSG_NOSIGNAL)))))
case "run TCP under another protocol": print(outcome(setsockopt(stream, Int32(IPPROTO_TCP), TCP_ULP, "tls", 3)))
case "send another process a file's signals": print(outcome(fcntl(stream, F_SETOWN, getppid())))
case "send another process a socket's signals":
    var process = getppid()
    print(outcome(ioctl(stream, UInt(FIOSETOWN), &process)))
case "choose a file's signal": print(outcome(fcntl(stream, 10 /* F_SETSIG */, SIGKILL)))
case "set another's processors": print(try setProcessors(of: getppid()))
case "set another's priority": print(setPriority(of: getppid(), PRIO_PROCESS))
case "set its group's priority": print(setPriority(of: 0, PRIO_PGRP))
case "set its own priority": print(setPriority(of: 0, PRIO_PROCESS))
case "set another's scheduling": print(setScheduling(of: getppid()))
case "write its memory by its file": print(outcome(open("/proc/self/mem", O_RDWR)))
case "change a mode": print(outcome(chmod("\(writable)/file", 0o600)))
case "change an open file's mode": print(outcome(fchmod(open("\(writable)/file", O_RDWR), 0o600)))
case "let others run a file as this user": print(outcome(fchmod(open("\(writable)/file", O_RDWR), 0o4711)))
case "make a file that others run as this user": print(outcome(open("\(writable)/new", O_RDWR | O_CREAT, 0o4711)))
case "touch": print(outcome(utimensat(AT_FDCWD, "\(readable)/file", nil, 0)))
case "type into a terminal":
    var character: CChar = 10
    // Of the request the kernel reads 32 bits.
    print(outcome(ioctl(0, UInt(TIOCSTI) | 1 << 32, &character)))
case "capabilities":
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    print(status.split(separator: "\n").filter { $0.hasPrefix("Cap") }.joined(separator: " "))
case "a thread":
    let thread = Thread { exit(write("\(readable)/new")) }
    thread.start()
    sleep(60)
case "execute":
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("/bin/true"), nil]
    print(execv("/bin/true", &arguments))
case "start a program":
    var (process, arguments): (pid_t, [UnsafeMutablePointer<CChar>?]) = (0, [strdup("/bin/true"), nil])
    print(posix_spawn(&process, "/bin/true", nil, nil, &arguments, nil))
case "change the user": print(outcome(setuid(getuid())))
default: print("unknown attempt '\(attempt)'")
}
