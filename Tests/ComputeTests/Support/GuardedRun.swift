/// The `outputs` floats that `layer` writes for `input`, both ending at guard pages.
func run(
    _ input: [Float], outputs: Int, _ layer: (UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
) -> [Float] {
    let input = GuardedFloats(input)
    let output = GuardedFloats(count: outputs)
    output.fill(.nan)
    layer(input.pointer, output.pointer)
    return output.values
}
