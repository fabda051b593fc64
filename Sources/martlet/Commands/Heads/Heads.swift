import ArgumentParser
import Foundation
import Service

struct Heads: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, promote, delete, export and import the heads of a store, without a server.",
        discussion: """
            'martlet heads' lists all heads, 'martlet heads NAME' the versions of one. Of each head the promoted version \
            answers; to promote an older one takes a newer one back.
            """,
        subcommands: [
            HeadsList.self, HeadsPromote.self, HeadsDelete.self, HeadsExport.self, HeadsImport.self,
        ], defaultSubcommand: HeadsList.self)
}

extension Date {
    /// In local time.
    var shown: String {
        formatted(
            Date.ISO8601FormatStyle(dateTimeSeparator: .space, timeZone: .current).year().month().day()
                .time(includingFractionalSeconds: false))
    }
}
