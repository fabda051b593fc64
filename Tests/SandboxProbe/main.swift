import Foundation
import Sandbox

// Enters a sandbox whose folders are the first two arguments, starting or serving by the third, tries one thing, and says
// how that went.

let (readable, writable) = (CommandLine.arguments[1], CommandLine.arguments[2])
let (phase, attempt) = (CommandLine.arguments[3], CommandLine.arguments[4])
// What cannot be opened, or is no file, is skipped.
let sandbox = Sandbox(
    readable: [readable, "\(readable)/loop", "\(readable)/pipe", "/nonexistent"], writable: [writable],
    socketFolders: ["\(readable)/file"], ports: [0])
var restrictions = sandbox.enter()
// Opened as long as it may.
let unixSocket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
let datagrams = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
if phase == "serving" { restrictions.append(Sandbox.endSetup()) }

/// The error's number, or 0.
func outcome(_ result: Int32) -> Int32 { result < 0 ? errno : 0 }

func write(_ path: String) -> Int32 { outcome(open(path, O_WRONLY | O_CREAT, 0o600)) }

func address(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
}

func call(_ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, port: UInt16) -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = address(port)
    return outcome(
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        })
}

/// Of a Unix socket that another process listens on.
func connectToUnixSocket() -> Int32 {
    let descriptor = unixSocket
    let name = Array("\(readable)/socket".utf8)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    return outcome(
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        })
}

func send() -> Int32 {
    var address = address(24_097)
    return outcome(
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Int32(sendto(datagrams, "x", 1, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size)))
            }
        })
}

/// By prlimit(2), which Glibc's module does not export.
func limits(of process: pid_t) -> Int32 {
    typealias Function =
        @convention(c) (pid_t, Int32, UnsafeRawPointer?, UnsafeMutableRawPointer?) -> Int32
    guard let symbol = dlsym(nil, "prlimit") else { return -1 }
    var limit = rlimit()
    return outcome(unsafeBitCast(symbol, to: Function.self)(process, 7, nil, &limit))
}

switch attempt {
case "restrictions": print(restrictions.map(\.description).joined(separator: ", "))
case "read": print(outcome(open("\(readable)/file", O_RDONLY)))
case "write beside the models": print(write("\(readable)/new"))
case "overwrite a model": print(outcome(open("\(readable)/file", O_WRONLY)))
case "delete a model": print(outcome(unlink("\(readable)/file")))
case "write to the store": print(write("\(writable)/new"))
case "rename in the store": print(outcome(rename("\(writable)/file", "\(writable)/other")))
case "read elsewhere": print(outcome(open("/etc/shadow", O_RDONLY)))
case "write elsewhere": print(write("/tmp/\(UUID().uuidString)"))
case "listen on a free port": print(call(bind, port: 0))
case "listen on another port": print(call(bind, port: 24_099))
case "connect": print(call(connect, port: 24_098))
case "signal another process": print(outcome(kill(getppid(), 0)))
case "see another's limits": print(limits(of: getppid()))
case "see its own limits": print(limits(of: 0))
case "a packet socket": print(outcome(socket(AF_PACKET, Int32(SOCK_RAW.rawValue), 0)))
case "a raw socket": print(outcome(socket(AF_INET, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 1)))
case "a new socket": print(outcome(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)))
case "connect to a Unix socket": print(connectToUnixSocket())
case "send a datagram": print(send())
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
