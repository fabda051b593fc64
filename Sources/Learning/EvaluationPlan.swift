/// Which images a head is evaluated on, and which ones it is fitted to for that.
struct EvaluationPlan {
    struct Part {
        let training: [Int]
        let validation: [Int]
    }

    let method: Evaluation.Method
    let parts: [Part]

    private static let folds = 5
    /// The accuracy of 100 images, if it is 0.9, has a standard error of 0.03.
    private static let fewestValidationImages = 100
    private static let fewestOfAClass = 5
    /// With as many, one evaluation is enough, whatever a small class's figures are worth.
    private static let manyImages = 5000

    /// Holds out the part asked for once, where that leaves enough to judge by: 100 images and 5 of each class, or any part of
    /// 5,000 images. Otherwise every image is held out once, by one of five folds (fewer where no class has five images).
    ///
    /// A class's only image is always trained on, never evaluated.
    ///
    /// - Parameter validation: the part of the images to hold out; 0 to cross-validate whatever their number.
    /// - Throws: ``LearningError/tooFewSamples(what:expected:found:)`` where no class has two images.
    init(_ data: ImageVariants, validation: Double, seed: UInt64) throws(LearningError) {
        let (labels, classes) = (data.labels, data.classes)
        let largest = data.largestClass(Array(labels.indices))
        guard largest > 1 else {
            throw .tooFewSamples(what: "an evaluation: at least one class", expected: 2, found: largest)
        }
        let split = StratifiedSplit.holdOut(labels: labels, classes: classes, validation: validation, seed: seed)
        var counts = [Int](repeating: 0, count: classes)
        for image in split.validation { counts[labels[image]] += 1 }
        let isEnough =
            split.validation.count >= Self.fewestValidationImages
            && (counts.allSatisfy { $0 >= Self.fewestOfAClass } || labels.count >= Self.manyImages)
        if isEnough {
            method = .holdOut
            parts = [Part(training: split.training, validation: split.validation)]
            return
        }
        let folds = StratifiedSplit.folds(
            labels: labels, classes: classes, count: min(Self.folds, largest), seed: seed)
        method = .crossValidation(folds: folds.count)
        parts = folds.map { fold in
            let heldOut = Set(fold)
            return Part(training: labels.indices.filter { !heldOut.contains($0) }, validation: fold)
        }
    }

    /// Of each image a number: those of two images differ where one is evaluated by a head that was fitted to the other.
    func groups(images: Int) -> [Int] {
        var groups = [Int](repeating: -1, count: images)
        for (index, part) in parts.enumerated() {
            for image in part.validation { groups[image] = index }
        }
        return groups
    }
}
