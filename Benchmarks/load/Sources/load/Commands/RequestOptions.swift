import ArgumentParser

/// What all requests of a run have in common.
struct RequestOptions: ParsableArguments {
    @Argument(help: "The route to post to, such as http://localhost:8080/classify?top_k=1.")
    var url: String

    @Argument(help: "JPEG, PNG or WebP files, sent in turn.")
    var images: [String]

    @Flag(
        help: """
            Send the files as they are. Otherwise 16 bytes that no other request has follow the image, where decoders \
            do not look: a server that computes identical images once would seem faster than it is.
            """)
    var same = false

    /// The server's address and one request for each image.
    func requests(fields: [String] = []) throws(LoadError) -> (Target, [ImageRequest]) {
        let target = try Target(url)
        var requests: [ImageRequest] = []
        for image in images {
            requests.append(try ImageRequest(file: image, target: target, isUnique: !same, fields: fields))
        }
        return (target, requests)
    }
}
