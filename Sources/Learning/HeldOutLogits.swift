/// Logits of images by classifiers that were not fitted to them.
struct HeldOutLogits {
    private(set) var images: [Int] = []
    private(set) var values: [Float] = []
    let classes: Int

    init(classes: Int) { self.classes = classes }

    mutating func append(_ logits: ClassScores, of images: [Int]) {
        self.images += images
        values += logits.values
    }

    mutating func append(_ other: HeldOutLogits) {
        images += other.images
        values += other.values
    }

    func scores() throws(LearningError) -> ClassScores { try ClassScores(values, classes: classes) }

    /// The temperature that fits them; 1 where there are none.
    func temperature(labels: [Int]) throws(LearningError) -> Double {
        images.isEmpty ? 1 : try TemperatureScaling.fit(logits: scores(), labels: images.map { labels[$0] })
    }

    /// Σ −log softmax(logits)[label].
    func totalLogLoss(labels: [Int]) throws(LearningError) -> Double {
        let scores = try scores()
        return images.indices.reduce(0.0) {
            $0 + scores.logSumExp($1) - Double(scores[$1, labels[images[$1]]])
        }
    }

    /// The same, by image.
    func sorted() -> HeldOutLogits {
        var result = HeldOutLogits(classes: classes)
        for row in images.indices.sorted(by: { images[$0] < images[$1] }) {
            result.images.append(images[row])
            result.values += values[row * classes..<(row + 1) * classes]
        }
        return result
    }
}
