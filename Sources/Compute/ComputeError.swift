/// Why a layer could not be prepared or a kernel table not be chosen. Nothing fails once a layer exists.
public enum ComputeError: Error, Equatable, CustomStringConvertible {
    /// A tensor does not have the shape that the layer asks for; `-1` stands for any extent.
    case shapeMismatch(tensor: String, expected: [Int], found: [Int])
    /// The window does not fit the map, or has an extent, stride, dilation or padding out of range.
    case windowMismatch(window: Window, map: FeatureMap)
    /// A window lies in the padding altogether, so that it has no largest element and no mean.
    case windowInPadding(window: Window, map: FeatureMap)
    /// One image's feature map, a layer's packed weights or its arithmetic are more than the kernels can count.
    case tooLarge(what: String, limit: Int)
    /// No such instruction set.
    case unknownKernels(name: String, known: [String])
    /// The processor or the operating system lacks the instruction set.
    case unavailableKernels(name: String, available: [String])
    /// The processor has no products of that precision.
    case unavailablePrecision(name: String, available: [String])

    public var description: String {
        switch self {
        case .shapeMismatch(let tensor, let expected, let found):
            "\(tensor) should have shape \(expected.map { $0 < 0 ? "any" : String($0) }), found \(found)"
        case .windowMismatch(let window, let map):
            "a \(window) does not fit a map of \(map)"
        case .windowInPadding(let window, let map):
            """
            a \(window.kernelHeight)×\(window.kernelWidth) pooling window on a map of \(map) covers padding only; \
            padding must be smaller than the window
            """
        case .tooLarge(let what, let limit):
            "\(what) is too large: the limit is \(limit)"
        case .unknownKernels(let name, let known):
            "the instruction set (--isa or MARTLET_ISA) is \"\(name)\"; expected one of \(known.joined(separator: ", "))"
        case .unavailableKernels(let name, let available):
            """
            the instruction set (--isa or MARTLET_ISA) is \"\(name)\", which this processor or operating system does not support; available: \
            \(available.joined(separator: ", "))
            """
        case .unavailablePrecision(let name, let available):
            """
            the precision (--precision) is "\(name)", for which this processor has no instructions, or not the kernels \
            that were asked for (--isa); available: \(available.joined(separator: ", "))
            """
        }
    }
}
