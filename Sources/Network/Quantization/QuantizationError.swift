import Compute

/// Why a network cannot be quantised.
public enum QuantizationError: Error, CustomStringConvertible {
    /// A layer rounds, or has weights on a grid.
    case alreadyQuantized(layer: String)
    case noLayers
    case noImages
    /// On an image a layer answers something that is no number.
    case notFinite(layer: String)
    case invalid(reason: String)

    public var description: String {
        switch self {
        case .alreadyQuantized(let layer):
            "the network is quantised already: layer '\(layer)' is on a grid. Quantise the float32 network it came from"
        case .noLayers: "the network has no convolution and no dense layer that could compute with integers"
        case .noImages: "no image has been shown to the network; its values' ranges are unknown"
        case .notFinite(let layer):
            "layer '\(layer)' answers NaN or infinity for one of the images; a grid needs finite numbers"
        case .invalid(let reason): reason
        }
    }
}
