import ArgumentParser

/// Prints docs/configuration.md from the declarations of the options, for `make docs`.
struct ConfigurationDocument: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "configuration-document", abstract: "Print docs/configuration.md.", shouldDisplay: false)

    func run() throws {
        let serve = try CommandDeclaration.program().command(named: ["serve"]).command
        try StandardOutput.write(Self.introduction)
        var section: String?
        for setting in Setting.all(of: serve) {
            if setting.declaration.sectionTitle != section {
                section = setting.declaration.sectionTitle
                try StandardOutput.write(
                    """

                    ## \(section ?? "Others")

                    | flag | environment variable | YAML key | default | meaning |
                    | --- | --- | --- | --- | --- |
                    """)
            }
            try StandardOutput.write(Self.row(setting))
        }
    }

    private static func row(_ setting: Setting) -> String {
        let declaration = setting.declaration
        let flag =
            setting.isSwitch
            ? "`--\(setting.name)`, `--no-\(setting.name)`"
            : "`--\(setting.name) <\(declaration.valueName ?? setting.name)>`\(setting.isRepeating ? " …" : "")"
        let values = declaration.allValues.map { " (\($0.joined(separator: ", ")))" } ?? ""
        let cells = [
            flag, "`\(setting.variable)`", setting.isInFile ? "`\(setting.name)`" : "",
            setting.defaultValue.map { "`\($0)`" } ?? "",
            (declaration.abstract ?? "") + (setting.isSwitch ? "" : values),
        ]
        return "| \(cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ")) |"
    }

    private static let introduction = """
        # Configuration

        <!-- `make docs` writes this file from the options' declarations in Sources/martlet. -->

        Every option of `martlet serve` can be given as a flag, as an environment variable, or as a key of a YAML file. A flag goes \
        before a variable, that before the file, and that before the default. `martlet serve --print-config` prints what is in \
        effect, with where it comes from, as such a file.

            martlet serve --config martlet.yaml --port 9000

        ```yaml
        # martlet.yaml
        host: 0.0.0.0
        drain-delay: 5
        ```

        - No file is read that is not named, by `--config` or `MARTLET_CONFIG`. An unknown key is an error, as is a value of the wrong \
        kind; an unknown variable that begins with `MARTLET_` is a warning.
        - An option that can be repeated (…) is a list in YAML, and separated by commas in the environment. What is given \
        in one place replaces what is given in another. An option that is on or off is `true` or `false`.
        - An empty variable counts as not set. So do those that Kubernetes makes for a service called martlet \
        (`MARTLET_PORT=tcp://…`, `MARTLET_SERVICE_HOST`).
        - A mistake in the environment or the file ends the command with 64, as one in a flag does.
        - Other commands take the variables of the options that they share with `serve`: `MARTLET_MODELS`, `MARTLET_STORE`, \
        and those of computing. `martlet keys` takes the file too, for where the keys are.
        """
}
