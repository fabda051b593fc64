import Foundation

/// A named classifier on top of a network.
public struct Head: Equatable, Sendable {
    public let name: String
    /// The version that is served, if one is.
    public let promoted: Int?
    /// The newest.
    public let latest: Int
    /// How many there are.
    public let versionCount: Int

    public init(name: String, promoted: Int?, latest: Int, versionCount: Int) {
        self.name = name
        self.promoted = promoted
        self.latest = latest
        self.versionCount = versionCount
    }
}

public enum HeadKind: String, Codable, Sendable, CaseIterable {
    /// Multinomial logistic regression.
    case logistic
    /// A multi-layer perceptron.
    case mlp
}
