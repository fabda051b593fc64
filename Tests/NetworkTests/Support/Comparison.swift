import Testing

/// Records the first element that is further from `expected` than `tolerance` of the largest element.
func expect(
    _ found: [Float], near expected: [Float], within tolerance: Float = 1e-5, _ what: @autoclosure () -> String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard found.count == expected.count else {
        Issue.record("\(what()): \(found.count) elements, not \(expected.count)", sourceLocation: sourceLocation)
        return
    }
    let bound = tolerance * (expected.map(abs).max() ?? 0)
    guard let index = found.indices.first(where: { !(abs(found[$0] - expected[$0]) <= bound) }) else { return }
    Issue.record(
        "\(what()): element \(index) is \(found[index]), not \(expected[index]) ± \(bound)",
        sourceLocation: sourceLocation)
}

/// Records the first element whose bits differ.
func expectIdentical(
    _ found: some Collection<Float>, _ expected: some Collection<Float>, _ what: @autoclosure () -> String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let (found, expected) = (Array(found), Array(expected))
    guard found.count == expected.count else {
        Issue.record("\(what()): \(found.count) elements, not \(expected.count)", sourceLocation: sourceLocation)
        return
    }
    guard let index = found.indices.first(where: { found[$0].bitPattern != expected[$0].bitPattern }) else { return }
    Issue.record(
        "\(what()): element \(index) is \(found[index]), not \(expected[index])", sourceLocation: sourceLocation)
}
