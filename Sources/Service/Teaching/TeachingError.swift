/// Why something about datasets, jobs or heads was not done.
public enum TeachingError: Error {
    case store(StoreError)
    case service(ServiceError)
    case option(InvalidOption)
    /// An option that cannot be left out.
    case missingOption(String, reason: String)
    /// The images have fewer than two labels.
    case tooFewClasses(found: [String])
    /// A class needs two images: one to learn from, one to see whether it was learned.
    case tooFewImages(label: String, found: Int)
    /// An imported file is no head.
    case headFile(HeadFileError)
    /// The network below the head cannot be written in this format.
    case exportFailed(reason: String)
}

extension TeachingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .store(let error): "\(error)"
        case .service(let error): "\(error)"
        case .option(let error): "\(error)"
        case .missingOption(let name, let reason): "'\(name)' is missing: \(reason)"
        case .tooFewClasses(let found):
            "a classifier needs images of at least 2 labels to tell apart, found "
                + (found.isEmpty ? "none" : "only \(found.map { "'\($0.prefix(64))'" }.joined(separator: ", "))")
        case .tooFewImages(let label, let found):
            "label '\(label.prefix(64))' has \(found == 1 ? "1 image" : "\(found) images"), at least 2 are needed: "
                + "one to learn from and one to see whether it was learned"
        case .headFile(let error): "\(error)"
        case .exportFailed(let reason): reason
        }
    }
}

extension TeachingError {
    /// Throws unless there are two labels at least, each with two images at least.
    ///
    /// - Parameter counts: images by label.
    /// - Throws: ``tooFewClasses(found:)``, ``tooFewImages(label:found:)``.
    public static func check(_ counts: [String: Int]) throws(TeachingError) {
        let labels = counts.keys.sorted()
        guard labels.count >= 2 else { throw .tooFewClasses(found: labels) }
        for label in labels {
            let count = counts[label, default: 0]
            guard count >= 2 else { throw .tooFewImages(label: label, found: count) }
        }
    }

    /// Runs `body`, whose errors are the store's.
    nonisolated(nonsending) static func storing<Value>(
        _ body: nonisolated(nonsending) () async throws(StoreError) -> Value
    ) async throws(TeachingError) -> Value {
        do throws(StoreError) { return try await body() } catch { throw .store(error) }
    }
}
