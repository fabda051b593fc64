import Service

extension Dataset {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("created", created)
            writer.member("retain", retention.rawValue)
            writer.member("images", imageCount)
            writer.name("labels")
            writer.array { writer in
                for count in labels {
                    writer.object { writer in
                        writer.member("label", count.label)
                        writer.member("images", count.imageCount)
                    }
                }
            }
        }
    }
}

extension DatasetImage {
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", Int(id))
            writer.member("label", label)
            if let filename { writer.member("filename", filename) }
            writer.member("bytes", byteCount)
            writer.member("digest", "sha256:\(digest)")
            writer.member("added", added)
        }
    }
}
