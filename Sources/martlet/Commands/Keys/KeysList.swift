import ArgumentParser
import Foundation
import MartletAPI

struct KeysList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the keys; when they were used is not kept.")

    @OptionGroup var configurationFile: ConfigurationFileOption

    @OptionGroup var keys: KeyOptions

    @OptionGroup var storage: StoreOptions

    func run() throws {
        let file = keys.file(beside: storage.store)
        let all = try file.keys()
        guard !all.isEmpty else {
            return try StandardOutput.write("There are no keys in '\(file.path)': a server lets nobody in.")
        }
        var table = Table(
            header: ["id", "name", "scopes", "rate", "burst", "share", "created", "expires"],
            leftAligned: [0, 1, 2, 6, 7])
        for key in all {
            table.append([
                key.id, key.name.printable, key.scopeNames.joined(separator: ","), key.rate?.description ?? "none",
                (key.burst ?? key.rate?.count).map(String.init) ?? "–", "\(key.share)", key.created.shown,
                key.expires.map { $0.shown + (key.hasExpired() ? " (over)" : "") } ?? "never",
            ])
        }
        try StandardOutput.write(table.text)
    }
}
