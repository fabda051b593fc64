/// An image whose label is probably wrong.
public struct LabelSuspect: Sendable, Equatable {
    public let image: Int
    /// The class it was given.
    public let label: Int
    /// The class that it looks like.
    public let suggestion: Int
    public let suggestedProbability: Double
    public let givenProbability: Double

    /// Where 2 % to 5 % of 400 to 3,000 labels of Fashion-MNIST were made wrong, a half to two thirds of the images it leaves were
    /// wrong ones, and a half of the wrong ones were among them. Without it two thirds to three quarters were found, but of
    /// 1,000 images with good labels 7 % were suspected, rather than 2 %: classes that look alike are not mistakes.
    public static let smallestMargin = 0.8

    /// A judge that was taught fewer images of a class knows too little of it to doubt a label.
    static let smallestClass = 5

    /// Confident learning: Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", 2021.
    ///
    /// An image counts for class j where p_j is at least the mean of p_j over the images with label j; it is suspect where
    /// the most probable of the classes it counts for is not its label: the off-diagonal of their confident joint (eq. 1).
    /// Of those, here, only images whose suggestion is more probable than the label by ``smallestMargin`` or more, and where
    /// both classes have five images at least.
    ///
    /// - Parameters:
    ///   - probabilities: `[images, classes]`, each image's from a classifier that has not seen it.
    ///   - labels: of each image, the class.
    ///   - limit: the most to return.
    /// - Returns: the largest difference between the probabilities of suggestion and label first.
    public static func find(
        probabilities: ClassScores, labels: [Int], limit: Int = 100
    ) throws(LearningError) -> [LabelSuspect] {
        try probabilities.check(labels: labels)
        let classes = probabilities.classes
        var sums = [Double](repeating: 0, count: classes)
        var counts = sums
        for (image, label) in labels.enumerated() {
            sums[label] += Double(probabilities[image, label])
            counts[label] += 1
        }
        let thresholds = zip(sums, counts).map { $1 > 0 ? $0 / $1 : .infinity }
        var suspects: [LabelSuspect] = []
        for (image, label) in labels.enumerated() {
            let row = probabilities[image].map(Double.init)
            let confident = (0..<classes).filter { row[$0] >= thresholds[$0] }
            guard let suggestion = confident.max(by: { row[$0] < row[$1] }), suggestion != label,
                row[suggestion] - row[label] >= smallestMargin,
                Int(min(counts[label], counts[suggestion])) >= smallestClass
            else { continue }
            suspects.append(
                LabelSuspect(
                    image: image, label: label, suggestion: suggestion, suggestedProbability: row[suggestion],
                    givenProbability: row[label]))
        }
        suspects.sort { ($1.margin, $0.image) < ($0.margin, $1.image) }
        return Array(suspects.prefix(limit))
    }

    /// The same of an image whose row in a smaller list this was.
    func of(image: Int) -> LabelSuspect {
        LabelSuspect(
            image: image, label: label, suggestion: suggestion, suggestedProbability: suggestedProbability,
            givenProbability: givenProbability)
    }

    private var margin: Double { suggestedProbability - givenProbability }
}
