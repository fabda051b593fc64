import Service

extension Job {
    /// The answer of `GET /jobs/{id}`.
    public var json: String { String(decoding: jsonBytes, as: UTF8.self) }

    func write(to writer: inout JSONWriter, uploaded: UploadSummary? = nil) {
        writer.object { writer in
            writeSummary(to: &writer)
            writer.member("request", json: request)
            writer.member("metrics", json: metrics)
            if let uploaded {
                writer.name("images")
                uploaded.write(to: &writer)
            }
        }
    }

    /// What lists say.
    func writeSummary(to writer: inout JSONWriter) {
        writer.member("id", id)
        writer.member("state", state.rawValue)
        writer.member("head", head)
        writer.member("head_version", orNull: headVersion)
        writer.member("dataset", dataset)
        writer.member("model", model)
        writer.member("stage", stage)
        writer.member("progress", progress)
        writer.member("created", created)
        writer.member("started", started)
        writer.member("ended", ended)
        writer.member("accuracy", orNull: accuracy)
        writer.member("warnings", warnings)
        writer.member("error", orNull: error)
    }

    var jsonBytes: [UInt8] { JSONWriter.text { write(to: &$0) } }
}
