import Testing

/// Records the first difference beyond the reference's rounding bounds.
func expect(
    _ found: [Float], equals reference: Reference.Result, _ what: @autoclosure () -> String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard found.count == reference.values.count else {
        Issue.record(
            "\(what()): \(found.count) elements, not \(reference.values.count)", sourceLocation: sourceLocation)
        return
    }
    reference.values.withUnsafeBufferPointer { values in
        reference.bounds.withUnsafeBufferPointer { bounds in
            found.withUnsafeBufferPointer { found in
                for index in 0..<found.count where !(abs(Double(found[index]) - values[index]) <= bounds[index]) {
                    Issue.record(
                        """
                        \(what()): element \(index) is \(found[index]), not \(values[index]) ± \(bounds[index])
                        """, sourceLocation: sourceLocation)
                    return
                }
            }
        }
    }
}

/// Records the first element whose bits differ.
func expectIdentical(
    _ found: [Float], _ expected: [Float], _ what: @autoclosure () -> String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard found.count == expected.count else {
        Issue.record("\(what()): \(found.count) elements, not \(expected.count)", sourceLocation: sourceLocation)
        return
    }
    guard let index = found.indices.first(where: { found[$0].bitPattern != expected[$0].bitPattern }) else { return }
    Issue.record(
        "\(what()): element \(index) is \(found[index]), not \(expected[index])", sourceLocation: sourceLocation)
}
