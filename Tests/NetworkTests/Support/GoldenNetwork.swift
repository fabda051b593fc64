import Compute
import Foundation

/// One network of `Tests/Fixtures/network_golden.json`, which `make_network_golden.py` beside it writes with PyTorch.
struct GoldenNetwork: Decodable {
    struct Array: Decodable {
        let shape: [Int]
        let values: [Float]
    }

    /// `[N, C, H, W]`
    let input: Array
    /// The answer, `output`, and some layers; `[N, C, H, W]` or `[N, K]`.
    let outputs: [String: Array]
    private let weights: [String: Array]

    static let all = Result {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Fixtures/network_golden.json").standardized
        return try JSONDecoder().decode([String: GoldenNetwork].self, from: Data(contentsOf: file))
    }

    static func named(_ name: String) throws -> GoldenNetwork {
        guard let network = try all.get()[name] else { throw Missing(name: name) }
        return network
    }

    func tensor(_ name: String) throws -> Tensor {
        guard let array = weights[name] else { throw Missing(name: name) }
        return try Tensor(shape: array.shape, values: array.values)
    }

    /// The images as a plan takes them: `[N, H, W, C]`.
    var images: [Float] {
        let (count, channels) = (input.shape[0], input.shape[1])
        let positions = input.shape[2] * input.shape[3]
        return (0..<count * positions * channels).map { index in
            let (image, position, channel) = (
                index / (positions * channels), index / channels % positions, index % channels
            )
            return input.values[(image * channels + channel) * positions + position]
        }
    }

    struct Missing: Error {
        let name: String
    }
}
