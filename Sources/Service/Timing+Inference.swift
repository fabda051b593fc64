import Inference

extension Timing {
    /// An image that another request sent before may have been prepared, and its batch begun, before this request came:
    /// what was done by then is not of this request's time, so that the parts always add up to the total.
    init(_ result: InferenceResult) {
        let compute = min(result.computed, result.total)
        let decode = min(result.prepared, result.total - compute)
        self.init(
            decode: decode, queue: result.total - compute - decode, compute: compute, total: result.total)
    }
}
