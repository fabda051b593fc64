@testable import ModelFormats

extension FileContents {
    /// A file that is made here, called `path` in errors.
    convenience init(path: String, contents: [UInt8]) throws(ModelFormatError) {
        try self.init(path: path, count: contents.count) { $0.copyBytes(from: contents) }
    }
}
