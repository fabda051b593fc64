/// A request's JSON, read in one pass.
struct JSONImages {
    /// The first elements of `images`, at most as many as the limit.
    private(set) var images: [JSONImage] = []
    /// How many elements there are.
    private(set) var count = 0
    /// The first member that is not `images`.
    private(set) var unknownMember: String?
    /// How the text, which is JSON, differs from the message.
    private(set) var mismatch: String?

    /// - Parameter limit: elements beyond are counted only: a body of a few megabytes can hold millions.
    init(_ body: [UInt8], limit: Int) throws(JSONError) {
        var reader = JSONReader(body)
        if try reader.kind() == .object {
            try readMembers(from: &reader, limit)
        } else {
            mismatch = "The JSON is not an object."
            try reader.skip()
        }
        try reader.end()
    }

    private mutating func readMembers(from reader: inout JSONReader, _ limit: Int) throws(JSONError) {
        var found = false
        try reader.beginObject()
        while let name = try reader.nextName() {
            if !reader.utf8(of: name).elementsEqual("images".utf8) {
                unknownMember = unknownMember ?? reader.excerpt(of: name)
                try reader.skip()
            } else if found {
                mismatch = "'images' is given twice."
                try reader.skip()
            } else {
                found = true
                try readImages(from: &reader, limit)
            }
        }
        if !found { mismatch = "There is no 'images'." }
    }

    private mutating func readImages(from reader: inout JSONReader, _ limit: Int) throws(JSONError) {
        guard try reader.kind() == .array else {
            mismatch = "'images' is not an array."
            return try reader.skip()
        }
        try reader.beginArray()
        while try reader.nextElement() {
            if count < limit { images.append(try JSONImage(from: &reader)) } else { try reader.skip() }
            count += 1
        }
    }
}
