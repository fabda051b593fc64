import Foundation
import Service

extension Head {
    /// The answer of `GET /heads/{head}`.
    ///
    /// - Parameter version: the one that is served; the newest where none is.
    public func json(version: HeadVersion) -> String {
        String(decoding: JSONWriter.text { write(to: &$0, version: version, isWhole: true) }, as: UTF8.self)
    }

    /// - Parameters:
    ///   - version: the one that is served; the newest where none is.
    ///   - isWhole: whether all is said of the version, or what lists say.
    func write(to writer: inout JSONWriter, version: HeadVersion, isWhole: Bool) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("promoted", orNull: promoted)
            writer.member("latest", latest)
            writer.member("versions", versionCount)
            writer.member("version", version.version)
            version.writeMembers(to: &writer, isWhole: isWhole)
        }
    }
}

extension HeadVersion {
    /// The answer of `GET /heads/{head}/versions/{version}`.
    public var json: String { String(decoding: JSONWriter.text { write(to: &$0, isWhole: true) }, as: UTF8.self) }

    /// - Parameter isWhole: whether all is said of it, or what lists say.
    func write(to writer: inout JSONWriter, isWhole: Bool) {
        writer.object { writer in
            writer.member("name", head)
            writer.member("version", version)
            writer.member("promoted", isPromoted)
            writeMembers(to: &writer, isWhole: isWhole)
        }
    }

    fileprivate func writeMembers(to writer: inout JSONWriter, isWhole: Bool) {
        writer.member("type", kind.rawValue)
        writer.member("model", provenance.model)
        writer.member("labels", labels)
        writer.member("accuracy", orNull: accuracy)
        writer.member("created", created)
        writer.member("bytes", byteCount)
        guard isWhole else { return }
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
