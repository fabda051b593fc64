import Service

/// What became of the images of one upload.
struct UploadSummary {
    let results: [AddedImage]
    /// Files of the upload that are no images, by name.
    let skipped: [String]
    /// How many there are, of which not all are named.
    let skippedCount: Int

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("added", results.count { $0.duplicateOf == nil })
            writer.member("duplicates", results.count { $0.duplicateOf != nil })
            writer.name("ids")
            writer.array { writer in
                for result in results { writer.integer(Int(result.id)) }
            }
            writer.name("conflicts")
            writer.array { writer in
                for case .conflicting(let id, let others) in results {
                    writer.object { writer in
                        writer.member("id", Int(id))
                        writer.name("same_file_as")
                        writer.array { writer in
                            for other in others {
                                writer.object { writer in
                                    writer.member("id", Int(other.id))
                                    writer.member("label", other.label)
                                }
                            }
                        }
                    }
                }
            }
            writer.member("skipped_files", skippedCount)
            writer.member("skipped", skipped)
        }
    }
}

extension AddedImage {
    /// The image's id, or that of the one that was there.
    fileprivate var id: Int64 {
        switch self {
        case .added(let id), .duplicate(let id), .conflicting(let id, _): id
        }
    }

    fileprivate var duplicateOf: Int64? {
        if case .duplicate(let id) = self { id } else { nil }
    }
}
