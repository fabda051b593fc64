import Compute

extension Operation {
    /// Whether it is a layer with weights that a plan computes with integers where they and what it reads are on grids.
    var hasIntegerKernel: Bool {
        switch self {
        case .dense(let layer): QuantizedDenseLayer.canSum(layer.weights)
        case .convolution(let layer):
            QuantizedDenseLayer.canSum(layer.weights)
                && (layer.groups == 1
                    || layer.weights.shape[0] == layer.groups && layer.weights.shape[1] == 1 && !layer.addsResidual
                        && QuantizedDepthwiseConvolution.supports(layer.window))
        default: false
        }
    }
}
