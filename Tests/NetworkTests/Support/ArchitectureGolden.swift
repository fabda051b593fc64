import Foundation
import Testing

@testable import Network

/// What PyTorch answers for one network of `Tests/Fixtures/architecture_golden.json`, which
/// `scripts/make_architecture_fixtures.py` writes; weights and input follow from ``RuleWeights``.
struct ArchitectureGolden: Decodable, CustomTestStringConvertible, Sendable {
    let name: String
    /// A layer by whose name the convention is found.
    let stem: String
    /// The last layer.
    let classifier: String
    /// `[C, H, W]`
    let inputShape: [Int]
    let output: [Float]

    static let all: [ArchitectureGolden] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Fixtures/architecture_golden.json").standardized
        return (try? JSONDecoder().decode([ArchitectureGolden].self, from: Data(contentsOf: file))) ?? []
    }()

    /// With 32 outputs of their hidden layers where they would have a hundred million weights.
    var network: any ConvolutionalNetwork {
        get throws {
            switch name {
            case "alexnet": AlexNet(hidden: 32)
            case "vgg11_bn": VGG(depths: [1, 1, 2, 2, 2], isNormalized: true, hidden: 32)
            default: try #require(Architecture(named: name)).network
            }
        }
    }

    var testDescription: String { "\(name), \(classifier)" }
}
