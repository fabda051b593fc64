import Compute
import Foundation
import Testing

@testable import ModelFormats

struct SafetensorsWriterTests {
    private let values = (-3..<9).map { Float($0) / 7 }

    private func read(_ bytes: [UInt8]) throws -> SafetensorsFile {
        try SafetensorsFile(try FileContents(path: "written.safetensors", contents: bytes).bytes)
    }

    /// The JSON header and the data behind it.
    private func split(_ bytes: [UInt8]) throws -> (header: NSDictionary, data: [UInt8]) {
        let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
        try #require(length <= bytes.count - 8)
        let header = try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length])) as? NSDictionary
        return (try #require(header), Array(bytes[(8 + length)...]))
    }

    /// The fixture has the tensors in the same order.
    @Test func `a file equals the one that the safetensors package writes, but for the order of JSON's fields`() throws
    {
        let bytes = try SafetensorsWriter.serialize([
            "first": try Tensor(shape: [3, 2, 2], values: values),
            "second": try Tensor(shape: [2, 2], values: Array(values.prefix(4))),
            "empty": try Tensor(shape: [0, 4], values: []),
        ])
        let expected = try Fixture.bytes("tensors.safetensors")
        let (found, reference) = (try split(bytes), try split(expected))
        #expect(found.header == reference.header)
        #expect(found.data == reference.data)
        #expect(bytes.count == expected.count)
    }

    @Test func `tensors and metadata of odd names are read back bit for bit`() throws {
        let odd: [Float] = [-0, .nan, .infinity, .leastNonzeroMagnitude, -.greatestFiniteMagnitude]
        let name = "a \"quoted\" \\ / name\n\u{1F426}"
        let metadata = ["labels": "[\"caf\u{E9}\"]", name: ""]
        let file = try read(
            try SafetensorsWriter.serialize(
                [name: try Tensor(shape: [5], values: odd), "": try Tensor(shape: [], values: [2])], metadata: metadata)
        )
        #expect(file.metadata == metadata)
        #expect(file.shapes == [name: [5], "": []])
        #expect(try file.tensor(name, shape: [5]).values.map(\.bitPattern) == odd.map(\.bitPattern))
        #expect(try file.tensor("", shape: []).values == [2])
    }

    @Test(arguments: 0..<16) func `the data begins at a multiple of eight`(_ length: Int) throws {
        let name = String(repeating: "n", count: length)
        let bytes = try SafetensorsWriter.serialize([name: try Tensor(shape: [1], values: [1])])
        #expect((bytes.count - 4) % 8 == 0)
        #expect(try read(bytes).shapes == [name: [1]])
    }

    @Test func `no tensors make a file that can be read`() throws {
        #expect(try read(try SafetensorsWriter.serialize([:])).shapes.isEmpty)
    }

    @Test func `the name that the format keeps for itself is refused`() throws {
        let tensor = try Tensor(shape: [1], values: [1])
        #expect(throws: ModelWriteError.reservedName("__metadata__")) {
            try SafetensorsWriter.serialize(["__metadata__": tensor])
        }
    }

    @Test func `a header that the reader would refuse is not written`() throws {
        let metadata = ["text": String(repeating: "x", count: SafetensorsFile.headerLimit)]
        #expect {
            try SafetensorsWriter.serialize([:], metadata: metadata)
        } throws: { error in
            guard case ModelWriteError.tooLarge(_, let bytes, let limit) = error else { return false }
            return bytes > limit && limit == SafetensorsFile.headerLimit
        }
    }
}
