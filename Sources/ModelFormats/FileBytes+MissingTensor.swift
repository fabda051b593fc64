extension FileBytes {
    /// For a tensor that an architecture asks for and the file has not: with the name in the file that is most like it, which
    /// shows where the two go apart (another prefix, another library's names).
    func missingTensor(_ name: String, shape: [Int], among names: some Collection<String>) -> ModelFormatError {
        let parts = name.split(separator: ".")
        func likeness(_ other: String) -> Int {
            zip(parts.reversed(), other.split(separator: ".").reversed()).prefix { $0 == $1 }.count
        }
        // Of names as like it the first, as every run should say the same.
        let nearest = names.min { (-likeness($0), $0) < (-likeness($1), $1) }
        return malformed(
            "tensor \(name.quoted)", expected: "shape \(shape)",
            found: "no tensor of that name, " + (nearest.map { "but \($0.quoted)" } ?? "nor any other"))
    }
}
