import Compute
import Testing

@Suite struct ElementwiseTests {
    @Test("the sum of two maps equals a + b, clamped", arguments: tables)
    func addition(kernels: KernelTable) throws {
        for count in 1...50 {
            var random = SeededGenerator(seed: count)
            let (a, b) = (random.floats(count), random.floats(count))
            let layer = try Addition(
                map: FeatureMap(features: count), activation: .clamp(lower: -0.5, upper: 0.75), kernels: kernels)
            let right = GuardedFloats(b)
            let found = run(a, outputs: count) { layer.run($0, right.pointer, output: $1, images: 1, pool: nil) }
            #expect(found == zip(a, b).map { min(max($0 + $1, -0.5), 0.75) }, "\(kernels.name), \(count) elements")
        }
    }

    @Test("an activation on its own clamps every element", arguments: tables)
    func activation(kernels: KernelTable) throws {
        for count in 1...50 {
            var random = SeededGenerator(seed: count)
            let x = random.floats(count)
            let layer = try ElementwiseActivation(
                map: FeatureMap(features: count), activation: .relu, kernels: kernels)
            let found = run(x, outputs: count) { layer.run(input: $0, output: $1, images: 1, pool: nil) }
            #expect(found == x.map { max($0, 0) }, "\(kernels.name), \(count) elements")
        }
    }

    @Test("a channel's affine map equals x · scale + shift", arguments: tables)
    func affine(kernels: KernelTable) throws {
        for channels in 1...40 {
            let map = FeatureMap(height: 2, width: 2, channels: channels)
            var random = SeededGenerator(seed: channels)
            let (scale, shift, x) = (random.floats(channels), random.floats(channels), random.floats(2 * map.count))
            let layer = try ChannelAffine(
                scale: Tensor(shape: [channels], values: scale), shift: Tensor(shape: [channels], values: shift),
                map: map, activation: .identity, kernels: kernels)
            let found = run(x, outputs: x.count) { layer.run(input: $0, output: $1, images: 2, pool: nil) }
            var reference = Reference.Result()
            for (index, value) in x.enumerated() {
                let (product, term) = (
                    Double(value) * Double(scale[index % channels]), Double(shift[index % channels])
                )
                reference.append(product + term, magnitude: abs(product) + abs(term), terms: 1)
            }
            expect(found, equals: reference, "\(kernels.name), \(channels) channels")
        }
    }

    @Test("padding puts zeros around each image")
    func padding() throws {
        let layer = try ZeroPadding(
            insets: EdgeInsets(top: 1, left: 2, bottom: 0, right: 1),
            input: FeatureMap(height: 1, width: 2, channels: 2))
        #expect(layer.output == FeatureMap(height: 2, width: 5, channels: 2))
        let found = run([1, 2, 3, 4, 5, 6, 7, 8], outputs: 40) {
            layer.run(input: $0, output: $1, images: 2, pool: nil)
        }
        let row = [Float](repeating: 0, count: 10)
        #expect(found == row + [0, 0, 0, 0, 1, 2, 3, 4, 0, 0] + row + [0, 0, 0, 0, 5, 6, 7, 8, 0, 0])
    }

    @Test("negative padding is refused")
    func negativePadding() {
        #expect(throws: ComputeError.self) {
            try ZeroPadding(insets: EdgeInsets(top: -1), input: FeatureMap(height: 4, width: 4, channels: 1))
        }
    }

    @Test("channels come first after the change of order", arguments: [(1, 1, 1), (2, 3, 4), (5, 7, 33), (16, 17, 3)])
    func channelsFirst(height: Int, width: Int, channels: Int) throws {
        let map = FeatureMap(height: height, width: width, channels: channels)
        let input = (0..<2 * map.count).map(Float.init)
        let layer = try ChannelsFirst(map: map)
        let found = run(input, outputs: input.count) { layer.run(input: $0, output: $1, images: 2, pool: nil) }
        var expected: [Float] = []
        for image in 0..<2 {
            for channel in 0..<channels {
                for pixel in 0..<height * width {
                    expected.append(input[image * map.count + pixel * channels + channel])
                }
            }
        }
        #expect(found == expected)
    }
}
