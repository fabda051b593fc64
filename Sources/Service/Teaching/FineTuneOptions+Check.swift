/// An option of a fine-tune job that cannot be followed.
public struct InvalidOption: Error, Equatable, CustomStringConvertible {
    /// Its name on the wire.
    public let name: String
    public let expected: String
    public let found: String

    public init(_ name: String, expected: String, found: String) {
        self.name = name
        self.expected = expected
        self.found = found
    }

    public var description: String { "'\(name)' must be \(expected), found '\(found)'" }
}

extension FineTuneOptions {
    /// Checks the values, and that each one given has an effect: what would be ignored is refused.
    ///
    /// - Throws: ``InvalidOption``, the first that is found.
    public func check() throws(InvalidOption) {
        try checkNames()
        try Self.check(.l2, l2, "a finite number from 0 on") { $0 >= 0 && $0.isFinite }
        try Self.check(.validation, validation, "a number from 0 to 0.9") { 0...0.9 ~= $0 }
        try Self.check(.stepSize, stepSize, "a finite number above 0") { $0 > 0 && $0.isFinite }
        try Self.check(.iterations, iterations, "a whole number from 1 to 100000") { 1...100_000 ~= $0 }
        try Self.check(.hiddenUnits, hiddenUnits, "a whole number from 1 to 4096") { 1...4096 ~= $0 }
        try Self.check(.dropout, dropout, "a number from 0 to less than 1") { 0..<1 ~= $0 }
        try Self.check(.learningRate, learningRate, "a finite number above 0") { $0 > 0 && $0.isFinite }
        try Self.check(.epochs, epochs, "a whole number from 1 to 10000") { 1...10_000 ~= $0 }
        switch type {
        case .logistic:
            try Self.refuse(.hiddenUnits, hiddenUnits, "left out unless 'type' is 'mlp'")
            try Self.refuse(.dropout, dropout, "left out unless 'type' is 'mlp'")
            try Self.refuse(.learningRate, learningRate, "left out unless 'type' is 'mlp'")
            try Self.refuse(.epochs, epochs, "left out unless 'type' is 'mlp'")
        case .mlp:
            try Self.refuse(.iterations, iterations, "left out where 'type' is 'mlp': see 'epochs'")
            try Self.refuse(
                .solver, solver == .lbfgs ? nil : solver.rawValue, "left out where 'type' is 'mlp'")
        }
        if solver != .gradientDescent {
            try Self.refuse(.stepSize, stepSize, "left out unless 'solver' is 'gradient-descent'")
        }
    }

    private func checkNames() throws(InvalidOption) {
        for (key, name) in [(CodingKeys.head, head), (.dataset, dataset)] {
            guard let name, !StoreName.isValid(name) else { continue }
            throw InvalidOption(
                key.rawValue,
                expected: "1 to 64 of the characters A-Z, a-z, 0-9, '.', '_' and '-', the first a letter or digit",
                found: String(name.prefix(80)))
        }
    }

    private static func check<Value>(
        _ key: CodingKeys, _ value: Value?, _ expected: String, _ holds: (Value) -> Bool
    ) throws(InvalidOption) {
        guard let value, !holds(value) else { return }
        throw InvalidOption(key.rawValue, expected: expected, found: "\(value)")
    }

    private static func refuse<Value>(_ key: CodingKeys, _ value: Value?, _ expected: String) throws(InvalidOption) {
        guard let value else { return }
        throw InvalidOption(key.rawValue, expected: expected, found: "\(value)")
    }
}
