import Compute

/// Layers as direct loops in double precision, from their definitions: nothing in common with the kernels.
/// Each also gives, for every output, a bound of what float32 rounding may change.
enum Reference {
    struct Result {
        var values: [Double] = []
        var bounds: [Double] = []

        /// `sum` came from `terms` products whose absolute values add up to `magnitude`.
        mutating func append(_ sum: Double, magnitude: Double, terms: Int) {
            values.append(sum)
            bounds.append(Double(terms + 2) * Double(Float.ulpOfOne) * magnitude + 1e-30)
        }
    }

    /// Weights `[outputs, channels / groups, kernel height, kernel width]`, maps H, W, C.
    static func convolution(
        _ input: [Float], _ map: FeatureMap, weights: [Float], outputs: Int, groups: Int = 1, bias: [Float]?,
        residual: [Float]?, window: Window, activation: Activation
    ) -> Result {
        var result = Result()
        guard let size = window.outputSize(height: map.height, width: map.width) else { return result }
        let groupChannels = map.channels / groups
        let taps = window.kernelHeight * window.kernelWidth
        input.withUnsafeBufferPointer { input in
            weights.withUnsafeBufferPointer { weights in
                for position in 0..<size.height * size.width {
                    let (y, x) = position.quotientAndRemainder(dividingBy: size.width)
                    for output in 0..<outputs {
                        let firstChannel = output / (outputs / groups) * groupChannels
                        var sum = Double(bias?[output] ?? 0)
                        var magnitude = abs(sum)
                        for tapY in 0..<window.kernelHeight {
                            let row = y * window.strideHeight - window.padding.top + tapY * window.dilationHeight
                            if row < 0 || row >= map.height { continue }
                            for tapX in 0..<window.kernelWidth {
                                let column = x * window.strideWidth - window.padding.left + tapX * window.dilationWidth
                                if column < 0 || column >= map.width { continue }
                                let pixel = (row * map.width + column) * map.channels + firstChannel
                                let filter = output * groupChannels * taps + tapY * window.kernelWidth + tapX
                                for channel in 0..<groupChannels {
                                    let term = Double(input[pixel + channel]) * Double(weights[filter + channel * taps])
                                    sum += term
                                    magnitude += abs(term)
                                }
                            }
                        }
                        if let residual {
                            let term = Double(residual[position * outputs + output])
                            sum += term
                            magnitude += abs(term)
                        }
                        let clamped = min(max(sum, Double(activation.bounds.lower)), Double(activation.bounds.upper))
                        result.append(clamped, magnitude: magnitude, terms: groupChannels * taps)
                    }
                }
            }
        }
        return result
    }

    enum Pooling { case max, average(countsPadding: Bool) }

    static func pooling(_ kind: Pooling, _ input: [Float], _ map: FeatureMap, window: Window) -> Result {
        var result = Result()
        guard let size = window.outputSize(height: map.height, width: map.width) else { return result }
        for y in 0..<size.height {
            for x in 0..<size.width {
                for channel in 0..<map.channels {
                    var inside: [Double] = []
                    for tapY in 0..<window.kernelHeight {
                        for tapX in 0..<window.kernelWidth {
                            let row = y * window.strideHeight - window.padding.top + tapY * window.dilationHeight
                            let column = x * window.strideWidth - window.padding.left + tapX * window.dilationWidth
                            guard (0..<map.height).contains(row), (0..<map.width).contains(column) else { continue }
                            inside.append(Double(input[(row * map.width + column) * map.channels + channel]))
                        }
                    }
                    switch kind {
                    case .max:
                        result.append(inside.max() ?? .nan, magnitude: 0, terms: 0)
                    case .average(let countsPadding):
                        let count = countsPadding ? window.kernelHeight * window.kernelWidth : inside.count
                        let magnitude = inside.reduce(0) { $0 + abs($1) } / Double(count)
                        result.append(
                            inside.reduce(0, +) / Double(count), magnitude: magnitude, terms: inside.count)
                    }
                }
            }
        }
        return result
    }
}
