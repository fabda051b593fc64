/// The middle of `values` in order; 0 without any.
func median(_ values: [Double]) -> Double { values.isEmpty ? 0 : values.sorted()[values.count / 2] }

/// The median time of `body`, run again and again for `seconds`, three times at least, after a first run that is not
/// counted: it touches all memory.
func medianMilliseconds(for seconds: Double, _ body: () throws -> Void) throws -> Double {
    let clock = ContinuousClock()
    try body()
    var times: [Double] = []
    let end = clock.now + .seconds(seconds)
    while clock.now < end || times.count < 3 {
        times.append(try clock.measure { try body() } / .milliseconds(1))
    }
    return median(times)
}
