extension Plan {
    /// The time of one layer.
    public struct LayerTiming: Sendable {
        public let layer: Layer
        /// For the whole batch.
        public let milliseconds: Double
    }

    /// Times each layer on `images × H × W × C` floats: the median of `repetitions`, all images one after another, each
    /// layer split between the pool's threads.
    public func profile(input: [Float], images: Int, repetitions: Int = 20) throws(RunError) -> [LayerTiming] {
        _ = try run(input: input, images: images, layers: [outputName])
        // Every step must find its input unchanged, whatever the image: nothing shares memory while profiling.
        let layout = layout(for: Set(steps.filter { !$0.isOptional }.map(\.output)))
        guard layout.fits(images: images) else { throw .tooLarge(images: images, limit: Layout.largestWorkspace) }
        let times = input.withUnsafeBufferPointer { input -> [[Double]] in
            guard let start = input.baseAddress else { return [] }
            return layout.withWorkspace(images: images) { workspace in
                (0..<images).map { start + $0 * counts[0] }.withUnsafeBufferPointer { inputs in
                    guard let inputs = inputs.baseAddress else { return [] }
                    let execution = Execution(
                        plan: self, layout: layout, workspace: workspace, inputs: inputs, images: images, pool: pool)
                    var times = [[Double]](repeating: [], count: steps.count)
                    for repetition in 0..<max(1, repetitions) {
                        for step in steps.indices { times[step].append(0) }
                        execution.timed { step, duration in times[step][repetition] += duration / .milliseconds(1) }
                    }
                    return times
                }
            }
        }
        return zip(steps, times).filter { !$0.0.isOptional }.map { step, times in
            LayerTiming(layer: Layer(layers[step.layers]), milliseconds: times.sorted()[times.count / 2])
        }
    }
}

extension Plan.Layer {
    /// Layers that are computed as one, the last of which has the value; at least one.
    fileprivate init(_ layers: ArraySlice<Plan.Layer>) {
        let last = layers[layers.endIndex - 1]
        self.init(
            name: last.name, operation: layers.map(\.operation).joined(separator: " → "),
            outputShape: last.outputShape, parameters: layers.reduce(0) { $0 + $1.parameters },
            multiplyAdds: layers.reduce(0) { $0 + $1.multiplyAdds }, kernel: last.kernel, value: last.value)
    }
}
