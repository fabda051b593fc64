import ArgumentParser
import Foundation
import MartletAPI

struct KeysAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Make a key and print it: this once, for only its digest is kept.")

    @Argument(help: ArgumentHelp("Whose key it is.", valueName: "name"))
    var name: String

    @Option(help: ArgumentHelp("What it may do: infer, teach or admin; once for each.", valueName: "scope"))
    var scope: [Scope] = []

    @Option(
        help: ArgumentHelp(
            "Requests it may send, as 10/s, 600/m or 5000/h. Default: no limit.", valueName: "rate"),
        transform: Rate.argument)
    var rate: Rate?

    @Option(help: ArgumentHelp("Requests that may come at once. Default: as many as --rate counts.", valueName: "n"))
    var burst: Int?

    @Option(help: ArgumentHelp("Its turns in a full queue for one of a client with share 1.", valueName: "n"))
    var share = 1

    @Option(
        help: ArgumentHelp("How long it is valid, as 12h or 90d. Default: until it is removed.", valueName: "time"),
        transform: KeyLifetime.init)
    var expires: KeyLifetime?

    @Flag(name: .shortAndLong, help: "Print the key and nothing else.")
    var quiet = false

    @OptionGroup var configurationFile: ConfigurationFileOption

    @OptionGroup var keys: KeyOptions

    @OptionGroup var storage: StoreOptions

    func validate() throws {
        guard !scope.isEmpty else {
            throw ValidationError(
                "a key without a scope may do nothing; add --scope infer, --scope teach or --scope admin")
        }
        guard (1...100).contains(name.utf8.count), name.unicodeScalars.allSatisfy({ !$0.properties.isControl }) else {
            throw ValidationError("a key's name must have 1 to 100 bytes and no control characters, found '\(name)'")
        }
        guard (1...APIKey.largestShare).contains(share) else {
            throw ValidationError("--share must be from 1 to \(APIKey.largestShare), found \(share)")
        }
        if let burst {
            guard rate != nil else { throw ValidationError("--burst belongs to a --rate") }
            guard (1...Rate.largestCount).contains(burst) else {
                throw ValidationError("--burst must be from 1 to \(Rate.largestCount), found \(burst)")
            }
        }
    }

    func run() throws {
        var grant = APIKey.Grant(name: name, scopes: Set(scope))
        (grant.rate, grant.burst, grant.share) = (rate, burst, share)
        grant.expires = expires.map { Date.now + $0.seconds }
        let file = keys.file(beside: storage.store)
        let key = try file.add(grant)
        guard !quiet else { return try StandardOutput.write(key.text) }
        try StandardOutput.write(
            """
            Key '\(name)' (id \(key.id)), kept in \(file.path) as a digest only: this is the one time that it is shown.

              \(key.text)

            Try it:
              curl -H 'Authorization: Bearer \(key.text)' \(target)
            (a server at its default address; else, put in its own)
            """)
    }

    /// Something that the key may ask for.
    private var target: String {
        "localhost:8080" + (scope.contains(.infer) ? "/models" : scope.contains(.teach) ? "/datasets" : "/metrics")
    }
}

/// `12h`, `90d`.
struct KeyLifetime {
    let seconds: TimeInterval

    /// Ten years.
    private static let longest = 3650

    init(_ text: String) throws {
        let hours = text.last == "h" ? 1 : 24
        // Int also takes a plus sign.
        guard "hd".contains(text.suffix(1)), text.first != "+", let count = Int(text.dropLast()), count > 0,
            count <= Self.longest * 24, count * hours <= Self.longest * 24
        else { throw ValidationError("expected hours or days, at most \(Self.longest)d, such as 12h or 90d") }
        seconds = TimeInterval(count * hours * 3600)
    }
}

extension Unicode.Scalar.Properties {
    fileprivate var isControl: Bool { generalCategory == .control || generalCategory == .format }
}
