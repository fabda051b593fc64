import Foundation
import Service

extension Head {
    /// The answer of `GET /heads/{head}`.
    ///
    /// - Parameter version: what is to be said of the version that is served.
    public func json(version: HeadVersion?) -> String {
        String(decoding: JSONWriter.text { write(to: &$0, version: version) }, as: UTF8.self)
    }

    /// - Parameter version: what is to be said of the version that is served.
    func write(to writer: inout JSONWriter, version: HeadVersion?) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("promoted", orNull: promoted)
            writer.member("latest", latest)
            writer.member("versions", versionCount)
            guard let version else { return }
            version.writeMembers(to: &writer)
        }
    }
}

extension HeadVersion {
    /// The answer of `GET /heads/{head}/versions/{version}`.
    public var json: String { String(decoding: JSONWriter.text { write(to: &$0) }, as: UTF8.self) }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", head)
            writer.member("version", version)
            writer.member("promoted", isPromoted)
            writeMembers(to: &writer)
        }
    }

    fileprivate func writeMembers(to writer: inout JSONWriter) {
        writer.member("type", kind.rawValue)
        writer.member("labels", labels)
        writer.member("created", created)
        writer.member("bytes", byteCount)
        writer.name("provenance")
        provenance.write(to: &writer)
        writer.member("metrics", json: metrics)
    }
}

extension HeadProvenance {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("model", model)
            writer.member("model_digest", "sha256:\(space.model)")
            writer.member("preprocessing_digest", "sha256:\(space.preprocessing)")
            writer.member("layer", space.layer)
            writer.member("dataset", orNull: dataset)
            writer.member("dataset_digest", orNull: datasetDigest.map { "sha256:\($0)" })
            writer.name("seed")
            if let seed { writer.raw(String(seed).utf8) } else { writer.null() }
            writer.member("job", orNull: job)
        }
    }
}
