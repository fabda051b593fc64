import Compute

/// One run of a plan over a batch.
///
/// Each thread takes whole images, with no barrier inside the network, as long as there is one for every thread. What is
/// left over goes one image after another, each layer split between the threads. Layers with large weights take the
/// whole batch at once.
struct Execution {
    private let plan: Plan
    private let layout: Layout
    private let workspace: Workspace
    private let inputs: UnsafePointer<UnsafePointer<Float>>
    private let images: Int
    private let pool: ComputePool?
    private let betweenLayers: () -> Void
    private let allBegun: () -> Void

    /// - Parameters:
    ///   - inputs: where each image's `H × W × C` floats begin.
    ///   - pool: `nil` computes on the calling thread alone.
    ///   - betweenLayers: called before each layer, where there is no pool.
    ///   - allBegun: called, where each thread takes whole images, when none is left to begin with.
    init(
        plan: Plan, layout: Layout, workspace: Workspace, inputs: UnsafePointer<UnsafePointer<Float>>, images: Int,
        pool: ComputePool?, betweenLayers: @escaping () -> Void = {}, allBegun: @escaping () -> Void = {}
    ) {
        self.plan = plan
        self.layout = layout
        self.workspace = workspace
        self.inputs = inputs
        self.images = images
        self.pool = pool
        self.betweenLayers = betweenLayers
        self.allBegun = allBegun
    }

    func callAsFunction() {
        let perImage = plan.steps[..<plan.wholeBatchStart].filter { layout.runs[$0.output - 1] }
        let threads = pool?.threads ?? 1
        let whole = threads > 1 ? images - images % threads : 0
        if whole > 0 {
            pool?.parallelFor(whole, allBegun: whole == images ? allBegun : {}) { image, worker in
                for step in perImage { run(step, image: image, worker: worker, count: 1, pool: nil) }
            }
        }
        for image in whole..<images {
            for step in perImage { run(step, image: image, worker: 0, count: 1, pool: pool) }
        }
        for step in plan.steps[plan.wholeBatchStart...] where layout.runs[step.output - 1] {
            run(step, image: 0, worker: 0, count: images, pool: pool)
        }
    }

    /// Runs step by step as for a single image and reports how long each one took over all images.
    func timed(_ report: (_ step: Int, Duration) -> Void) {
        let clock = ContinuousClock()
        for (index, step) in plan.steps.enumerated() where layout.runs[index] {
            let wholeBatch = index >= plan.wholeBatchStart
            for image in 0..<(wholeBatch ? 1 : images) {
                let duration = clock.measure {
                    run(step, image: image, worker: 0, count: wholeBatch ? images : 1, pool: pool)
                }
                report(index, duration)
            }
        }
    }

    private func run(_ step: Plan.Step, image: Int, worker: Int, count: Int, pool: ComputePool?) {
        let output = address(of: step.output, image: image, worker: worker)
        if self.pool == nil { betweenLayers() }
        let offset = layout.scratchOffsets[step.output - 1]
        step.kernel.run(
            { UnsafePointer(address(of: step.inputs[$0], image: image, worker: worker)) }, to: output,
            hasSecond: step.inputs.count > 1, images: count, pool: pool
        ) {
            // Where one image is split between threads, the arenas of the others are free.
            workspace.arena(pool == nil ? worker : $0) + offset
        }
    }

    private func address(of value: Int, image: Int, worker: Int) -> UnsafeMutablePointer<Float> {
        switch layout.locations[value] {
        case .input: UnsafeMutablePointer(mutating: inputs[image])
        case .arena(let offset): workspace.arena(worker) + offset
        case .kept(let offset): workspace.keptValues + images * offset + image * plan.counts[value]
        }
    }

    /// The value of all images; a map in C, H, W order.
    func result(value: Int, shape: [Int]) -> [Float] {
        let source = UnsafePointer(address(of: value, image: 0, worker: 0))
        let map = FeatureMap(shape)
        guard plan.grids[value] != nil || plan.rounded.contains(value) else {
            return channelsFirst(source, shape: shape)
        }
        let floats = [Float](unsafeUninitializedCapacity: images * map.count) { target, initialized in
            initialized = images * map.count
            guard let start = target.baseAddress else { return }
            if let grid = plan.grids[value] {
                Quantization(map: map, grid: grid, kernels: plan.kernels).dequantize(
                    source, output: start, images: images, pool: nil)
            } else {
                plan.kernels.widen(source, count: images * map.count, into: start)
            }
        }
        return floats.withUnsafeBufferPointer { floats in
            floats.baseAddress.map { channelsFirst($0, shape: shape) } ?? []
        }
    }

    private func channelsFirst(_ source: UnsafePointer<Float>, shape: [Int]) -> [Float] {
        let count = shape.reduce(1, *)
        return [Float](unsafeUninitializedCapacity: images * count) { target, initialized in
            initialized = images * count
            guard let start = target.baseAddress else { return }
            if shape.count == 3, let channelsFirst = try? ChannelsFirst(map: FeatureMap(shape)) {
                channelsFirst.run(input: source, output: start, images: images, pool: nil)
            } else {
                start.initialize(from: source, count: images * count)
            }
        }
    }
}
