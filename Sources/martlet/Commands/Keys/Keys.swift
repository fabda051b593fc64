import ArgumentParser
import MartletAPI

struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Add, list and remove the keys that a server asks for.",
        discussion: """
            As long as there is no key file a server answers everybody. From the first key on it asks for one: \
            Authorization: Bearer KEY, or X-API-Key: KEY. A running server sees a change within a second. The file has \
            SHA-256 digests of the keys and not the keys.

            Scopes: infer (classify, embed, see models and heads), teach (datasets, fine-tune jobs, change and export heads), \
            admin (load and unload models, read /metrics). None implies another.

            Clients of a Unix socket need no key: who may open its file may do everything. A proxy that lets others in by it must \
            send X-Forwarded-For or Forwarded; what it forwards needs a key. At an admin listener on TCP a key is needed as elsewhere; where there is one, what belongs to the scope \
            admin is done there alone.
            """,
        subcommands: [KeysAdd.self, KeysList.self, KeysRemove.self], defaultSubcommand: KeysList.self)
}

extension Scope: ExpressibleByArgument {}

extension APIKey {
    /// `infer and teach`.
    var scopeNames: [String] { Scope.allCases.filter(scopes.contains).map(\.rawValue) }
}
