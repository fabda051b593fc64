/// Why a command that was called as its help says could not do what it is for: printed as it is, and the process ends with 1.
/// (ArgumentParser's `ValidationError` is for what is called wrongly: it prints the usage, and ends with 64.)
struct CommandError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
