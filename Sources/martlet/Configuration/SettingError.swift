/// What is wrong with an option that the environment or a configuration file gives: where it comes from, and what was expected
/// and found. The process ends with ``exitStatus``, as for a flag that is wrong, so that a supervisor does not try again.
struct SettingError: Error, CustomStringConvertible {
    /// `EX_USAGE`, with which ArgumentParser ends too.
    static let exitStatus: Int32 = 64

    let description: String

    init(_ description: String) { self.description = description }
}
