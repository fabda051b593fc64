/// Why samples, labels or settings cannot be learned from.
public enum LearningError: Error, Equatable, CustomStringConvertible {
    /// Two things that belong together differ in size.
    case sizeMismatch(what: String, expected: Int, found: Int)
    /// A feature of this sample is NaN, infinite or too large to sum.
    case notFinite(sample: Int)
    /// A sample's label is not one of the classes' indices.
    case labelOutOfRange(sample: Int, label: Int, classes: Int)
    /// A variant of an image has another label than the image.
    case variantLabelDiffers(sample: Int, expected: Int, found: Int)
    /// A classifier needs two classes to tell apart.
    case tooFewClasses(found: Int)
    /// No sample has this class's label.
    case emptyClass(name: String)
    /// Fewer samples than the method needs.
    case tooFewSamples(what: String, expected: Int, found: Int)
    /// A setting out of its range.
    case invalidSetting(name: String, expected: String, found: Double)
    /// A score that is NaN or infinite.
    case scoreNotFinite(sample: Int)
    /// The loss grew beyond all bounds; or became larger than it was before the first step, a perceptron's a hundred times.
    case diverged(Divergence)
    /// A tensor of a stored model that is missing or not what the model needs.
    case invalidTensor(name: String, expected: String, found: String)
    /// More numbers than memory can count.
    case tooLarge(what: String)

    public var description: String {
        switch self {
        case .sizeMismatch(let what, let expected, let found):
            "\(what): expected \(expected), found \(found)"
        case .notFinite(let sample):
            "sample \(sample) has a feature that is NaN, infinite or beyond float32's range; check the network it comes from"
        case .labelOutOfRange(let sample, let label, let classes):
            "sample \(sample) has label \(label); expected 0 to \(classes - 1)"
        case .variantLabelDiffers(let sample, let expected, let found):
            "sample \(sample) is a variant of an image with label \(expected), found label \(found)"
        case .tooFewClasses(let found):
            "a classifier needs at least 2 classes, found \(found); add samples with another label"
        case .emptyClass(let name):
            "class \"\(name)\" has no sample; add some or leave the class out"
        case .tooFewSamples(let what, let expected, let found):
            "\(what) needs at least \(expected) samples, found \(found)"
        case .invalidSetting(let name, let expected, let found):
            "\(name) should be \(expected), found \(found)"
        case .scoreNotFinite(let sample):
            "the scores of sample \(sample) are not all finite"
        case .diverged(let divergence): "\(divergence)"
        case .invalidTensor(let name, let expected, let found):
            "tensor \"\(name)\": expected \(expected), found \(found)"
        case .tooLarge(let what):
            "\(what) is too large for this machine's memory"
        }
    }

    /// Throws ``invalidSetting(name:expected:found:)`` unless `condition` holds.
    static func check(
        _ condition: Bool, _ name: String, _ expected: String, _ found: Double
    ) throws(LearningError) {
        if !condition { throw .invalidSetting(name: name, expected: expected, found: found) }
    }
}
