import Service

extension ClassifyResult {
    /// The answer of `POST /classify` as JSON.
    public var json: String { String(decoding: jsonBytes, as: UTF8.self) }

    var jsonBytes: [UInt8] {
        JSONWriter.text { writer in
            writer.object { writer in
                writer.member("model", model)
                writer.member("version", version)
                writer.member("head", orNull: head?.name)
                if let head { writer.member("head_version", head.version) }
                writer.name("predictions")
                writer.array { writer in
                    for prediction in predictions { prediction.write(to: &writer) }
                }
                timing.write(to: &writer)
            }
        }
    }

    /// The images that have no result.
    var failures: [FailedImage] {
        predictions.compactMap { prediction in
            guard case .failure(let failure) = prediction.classes else { return nil }
            return FailedImage(id: prediction.id, filename: prediction.filename, failure: failure)
        }
    }
}

extension Prediction {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            if let filename { writer.member("filename", filename) }
            switch classes {
            case .success(let classes):
                writer.name("classes")
                writer.array { writer in
                    for entry in classes { entry.write(to: &writer) }
                }
                if let novelty {
                    writer.name("novelty")
                    writer.object { writer in
                        writer.member("score", novelty.score)
                        writer.member("known", novelty.isKnown)
                    }
                }
            case .failure(let failure):
                writer.name("error")
                writer.failure(failure)
            }
        }
    }
}

extension ClassProbability {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("label", label)
            writer.member("index", index)
            writer.member("probability", probability)
        }
    }
}
