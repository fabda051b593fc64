/// What the same layer's tensors are called by those who publish weights.
///
/// A literal stands for a name that all agree on; names are put together with `+`.
struct LayerName: ExpressibleByStringInterpolation {
    /// As in torchvision's state dicts (or, of a network that it does not have, those of the port it comes from).
    let torchvision: String
    /// As in timm's state dicts (https://github.com/huggingface/pytorch-image-models).
    let timm: String

    enum Convention: CaseIterable {
        case torchvision, timm
    }

    init(_ torchvision: String, timm: String) {
        self.torchvision = torchvision
        self.timm = timm
    }

    init(stringLiteral name: String) { self.init(name, timm: name) }

    subscript(convention: Convention) -> String {
        switch convention {
        case .torchvision: torchvision
        case .timm: timm
        }
    }

    static func + (prefix: LayerName, suffix: LayerName) -> LayerName {
        LayerName(prefix.torchvision + suffix.torchvision, timm: prefix.timm + suffix.timm)
    }
}
