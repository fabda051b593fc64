/// The chunks of a WebP file (RFC 9649, section 2).
struct WebPChunks {
    private(set) var orientation = Orientation.topLeft
    private(set) var firstFrame: Frame?

    /// The first frame of an animation: a picture of its own somewhere on the canvas.
    struct Frame {
        var left: Int
        var top: Int
        var width: Int
        var height: Int
        /// A bare VP8 or VP8L bitstream, without the chunk of its alpha channel.
        var bitstream: ArraySlice<UInt8>
    }

    init(_ bytes: [UInt8]) {
        for chunk in Self.chunks(of: bytes.dropFirst(12)) {
            if chunk.name.elementsEqual("EXIF".utf8) {
                orientation = Orientation(exif: chunk.data)
            } else if chunk.name.elementsEqual("ANMF".utf8), firstFrame == nil {
                firstFrame = Frame(chunk.data)
            }
        }
    }

    fileprivate struct Chunk {
        var name: ArraySlice<UInt8>
        var data: ArraySlice<UInt8>
    }

    /// The chunks that lie in `bytes` as a whole: a name, a length, the data, padded to an even length (section 2.3).
    fileprivate static func chunks(of bytes: ArraySlice<UInt8>) -> [Chunk] {
        var chunks: [Chunk] = []
        var position = 0
        while let name = bytes.slice(at: position, length: 4),
            let length = bytes.integer(at: position + 4, .littleEndian, as: UInt32.self).map(Int.init),
            let data = bytes.slice(at: position + 8, length: length)
        {
            chunks.append(Chunk(name: name, data: data))
            position += 8 + length + length % 2
        }
        return chunks
    }
}

extension WebPChunks.Frame {
    /// Section 2.7.1.1: five fields of 24 bits (X / 2, Y / 2, width − 1, height − 1, duration), flags, then chunks.
    fileprivate init?(_ data: ArraySlice<UInt8>) {
        func field(at offset: Int) -> Int? {
            data.integer(at: offset, .littleEndian, as: UInt32.self).map { Int($0 & 0xFF_FFFF) }
        }
        guard let x = field(at: 0), let y = field(at: 3), let width = field(at: 6), let height = field(at: 9),
            let bitstream = WebPChunks.chunks(of: data.dropFirst(16))
                .first(where: { $0.name.elementsEqual("VP8 ".utf8) || $0.name.elementsEqual("VP8L".utf8) })
        else { return nil }
        self.init(left: 2 * x, top: 2 * y, width: width + 1, height: height + 1, bitstream: bitstream.data)
    }
}
