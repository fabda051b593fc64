extension FeatureMap {
    /// ``count``, or an error where a kernel's 32-bit offsets do not reach all of one image.
    func addressableCount() throws(ComputeError) -> Int {
        let limit = Int(Int32.max)
        guard let count = product(height, width, channels), count <= limit else {
            throw .tooLarge(what: "a feature map of \(self)", limit: limit)
        }
        return count
    }
}

/// The product of extents, or `nil` where one is negative or the product does not fit an `Int`.
func product(_ extents: Int...) -> Int? {
    var result = 1
    for extent in extents {
        let (product, overflow) = result.multipliedReportingOverflow(by: extent)
        guard extent >= 0, !overflow else { return nil }
        result = product
    }
    return result
}

/// A layer's multiply-adds, or an error where their number does not fit an `Int`: no machine would finish them.
func countMultiplyAdds(_ outputs: Int, _ terms: Int) throws(ComputeError) -> Int {
    guard let count = product(outputs, terms) else { throw .tooLarge(what: "a layer's arithmetic", limit: Int.max) }
    return count
}
