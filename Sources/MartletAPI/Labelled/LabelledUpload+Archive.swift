import Archives

extension LabelledUpload {
    /// Adds the files of an archive; the folder that a file lies in is its label. Archives within archives are skipped, as
    /// all that is no image.
    ///
    /// - Parameter check: called before each block of bytes that comes out; by throwing it ends the reading.
    mutating func addArchive(
        _ body: [UInt8], _ limits: Archive.Limits, _ label: String?, _ check: () throws(Problem) -> Void
    ) throws(Problem) {
        do {
            try Archive(body, limits: limits).forEachFile(check: check) { file in
                let path = file.path.joined(separator: "/")
                try addOrSkip(file.bytes[...], filename: path) { () throws(Problem) in
                    guard let label = label ?? file.path.dropLast().last else {
                        throw Problem(
                            .missingLabel,
                            "'\(path.excerpt())' lies in no folder of the archive: a folder's name is the label of what "
                                + "lies in it. Put it into one, or give the label of all images in the query: ?label=…")
                    }
                    return label
                }
            }
        } catch let problem as Problem {
            throw problem
        } catch let error as ArchiveError {
            throw Problem(error)
        } catch {
            throw Problem(.internalError, "The archive could not be read; the server's log says why.")
                .caused(by: "\(error)")
        }
    }
}

extension Problem {
    init(_ error: ArchiveError) {
        let detail = "\(error)".excerpt(400) + "."
        self =
            switch error {
            case .tooManyEntries(let limit), .fileTooLarge(_, let limit), .tooLarge(let limit):
                Problem(.contentTooLarge, detail).with("limit", .integer(limit))
            case .unreadable, .badPath, .encrypted: Problem(.unreadableArchive, detail)
            }
    }
}
