/// What is wrong with an option: where it comes from if it is no flag, and what was expected and found. The process ends with
/// ``exitStatus``, so that a supervisor does not try again.
struct SettingError: Error, CustomStringConvertible {
    /// `EX_USAGE`, with which ArgumentParser ends too.
    static let exitStatus: Int32 = 64

    let description: String

    init(_ description: String) { self.description = description }
}
