/// Makes the names of layers different: `conv`, `conv_2`, `conv_3`.
package struct LayerNames {
    private var taken: Set<String> = []
    /// Where to go on for a name that was taken before: counting from 2 each time would make n²/2 attempts for n layers.
    private var nextNumbers: [String: Int] = [:]

    /// With names that are taken already.
    package init(taken: [String] = []) { self.taken = Set(taken) }

    /// `name`, with the first free number from 2 on where another layer has it.
    package mutating func unique(_ name: String) -> String {
        if taken.insert(name).inserted { return name }
        var number = nextNumbers[name] ?? 2
        while !taken.insert("\(name)_\(number)").inserted { number += 1 }
        nextNumbers[name] = number + 1
        return "\(name)_\(number)"
    }
}
