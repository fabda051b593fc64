import Compute
import Testing

@Suite struct PoolingTests {
    @Test("all small windows equal their definition", arguments: 1...7, 1...3)
    func smallWindows(kernel: Int, stride: Int) throws {
        for padding in [0, kernel / 2, kernel - 1] {
            let map = FeatureMap(
                height: kernel + 2, width: kernel + 5, channels: 1 + (kernel * 11 + stride * 17 + padding * 5) % 40)
            try check(map, Window(kernel: kernel, stride: stride, padding: padding))
        }
    }

    @Test("every number of channels from 1 to 40 equals the definition", arguments: 1...40)
    func channels(count: Int) throws {
        try check(FeatureMap(height: 3, width: 4, channels: count), Window(kernel: 3, stride: 2, padding: 1))
    }

    @Test("dilated and lopsided windows equal their definition")
    func lopsided() throws {
        try check(
            FeatureMap(height: 8, width: 9, channels: 5),
            Window(
                kernelHeight: 2, kernelWidth: 3, strideHeight: 2, strideWidth: 1, dilationHeight: 3, dilationWidth: 2,
                padding: EdgeInsets(top: 1, left: 0, bottom: 2, right: 3)))
    }

    @Test("global pooling is the mean of each channel", arguments: tables)
    func global(kernels: KernelTable) throws {
        for map in [(1, 1, 3), (7, 7, 21), (3, 5, 64)].map({ FeatureMap(height: $0, width: $1, channels: $2) }) {
            var random = SeededGenerator(seed: map.channels)
            let input = random.floats(2 * map.count)
            let layer = try GlobalAveragePooling(input: map, kernels: kernels)
            #expect(layer.output == FeatureMap(features: map.channels))
            let found = run(input, outputs: 2 * map.channels) {
                layer.run(input: $0, output: $1, images: 2, pool: nil)
            }
            let window = Window(kernelHeight: map.height, kernelWidth: map.width)
            let first = Reference.pooling(
                .average(countsPadding: false), Array(input.prefix(map.count)), map, window: window)
            let second = Reference.pooling(
                .average(countsPadding: false), Array(input.suffix(map.count)), map, window: window)
            expect(
                found,
                equals: Reference.Result(values: first.values + second.values, bounds: first.bounds + second.bounds),
                "\(kernels.name) \(map)")
        }
    }

    @Test("a window that may lie in the padding altogether is refused")
    func windowInPadding() {
        let map = FeatureMap(height: 4, width: 4, channels: 1)
        let window = Window(kernel: 2, padding: 2)
        #expect(throws: ComputeError.windowInPadding(window: window, map: map)) {
            try MaxPooling(window: window, input: map, kernels: tables[0])
        }
    }

    private func check(_ map: FeatureMap, _ window: Window) throws {
        var random = SeededGenerator(seed: map.count)
        let input = random.floats(map.count)
        for kernels in tables {
            let largest = try MaxPooling(window: window, input: map, kernels: kernels)
            expect(
                run(input, outputs: largest.output.count) {
                    largest.run(input: $0, output: $1, images: 1, pool: nil)
                },
                equals: Reference.pooling(.max, input, map, window: window), "\(kernels.name) max \(map) \(window)")
            for countsPadding in [false, true] {
                let mean = try AveragePooling(
                    window: window, countsPadding: countsPadding, input: map, kernels: kernels)
                expect(
                    run(input, outputs: mean.output.count) {
                        mean.run(input: $0, output: $1, images: 1, pool: nil)
                    },
                    equals: Reference.pooling(
                        .average(countsPadding: countsPadding), input, map, window: window),
                    "\(kernels.name) mean, counts padding \(countsPadding), \(map) \(window)")
            }
        }
    }
}
