extension QuantizationGrid {
    /// The same grid with whole numbers from 0 on, as bytes hold them; `nil` where it has more than 256, or is none.
    public var ofBytes: QuantizationGrid? {
        let whole = [zeroPoint, lower, upper].allSatisfy { $0.isFinite && $0.rounded() == $0 }
        guard whole, scale.isNormal, scale > 0, lower <= zeroPoint, zeroPoint <= upper, upper - lower <= 255 else {
            return nil
        }
        return QuantizationGrid(scale: scale, zeroPoint: zeroPoint - lower, lower: 0, upper: upper - lower)
    }

    /// The whole numbers, among those that there are, that a real interval becomes.
    func whole(_ bounds: (lower: Float, upper: Float)) -> (lower: Float, upper: Float) {
        func whole(_ bound: Float) -> Float {
            min(max((bound / scale).rounded(.toNearestOrEven) + zeroPoint, lower), upper)
        }
        return (whole(bounds.lower), whole(bounds.upper))
    }
}

extension FeatureMap {
    /// The floats of memory that one image's numbers take as bytes, with three more that a product may read past the last one.
    public var byteFloats: Int { (count + 6) / 4 }
}
