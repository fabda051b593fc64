import ArgumentParser

/// The version of a head, as an argument or, as all `heads` commands have it, as an option: without this one `--version` would
/// ask for the program's, and nothing would be done.
struct HeadVersionArguments: ParsableArguments {
    @Argument(help: ArgumentHelp("The head's version, a number.", valueName: "version"))
    var number: Int?

    @Option(name: .customLong("version"), help: ArgumentHelp("The same.", valueName: "n"))
    var option: Int?

    /// For the command's own `validate`: where this one's fails, `--version` is not yet taken and would ask for the program's.
    ///
    /// - Throws: `ValidationError` where it is given twice.
    func version() throws -> Int? {
        guard number == nil || option == nil else {
            throw ValidationError("give the version once: as an argument or as --version")
        }
        return number ?? option
    }
}
