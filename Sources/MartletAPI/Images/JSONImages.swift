/// A request's JSON, read in one pass.
struct JSONImages {
    /// The first elements of `images`, at most as many as the limit.
    private(set) var images: [JSONImage] = []
    /// How many elements there are.
    private(set) var count = 0
    /// The members that are not `images`, at most as many as the limit for them.
    private(set) var others: [(name: String, value: JSONScalar)] = []
    /// Whether there is no `images`.
    private(set) var isMissing = false
    /// How the text, which is JSON, differs from the message.
    private(set) var mismatch: String?

    private let limit: Int
    private let otherLimit: Int
    private let imageMembers: [String]

    /// - Parameters:
    ///   - limit: elements beyond are counted only: a body of a few megabytes can hold millions.
    ///   - otherLimit: other members beyond are passed over.
    ///   - imageMembers: what an image that is an object may have.
    init(
        _ body: [UInt8], limit: Int, otherLimit: Int = 1, imageMembers: [String] = ["b64", "id", "filename"]
    ) throws(JSONError) {
        (self.limit, self.otherLimit, self.imageMembers) = (limit, otherLimit, imageMembers)
        var reader = JSONReader(body)
        if try reader.kind() == .object {
            try readMembers(from: &reader)
        } else {
            mismatch = "The JSON is not an object."
            try reader.skip()
        }
        try reader.end()
    }

    private mutating func readMembers(from reader: inout JSONReader) throws(JSONError) {
        isMissing = true
        try reader.beginObject()
        while let name = try reader.nextName() {
            if !reader.utf8(of: name).elementsEqual("images".utf8) {
                if others.count < otherLimit {
                    others.append((reader.excerpt(of: name), try reader.scalar()))
                } else {
                    try reader.skip()
                }
            } else if !isMissing {
                mismatch = "'images' is given twice."
                try reader.skip()
            } else {
                isMissing = false
                try readImages(from: &reader)
            }
        }
    }

    private mutating func readImages(from reader: inout JSONReader) throws(JSONError) {
        guard try reader.kind() == .array else {
            mismatch = "'images' is not an array."
            return try reader.skip()
        }
        try reader.beginArray()
        while try reader.nextElement() {
            if count < limit {
                images.append(try JSONImage(from: &reader, members: imageMembers))
            } else {
                try reader.skip()
            }
            count += 1
        }
    }
}
