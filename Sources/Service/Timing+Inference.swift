import Inference

extension Timing {
    init(_ result: InferenceResult) {
        self.init(
            decode: result.prepared, queue: result.total - result.prepared - result.computed,
            compute: result.computed, total: result.total)
    }
}
