import Foundation
import Sandbox

// Enters a sandbox whose folders are the first two arguments, tries one thing, and says how that went.

let (readable, writable, attempt) = (CommandLine.arguments[1], CommandLine.arguments[2], CommandLine.arguments[3])
let sandbox = Sandbox(readable: [readable], writable: [writable], ports: [0])
let restrictions = sandbox.enter()

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
case "a raw socket": print(outcome(socket(AF_PACKET, Int32(SOCK_RAW.rawValue), 0)))
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
