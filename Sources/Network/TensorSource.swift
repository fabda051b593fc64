import Compute

/// Where an architecture takes its weights from: a safetensors file, say, or a test's table.
public protocol TensorSource {
    /// The extents of the tensor called `name`; `nil` where there is none. An architecture asks for them where it may
    /// have any number of classes, or where its weights go by several names.
    func shape(of name: String) -> [Int]?

    /// The tensor called `name`; throws where it is missing or its shape is not `shape`.
    func tensor(_ name: String, shape: [Int]) throws -> Tensor

    /// Whether timm wrote them: what is missing is then asked for by timm's name, not torchvision's.
    var isTimm: Bool { get }
}

extension TensorSource {
    public var isTimm: Bool { false }
}
