import ArgumentParser
import Service

/// The options of a fine-tune job as those of the command line. What follows one that takes a number is its value, also
/// where it begins with a dash: a negative number is refused as such.
struct FineTuneArguments: ParsableArguments {
    @Option(help: ArgumentHelp("The head to train; a new version of it, where it exists.", valueName: "name"))
    var head: String

    @Option(
        help: ArgumentHelp(
            "The dataset that the images are added to and the head is trained on. Default: one called as the head.",
            valueName: "name"))
    var dataset: String?

    @Option(
        help: ArgumentHelp("The model below the head. Default: the first by name of the folder.", valueName: "name"))
    var model: String?

    @Option(help: "Multinomial logistic regression, or a perceptron with a hidden layer, for 1,000 images or more.")
    var type = HeadKind.logistic

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The strength of the L2 penalty. Default: chosen by cross-validation; of a perceptron 10.", valueName: "λ"))
    var l2: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            The part of the images to hold out for the evaluation, from 0 to 0.9. Of few images, or with 0, all are \
            evaluated by cross-validation instead. The head that is saved learns from all of them.
            """, valueName: "part"))
    var validation = FineTuneOptions().validation

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Of all random numbers; the same one gives the same head.", valueName: "n"))
    var seed: UInt64 = 0

    @Option(help: "What fits a logistic head.")
    var solver = FineTuneOptions.Solver.lbfgs

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The step of gradient descent. Default: one over the largest curvature.", valueName: "x"))
    var stepSize: Double?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("The most iterations that fit a logistic head.", valueName: "n"))
    var iterations: Int?

    @Option(help: "Whether each image counts the same, or each class (balanced).")
    var classWeights = FineTuneOptions.ClassWeighting.uniform

    @Flag(inversion: .prefixedNo, help: "Bring features to mean 0 and variance 1 for the fit.")
    var standardize = true

    @Option(parsing: .unconditional, help: ArgumentHelp("The width of a perceptron's hidden layer.", valueName: "n"))
    var hiddenUnits: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The part of a perceptron's hidden units that training drops.", valueName: "part"))
    var dropout: Double?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Of the optimiser (Adam) that fits a perceptron.", valueName: "x"))
    var learningRate: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The most passes over the images that fit a perceptron.", valueName: "n"))
    var epochs: Int?

    @Option(help: "Learn also from mirror images (flip), or from these and crops of the corners.")
    var augmentation = FineTuneOptions.Augmentation.none

    @Option(
        help: """
            What the dataset keeps: images, or only their embeddings, without any pixels. Default: as it is; for a new \
            one images.
            """)
    var retain: Retention?

    @Flag(inversion: .prefixedNo, help: "Serve the new version at once.")
    var promote = true

    @Option(help: "How images of none of the classes are found. Default: what did best on Fashion-MNIST.")
    var novelty: FineTuneOptions.NoveltyMethod?

    func validate() throws {
        do throws(InvalidOption) { try options.check() } catch {
            let name = error.name.replacing("_", with: "-")
            throw ValidationError("--\(name) must be \(error.expected), found '\(error.found)'")
        }
    }

    var options: FineTuneOptions {
        var options = FineTuneOptions()
        (options.head, options.dataset, options.model) = (head, dataset, model)
        (options.type, options.l2, options.validation, options.seed) = (type, l2, validation, seed)
        (options.solver, options.stepSize, options.iterations) = (solver, stepSize, iterations)
        (options.classWeights, options.standardize) = (classWeights, standardize)
        (options.hiddenUnits, options.dropout) = (hiddenUnits, dropout)
        (options.learningRate, options.epochs) = (learningRate, epochs)
        (options.augmentation, options.retain) = (augmentation, retain)
        (options.promote, options.novelty) = (promote, novelty)
        return options
    }
}

extension HeadKind: ExpressibleByArgument {}
extension Retention: ExpressibleByArgument {}
extension FineTuneOptions.Solver: ExpressibleByArgument {}
extension FineTuneOptions.ClassWeighting: ExpressibleByArgument {}
extension FineTuneOptions.Augmentation: ExpressibleByArgument {}
extension FineTuneOptions.NoveltyMethod: ExpressibleByArgument {}
