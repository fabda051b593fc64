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

            Where there is an admin listener, what belongs to the scope admin is done there alone. At one on a Unix socket no key is \
            needed: who may open its file may do everything. All others need keys, the other Unix socket too, behind which may be a proxy.
            """,
        subcommands: [KeysAdd.self, KeysList.self, KeysRemove.self], defaultSubcommand: KeysList.self)
}

extension Scope: ExpressibleByArgument {}

extension APIKey {
    /// `infer and teach`.
    var scopeNames: [String] { Scope.allCases.filter(scopes.contains).map(\.rawValue) }
}
