import Inference

extension ImageService {
    func classify(
        _ images: [ImageInput], _ terms: RequestTerms, _ topK: Int?, _ head: ServedHead,
        _ deadline: ContinuousClock.Instant
    ) async throws(ServiceError) -> ClassifyResult {
        let classes = head.labels.count
        let topK = topK ?? min(5, classes)
        guard (1...classes).contains(topK) else { throw .topKOutOfRange(topK, classes: classes) }
        let loaded = try await network(below: head, terms, deadline)
        let run = try await run(images, loaded, head.provenance.space.layer, terms, deadline)
        let answers: [HeadAnswer]
        do {
            answers = try head.answers(for: run.outputs.compactMap { try? $0.get() })
        } catch { throw .failed("head '\(head.reference.name)': \(error)") }
        var next = answers.makeIterator()
        return ClassifyResult(
            model: loaded.name, version: loaded.version, head: head.reference,
            predictions: zip(images, run.outputs).map { image, output in
                let answer = output.flatMap { _ in
                    next.next().map(Result.success) ?? .failure(ImageFailure(.broken, "the head gave no answer"))
                }
                return Prediction(
                    id: image.id, filename: image.filename,
                    classes: answer.map { head.topClasses(of: $0.probabilities, count: topK) },
                    novelty: (try? answer.get())?.novelty)
            },
            timing: run.timing)
    }

    /// The model whose features the head takes: the version that requests get, or another one of the same weights and
    /// preprocessing as when the head was trained.
    func network(
        below head: ServedHead, _ terms: RequestTerms = RequestTerms(), _ deadline: ContinuousClock.Instant? = nil
    ) async throws(ServiceError) -> LoadedModel {
        let (name, space) = (head.provenance.model, head.provenance.space)
        func missing(_ reason: String) -> ServiceError {
            .headNetworkMissing(head: head.reference.name, model: name, reason: reason)
        }
        if let asked = terms.model, asked != name { throw missing("not '\(asked)'; leave 'model' out") }
        let versions = [terms.version] + (terms.version == nil ? otherVersions(of: name) : [])
        for version in versions {
            let loaded: LoadedModel
            do {
                loaded = try await repository.model(named: name, version: version, deadline: deadline)
            } catch InferenceError.unknownModel {
                throw missing("which is not there any more")
            } catch {
                // Of several versions one that cannot be loaded does not matter.
                if version == versions.last { throw ServiceError(error) }
                continue
            }
            if try loaded.embeddingSpace(layer: space.layer) == space { return loaded }
        }
        throw missing("but with other weights or preprocessing than there are now; train it again")
    }

    private func otherVersions(of model: String) -> [String?] {
        guard let status = repository.models.first(where: { $0.name == model }) else { return [] }
        return status.versions.filter { !$0.isLatest && $0.state != .failed }.map(\.version).reversed()
    }
}

extension ServedHead {
    fileprivate func topClasses(of probabilities: [Float], count: Int) -> [ClassProbability] {
        ranked(probabilities, count: count).map { index, probability in
            ClassProbability(label: labels[index], index: index, probability: probability)
        }
    }
}
