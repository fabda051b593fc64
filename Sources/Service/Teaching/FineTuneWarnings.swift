import Foundation
import Learning

/// What a person should know about a job's images, in sentences, the gravest first.
struct FineTuneWarnings {
    private(set) var texts: [String] = []

    /// Of one kind; the metrics have them all.
    private static let limit = 10
    /// Fewer images of a class make a result that chance decides.
    private static let fewImages = 10
    /// A class with so many times the images of another one is preferred.
    private static let imbalance = 5

    /// What is known before anything is trained: which images are left out.
    init(_ contents: DatasetContents, _ skipped: [DatasetFeatures.Skipped]) {
        add(contents.contradictions, "more files are there under several labels") { images in
            "\(Self.list(images)) are the same file under different labels and were left out: delete all but one"
        }
        add(skipped, "more images were left out") { skipped in
            "\(Self.name(skipped.image)) was left out: \(skipped.reason)"
        }
    }

    /// What the training has found.
    mutating func add(_ lesson: Lesson, _ trained: TrainedHead) {
        addSizes(lesson)
        add(trained.nearDuplicates, "more pairs are nearly the same") { pair in
            let images = [pair.image, pair.other].map { lesson.images[$0] }
            let labels = images[0].label == images[1].label ? "" : ", but not their labels"
            return "\(Self.list(images)) are nearly the same\(labels); one was trained on and the other evaluated, "
                + "which flatters the evaluation"
        }
        add(trained.suspects, "more images are probably mislabelled") { suspect in
            let percent = Int((100 * suspect.suggestedProbability).rounded())
            return "\(Self.name(lesson.images[suspect.image])) looks like '\(lesson.classes[suspect.suggestion])' "
                + "(\(percent) %): probably mislabelled"
        }
        if !trained.report.converged, case .logistic = trained.classifier {
            texts.append(
                "the fit ended after \(trained.report.losses.count - 1) iterations, before its optimum; allow more iterations"
            )
        }
    }

    private mutating func addSizes(_ lesson: Lesson) {
        let counts = lesson.classes.indices.map { (label: lesson.classes[$0], count: lesson.count(of: $0)) }
        add(counts.filter { $0.count < Self.fewImages }, "more labels have few images") { label, count in
            "'\(label)' has only \(count) images; the evaluation says little with fewer than \(Self.fewImages)"
        }
        guard let smallest = counts.min(by: { $0.count < $1.count }),
            let largest = counts.max(by: { $0.count < $1.count }), largest.count >= Self.imbalance * smallest.count
        else { return }
        texts.append(
            "'\(smallest.label)' has \(smallest.count) images, '\(largest.label)' \(largest.count): add images of the "
                + "first, or ask for class_weights=balanced")
    }

    private mutating func add<Cause>(_ causes: [Cause], _ more: String, _ text: (Cause) -> String) {
        texts += causes.prefix(Self.limit).map(text)
        if causes.count > Self.limit { texts.append("\(causes.count - Self.limit) \(more)") }
    }

    private static func list(_ images: [DatasetImage]) -> String {
        "images " + images.map { "\($0.id) ('\($0.label)')" }.joined(separator: " and ")
    }

    private static func name(_ image: DatasetImage) -> String {
        "image \(image.id) ('\(image.label)'\(image.filename.map { ", \($0)" } ?? ""))"
    }
}
