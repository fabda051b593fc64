import Compute
import Foundation
import Testing

/// The options of `martlet serve` as flags, variables and keys of a file.
struct ConfigurationTests {
    /// Prints what is in effect, without serving.
    private func effective(
        _ arguments: [String] = [], environment: [String: String] = [:], file: String? = nil
    ) throws -> MartletProcess.Output {
        guard let file else {
            return try MartletProcess.run(["serve", "--print-config"] + arguments, environment: environment)
        }
        return try withFile(file) { path in
            try MartletProcess.run(
                ["serve", "--print-config", "--config", path] + arguments, environment: environment)
        }
    }

    private func withFile<Value>(_ text: String, _ body: (String) throws -> Value) throws -> Value {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).yaml").path
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    /// The line of a setting in what was printed.
    private func line(_ key: String, _ output: MartletProcess.Output) throws -> String {
        String(
            try #require(
                output.text.split(separator: "\n").first { $0.hasPrefix("\(key):") }, "\(output.text)\(output.errors)"))
    }

    @Test func aFlagGoesBeforeAVariableThatBeforeTheFileAndThatBeforeTheDefault() throws {
        let file = "drain-delay: 1\nport: 1001\nqueue-capacity: 7\n"
        let environment = ["MARTLET_DRAIN_DELAY": "2", "MARTLET_PORT": "1002"]
        let output = try effective(["--port", "1003"], environment: environment, file: file)
        #expect(output.status == 0, "\(output.errors)")
        #expect(try line("port", output) == "port: 1003  # flag")
        #expect(try line("drain-delay", output) == "drain-delay: 2  # MARTLET_DRAIN_DELAY")
        #expect(
            try line("queue-capacity", output).contains(#/^queue-capacity: 7  # .*\.yaml, line 3, 'queue-capacity'$/#))
        #expect(try line("grace-period", output) == "grace-period: 10  # default")
    }

    @Test func whatIsPrintedIsAFileThatSetsTheSame() throws {
        let odd = "a \"b\": #c\\ 'd' é\u{2028}e\u{85}f"
        let first = try effective(
            ["--exact", "--port=9", "--default-model", odd, "--drain-delay", "0.5", "--store", "x.db"])
        #expect(first.status == 0, "\(first.errors)")
        let second = try effective(environment: ["MARTLET_STORE": ""], file: first.text)
        #expect(second.status == 0, "\(second.errors)")
        let values = [first, second].map { output in
            output.text.split(separator: "\n").map { $0.replacing(#/  # .*/#, with: "") }
        }
        #expect(values[0] == values[1])
        #expect(first.text.contains(#"é\u2028e\u0085f"#))
        #expect(try line("exact", second).hasPrefix("exact: true  # "))
        #expect(second.text.contains("# rate-limit:  # not set"))
    }

    @Test func whatDependsOnTheMachineOrOnOthersIsPrintedAsAComment() throws {
        let output = try effective(["--store", "x/m.db", "--models", "true"], environment: ["MARTLET_THREADS": "3"])
        #expect(output.text.contains("\n# keys: x-keys/keys.json  # default\n"), "\(output.text)")
        #expect(output.text.contains(/\n# isa: [a-z0-9]+  # default\n/), "\(output.text)")
        #expect(output.text.contains("\nthreads: 3  # MARTLET_THREADS\n"))
        #expect(output.text.contains("\nmodels: \"true\"  # flag\n"), "what is no switch is a text")
        #expect(try effective().text.contains(/\n# threads: [1-9][0-9]*  # default\n/))
    }

    @Test func aSwitchThatAVariableTurnsOnAFlagTurnsOff() throws {
        let environment = ["MARTLET_EXACT": "true"]
        #expect(try line("exact", effective(environment: environment)) == "exact: true  # MARTLET_EXACT")
        #expect(try line("exact", effective(["--no-exact"], environment: environment)) == "exact: false  # flag")
    }

    @Test func whatCanBeRepeatedIsAListInTheFileAndSeparatedByCommasInAVariable() throws {
        let file = "tls-certificate: [a.pem, b.pem]\ntls-key:\n- a.key\n- b.key\n"
        let output = try effective(environment: ["MARTLET_TLS_KEY": "c.key, d.key"], file: file)
        #expect(output.status == 0, "\(output.errors)")
        #expect(try line("tls-certificate", output).hasPrefix("tls-certificate: [a.pem, b.pem]  # "))
        #expect(try line("tls-key", output) == "tls-key: [c.key, d.key]  # MARTLET_TLS_KEY")
        let flags = try effective(["--tls-key", "e.key", "--tls-key=f.key"], file: file)
        #expect(try line("tls-key", flags) == "tls-key: [e.key, f.key]  # flag")
    }

    @Test(arguments: [
        ("drain_delay: 5", "line 1: unknown key 'drain_delay'; did you mean 'drain-delay'?"),
        ("\nprot: 5", "line 2: unknown key 'prot'; did you mean 'port'?"),
        ("config: other.yaml", "unknown key 'config'"), ("help: true", "unknown key 'help'"),
        ("zzzzzzzzzz: 5", "unknown key 'zzzzzzzzzz'; 'martlet serve --print-config' prints all keys"),
        ("port: 70000", "line 1, 'port': --port must be from 0 to 65535, found 70000"),
        (
            "port: many",
            "line 1, 'port': The value 'many' is invalid for '--port <port>': expected a whole number from 0 to 65535\n"
        ),
        ("isa: foo", "line 1, 'isa': The value 'foo' is invalid for '--isa <isa>'. Please provide one of 'avx512', "),
        ("host: '[]'", "line 1, 'host': --host must be an address or a name, found '[]'"),
        ("unix-socket: \(longPath(108))", "'unix-socket': --unix-socket must have a path of 1 to 107 bytes and no NUL"),
        ("unix-socket: \"a\\0b\"", "'unix-socket': --unix-socket must have a path of 1 to 107 bytes and no NUL"),
        (
            "unix-socket: \(longPath(103))\nreuse-port: true",
            "--unix-socket must have a path of 1 to 102 bytes with --reuse-port and no NUL, found 103"
        ),
        (
            "admin-listen: unix:\(longPath(108))",
            "--admin-listen must have a path of 1 to 107 bytes and no NUL, found 108"
        ),
        ("admin-listen: localhost", "--admin-listen <address>': expected HOST:PORT, [IPv6]:PORT or unix:PATH\n"),
        ("admin-listen: '::1:9090'", "--admin-listen <address>': expected HOST:PORT, [IPv6]:PORT or unix:PATH\n"),
        ("port: [1, 2]", "line 1, 'port': takes one value, found a list of 2"),
        ("port:", "line 1, 'port': expected a value or a list of values, found nothing"),
        ("port: {a: 1}", "line 1, 'port': expected a value or a list of values, found a mapping"),
        ("exact: maybe", "line 1, 'exact': must be true or false, found 'maybe'"),
        (
            "tls-self-signed: true\ntls-client-auth: required",
            "--tls-client-auth required needs --tls-client-ca, or no client's certificate is asked for"
        ),
        ("tls-certificate: [a, b]\ntls-key: a", "--tls-key must be given once for each --tls-certificate (2), found 1"),
        ("port: 1\nhost: a\nport: 2", ".yaml, line 3: 'port' is there already, in line 1\n"),
        ("port: [1]", "line 1, 'port': takes one value, found a list of 1"),
        ("host: true", "line 1, 'host': is not on or off, found true; as a text it needs quotes"),
        ("- port", "expected 'key: value' on each line"),
        ("port: 'x", "line"),
        ("max-body-size: 600", "'max-body-size': --max-buffered must be from --max-body-size (600)"),
        ("port: \(String(repeating: "[", count: 50_000))", "yaml"),
        ("port: \(String(repeating: " ", count: 65_536))1", "more than 65536 bytes"),
    ]) func aMistakeInTheFileIsAnErrorThatSaysWhere(_ file: String, _ message: String) throws {
        let output = try effective(file: file)
        #expect(output.status == 64, "as for a flag")
        #expect(output.errors.contains(message) && output.errors.contains(".yaml"), "\(output.errors)")
    }

    @Test(arguments: [
        (["MARTLET_PORT": "70000"], "MARTLET_PORT: --port must be from 0 to 65535, found 70000"),
        (["MARTLET_EXACT": "1"], "MARTLET_EXACT: must be true or false, found '1'"),
        (["MARTLET_LOG_LEVEL": "loud"], "MARTLET_LOG_LEVEL: The value 'loud' is invalid for '--log-level"),
        (["MARTLET_CONFIG": "/nonexistent.yaml"], "'/nonexistent.yaml' cannot be read: No such file"),
        (
            ["MARTLET_ADMIN_LISTEN": "9090"],
            "MARTLET_ADMIN_LISTEN: The value '9090' is invalid for '--admin-listen <address>': expected HOST:PORT"
        ),
        (["MARTLET_ISA": "foo"], "MARTLET_ISA: The value 'foo' is invalid for '--isa"),
        (["MARTLET_CONFIG": "/dev/zero"], "'/dev/zero' has more than 65536 bytes"),
    ]) func aMistakeInAVariableIsAnErrorThatNamesIt(_ environment: [String: String], _ message: String) throws {
        let output = try effective(environment: environment)
        #expect(output.status == 64, "as for a flag")
        #expect(output.errors.contains(message), "\(output.errors)")
    }

    private static func longPath(_ bytes: Int) -> String { "/" + String(repeating: "s", count: bytes - 1) }

    @Test(arguments: [
        ("drain-delay", "5s", "a number from 0 to 3600 seconds, such as 5 or 0.5"),
        ("watch-interval", "1s", "a number from 0.1 to 86400 seconds or 0, such as 5 or 0.5"),
        ("max-body-size", "99999999999999999999", "a whole number from 1 to 1048576 megabytes"),
        ("max-buffered", "1G", "a whole number from --max-body-size to 1073741824 megabytes"),
        ("threads", "two", "a whole number from 1 to 256"), ("queue-capacity", "x", "a whole number from 1 to 1048576"),
        ("grace-period", "0.5", "a whole number from 0 to 86400 seconds"),
    ]) func whatIsNoNumberIsToldWhichWasExpectedWhereverItIsFrom(
        _ name: String, _ value: String, _ expected: String
    ) throws {
        for output in [
            try effective(["--\(name)", value]), try effective(["--\(name)=\(value)"]),
            try effective(environment: ["MARTLET_\(name.uppercased().replacing("-", with: "_"))": value]),
            try effective(file: "\(name): \(value)"),
        ] {
            #expect(output.status == 64)
            #expect(
                output.errors.contains("The value '\(value)' is invalid for '--\(name) <")
                    && output.errors.contains("': expected \(expected)\n"), "\(output.errors)")
        }
    }

    /// Each number option, whatever its type: a new one must say its range so that it can be told.
    @Test func everyNumberSaysWhatItTakes() throws {
        let printed = try effective(environment: ["MARTLET_THREADS": "1"]).text
        let numbers = printed.matches(of: /(?m)^([a-z-]+): [0-9.]+  #/).map { String($0.1) }.filter { $0 != "host" }
        #expect(numbers.count > 20, "\(numbers)")
        for name in numbers {
            let output = try effective(file: "\(name): many")
            #expect(output.errors.contains(#/: expected a (whole )?number from .* to /#), "\(output.errors)")
        }
    }

    @Test func anAddressThatIsEmptyIsAMistake() throws {
        let output = try effective(["--host", ""])
        #expect(output.status == 64 && output.errors.contains("--host must be an address or a name, found ''"))
    }

    @Test func everyInstructionSetOfTheKernelsIsAnIsa() throws {
        for name in KernelTable.known + ["neon"] {
            let output = try effective(["--isa", name])
            #expect(output.status == 0, "\(output.errors)")
        }
    }

    @Test func theEnvironmentIsNotBlamedForAMistakeOfTheCommandLine() throws {
        let output = try effective(["--prot", "1"], environment: ["MARTLET_PORT": "9"])
        #expect(output.status == 64 && output.errors.contains("Did you mean '--port'?"), "\(output.errors)")
        #expect(!output.errors.contains("MARTLET_PORT"), "\(output.errors)")
    }

    @Test func helpIsThereWhereTheEnvironmentIsWrong() throws {
        for environment in [["MARTLET_PORT": "x"], ["MARTLET_CONFIG": "/nonexistent.yaml"]] {
            let output = try MartletProcess.run("serve", "--help", environment: environment)
            #expect(output.status == 0 && output.text.contains("--port"), "\(output.errors)")
        }
    }

    @Test func manySynonymsOfOneValueAreReadInNoTime() throws {
        let laughs = (1...30).map {
            "b\($0): &b\($0) [\(Array(repeating: "*b\($0 - 1)", count: 9).joined(separator: ","))]"
        }
        let output = try effective(file: "b0: &b0 lol\n\(laughs.joined(separator: "\n"))\n")
        #expect(output.status == 64 && output.errors.contains("unknown key 'b0'"), "\(output.errors)")
    }

    @Test func variablesThatSetNothingAreWarnedOfAndThoseOfKubernetesAreNot() throws {
        let output = try effective(environment: [
            "MARTLET_DRAIN_DELLAY": "1", "MARTLET_PORT": "tcp://10.0.0.1:80", "MARTLET_SERVICE_HOST": "10.0.0.1",
            "MARTLET_PORT_80_TCP": "tcp://10.0.0.1:80", "MARTLET_HOST": "",
        ])
        #expect(output.status == 0)
        let warnings = output.errors.split(separator: "\n").filter { $0.contains("MARTLET_") }
        #expect(
            warnings == [
                "Warning: the environment variable MARTLET_DRAIN_DELLAY sets nothing; did you mean MARTLET_DRAIN_DELAY?"
            ])
        #expect(try line("port", output) == "port: 8080  # default")
        #expect(try line("host", output) == "host: 127.0.0.1  # default")
    }

    @Test func otherCommandsTakeTheVariablesOfTheOptionsTheyShare() throws {
        let environment = ["MARTLET_MODELS": "/nonexistent", "MARTLET_DRAIN_DELAY": "x"]
        let output = try MartletProcess.run("inspect", "efficientnet-lite0", environment: environment)
        #expect(output.status == 1 && output.errors.contains("'/nonexistent/efficientnet-lite0'"), "\(output.errors)")
        let given = try MartletProcess.run(
            "inspect", "efficientnet-lite0", "--models", "models", environment: environment)
        #expect(given.status == 0, "\(given.errors)")
        let threads = try MartletProcess.run("inspect", "x", environment: ["MARTLET_THREADS": "0"])
        #expect(
            threads.errors.contains("MARTLET_THREADS: --threads must be from 1 to 256, found 0"), "\(threads.errors)")
    }

    @Test func theTableInTheDocumentsIsTheOneOfTheDeclarations() throws {
        let table = try MartletProcess.run("configuration-document").text
        let document = try String(
            contentsOf: MartletProcess.root.appending(path: "docs/configuration.md"), encoding: .utf8)
        #expect(document == table, "'make docs' writes docs/configuration.md anew")
        #expect(table.contains("| `--drain-delay <s>` | `MARTLET_DRAIN_DELAY` | `drain-delay` | `0.0` | "))
    }

    @Test func helpListsTheOptionsBySection() throws {
        let help = try MartletProcess.run("serve", "--help").text
        for section in ["CONFIGURATION:", "LISTENING:", "LIMITS:", "MODELS:", "STORE:"] {
            #expect(help.contains(section))
        }
    }
}
