import ArgumentParser

/// Where the other options may come from.
struct ConfigurationOptions: ParsableArguments {
    @OptionGroup var file: ConfigurationFileOption

    @Flag(help: "Print the options in effect, with where each comes from, as such a file, and do nothing else.")
    var printConfig = false
}

struct ConfigurationFileOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A YAML file of options, each under its flag's name (drain-delay: 5). Flags and variables go before it.",
            valueName: "file"))
    var config: String?
}
