import Testing

@testable import ModelFormats

struct NumPyArrayTests {
    private let values = (-3..<9).map { Float($0) / 7 }

    private func read(_ bytes: [UInt8]) throws -> NumPyArray {
        try NumPyArray(FileContents(path: "made.npy", contents: bytes).bytes)
    }

    @Test(arguments: ["array.npy", "array_version2.npy"])
    func filesOfNumPyAreRead(_ name: String) throws {
        let array = try NumPyArray(path: Fixture.path(name))
        #expect(array.shape == [3, 2, 2])
        #expect(array.values == values)
    }

    @Test func aScalarHasNoExtents() throws {
        #expect(try NumPyArray(path: Fixture.path("array_scalar.npy")) == NumPyArray(shape: [], values: [1.5]))
    }

    @Test func writtenFilesAreThoseOfNumPyByteForByte() throws {
        let array = try #require(NumPyArray(shape: [3, 2, 2], values: values))
        #expect(array.serialized() == (try Fixture.bytes("array.npy")))
    }

    @Test(arguments: [("bad_double.npy", "f8"), ("bad_big_endian.npy", ">f4"), ("bad_column_major.npy", "fortran")])
    func otherKindsAreRefusedByName(_ name: String, _ word: String) {
        #expect { _ = try NumPyArray(path: Fixture.path(name)) } throws: { error in
            "\(error)".contains(name) && "\(error)".lowercased().contains(word)
        }
    }

    @Test func everyCutFileIsRefused() throws {
        let bytes = try Fixture.bytes("array.npy")
        for count in bytes.indices {
            #expect(throws: ModelFormatError.self) { try read(Array(bytes[..<count])) }
        }
    }

    @Test func damagedFilesNeverCrash() throws {
        try Fixture.damaged(try Fixture.bytes("array.npy"), flips: 3000) { bytes in
            if let array = try? read(bytes) {
                try #require(array.shape.reduce(1, *) == array.values.count)
            }
        }
    }

    @Test func aShapeThatLiesIsRefusedBeforeAnythingIsAllocated() throws {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }"
        let padding = String(repeating: " ", count: 118 - header.utf8.count - 1) + "\n"
        let bytes = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array((header + padding).utf8) + [0, 0, 0, 0]
        #expect(throws: ModelFormatError.self) { try read(bytes) }
    }
}
