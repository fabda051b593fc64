/// How the range that a grid covers follows from what a value was on images. What lies outside is clamped: a smaller range makes
/// finer steps.
public enum CalibrationMethod: String, CaseIterable, Sendable {
    /// All but one number in ten thousand at either end.
    case percentile
    /// The range whose rounding and clamping make the least mean square error.
    case mse
    /// The range of which 256 levels keep the most information about the distribution, by the Kullback-Leibler divergence (Migacz
    /// 2017, "8-bit Inference with TensorRT").
    case entropy
}
