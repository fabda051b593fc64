import Compute
import Foundation
import Testing

@testable import ModelFormats

struct SafetensorsFileTests {
    private let values = (-3..<9).map { Float($0) / 7 }

    private func read(_ bytes: [UInt8]) throws -> SafetensorsFile {
        try SafetensorsFile(try FileContents(path: "made.safetensors", contents: bytes).bytes)
    }

    /// The header's length, the header, and `data` bytes of zeros.
    private func file(_ header: String, data: Int) -> [UInt8] {
        let length = UInt64(header.utf8.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8)
            + [UInt8](repeating: 0, count: data)
    }

    private func expectRefusal(_ bytes: [UInt8], mentioning words: [String] = []) {
        #expect { _ = try read(bytes) } throws: { error in
            error is ModelFormatError && (["made.safetensors"] + words).allSatisfy("\(error)".contains)
        }
    }

    @Test func tensorsOfTheSafetensorsPackageAreRead() throws {
        let file = try read(try Fixture.bytes("tensors.safetensors"))
        #expect(file.entries.keys.sorted() == ["empty", "first", "second"])
        #expect(try file.tensor("first", shape: [3, 2, 2]).values == values)
        #expect(try file.tensor("second", shape: [2, 2]).values == Array(values.prefix(4)))
        #expect(try file.tensor("empty", shape: [0, 4]).count == 0)
    }

    @Test func aMissingTensorAndAnotherShapeAreNamed() throws {
        let file = try read(try Fixture.bytes("tensors.safetensors"))
        #expect { _ = try file.tensor("third", shape: [1]) } throws: { "\($0)".contains("third") }
        #expect { _ = try file.tensor("first", shape: [12]) } throws: { error in
            ["first", "[12]", "[3, 2, 2]"].allSatisfy("\(error)".contains)
        }
    }

    @Test func otherNumbersThanFloatsAreRefusedByName() {
        #expect {
            let bytes = file(#"{"h":{"dtype":"I64","shape":[2],"data_offsets":[0,16]}}"#, data: 16)
            _ = try read(bytes).tensor("h", shape: [2])
        } throws: { "\($0)".contains("I64") && "\($0)".contains("BF16") }
        #expect {
            let bytes = file(#"{"h":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}"#, data: 2)
            _ = try read(bytes).tensor("h", shape: [2])
        } throws: {
            "\($0)".hasSuffix(
                "tensor 'h': found element type 'F8_E4M3', which is not supported; supported: F32, F16, BF16")
        }
        expectRefusal(
            file(#"{"h":{"dtype":"F4","shape":[4],"data_offsets":[0,2]}}"#, data: 2),
            mentioning: ["tensor 'h'", "'F4'", "F32, F16, BF16 for weights"])
    }

    /// The bits are from IEEE 754: 1, −2, the largest number and the smallest.
    @Test func numbersOf16BitsAreWidened() throws {
        let half = file(#"{"h":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}}"#, data: 0)
        #expect(
            try read(half + [0x00, 0x3C, 0x00, 0xC0, 0xFF, 0x7B, 0x01, 0x00]).tensor("h", shape: [4]).values
                == [1, -2, 65504, 0x1p-24])
        let brain = file(#"{"b":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]}}"#, data: 0)
        #expect(
            try read(brain + [0x80, 0x3F, 0x00, 0xC0, 0x7F, 0x7F]).tensor("b", shape: [3]).values
                == [1, -2, 0x1.FEp127])
    }

    @Test func headersThatLieAreRefused() {
        let good = #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
        #expect(throws: Never.self) { try read(file(good, data: 8)) }
        expectRefusal(file(good, data: 7))
        expectRefusal(file(#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, data: 8), mentioning: ["a"])
        expectRefusal(file(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, data: 8), mentioning: ["a"])
        expectRefusal(file(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#, data: 8))
        expectRefusal(file(#"{"a":{"dtype":"F32","shape":[-2,-1],"data_offsets":[0,8]}}"#, data: 8))
        expectRefusal(
            file(#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}"#, data: 8))
        expectRefusal(
            file(
                #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
                data: 12))
        expectRefusal(file("[]", data: 0))
        expectRefusal([UInt8](repeating: 0xFF, count: 16))
        expectRefusal([])
    }

    @Test func damagedFilesNeverCrash() throws {
        let bytes = try Fixture.bytes("tensors.safetensors")
        Fixture.damaged(bytes, flips: 3000) { bytes in
            guard let file = try? read(bytes) else { return }
            for name in file.entries.keys { _ = try? file.tensor(name, shape: [3, 2, 2]).values }
        }
        for count in bytes.indices {
            #expect(throws: ModelFormatError.self) { try read(Array(bytes[..<count])) }
        }
    }
}
