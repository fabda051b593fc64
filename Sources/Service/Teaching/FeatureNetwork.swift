import Imaging

/// A frozen network as the feature transformer below heads.
public protocol FeatureNetwork: Sendable {
    /// The model's.
    var name: String { get }
    /// What its features can be compared with.
    var space: EmbeddingSpace { get }
    /// How many features describe an image.
    var dimensions: Int { get }

    /// The features of encoded images, each looked at in one way; each image that cannot be decoded fails alone.
    ///
    /// - Parameter inBackground: on one thread behind all others, and not in batches on all threads behind the images of others.
    /// - Throws: ``ServiceError`` where none were computed; ``ServiceError/overloaded(reason:retryAfterSeconds:)`` may pass.
    func features(
        of images: [ViewedImage], inBackground: Bool
    ) async throws(ServiceError) -> [Result<[Float], ImageFailure>]
}

/// An encoded image and how to look at it.
public struct ViewedImage: Sendable {
    public let bytes: [UInt8]
    public let view: ImageView

    public init(bytes: [UInt8], view: ImageView) {
        self.bytes = bytes
        self.view = view
    }
}

/// Where heads find the networks below them.
public protocol FeatureNetworks: Sendable {
    /// The model of that name, or the default, in the version that requests get.
    func network(named name: String?) async throws(ServiceError) -> any FeatureNetwork
    /// Counts the images that anybody sent so far.
    var admittedImages: Int { get }
}
