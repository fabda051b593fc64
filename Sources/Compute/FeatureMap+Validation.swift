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
