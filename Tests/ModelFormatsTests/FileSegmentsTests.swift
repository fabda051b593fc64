import Foundation
import Testing

@testable import ModelFormats

/// Files of several segments read as if they were in one piece, wherever they are cut.
struct FileSegmentsTests {
    private static let contents = (0..<5_000_000).map { UInt8($0 * $0 / 7 & 255) }
    private var plain: [UInt8] { Self.contents }
    /// `hashlib.sha256(bytes(i * i // 7 % 256 for i in range(5_000_000))).hexdigest()`
    private let digest = "1f83c53168bcc2249c63d837ed1c393e2035b7c795b289ec3d5ea9cda81b9d23"

    private func withFile<R>(_ body: (String) throws -> R) throws -> R {
        try withTemporaryFolder { folder in
            let path = folder.appending(path: "weights").path
            try Data(plain).write(to: URL(filePath: path))
            return try body(path)
        }
    }

    /// Ranges that begin within `bounds` and end behind or before it, of all sizes.
    private func ranges(_ count: Int, in bounds: Range<Int>, seed: UInt64) -> [Range<Int>] {
        var state = seed
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        return (0..<count).map { _ in
            let start = bounds.lowerBound + random(bounds.count)
            return start..<start + random(1 << random(22))
        }
    }

    @Test func `every range of a file reads as its bytes, however it is cut`() throws {
        try withFile { path in
            for seed in 1...6 as ClosedRange<UInt64> {
                // Half of them lie before the file's first byte or behind its last.
                let payloads = ranges(20, in: -2_500_000..<7_500_000, seed: seed)
                let file = try FileContents(path: path) { _ in payloads }
                let cuts = FileContents.segments(payloads, of: plain.count)
                #expect(cuts.count > 4)
                #expect(cuts.first?.lowerBound == 0 && cuts.last?.upperBound == plain.count)
                #expect(zip(cuts, cuts.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound && !$0.isEmpty })
                let around = cuts.flatMap { [max(0, $0.lowerBound - 3)..<$0.lowerBound + 4, $0] }
                for range in ranges(40, in: 0..<plain.count, seed: seed + 99) + around {
                    let range = range.clamped(to: 0..<plain.count)
                    #expect(file.bytes[range].copy == Array(plain[range]), "\(range) of \(cuts)")
                    #expect(file.bytes[range.lowerBound] == plain[range.lowerBound])
                }
                #expect(file.bytes.copy == plain)
                #expect(try file.bytes.sha256() == digest)
            }
        }
    }

    @Test func `numbers that lie across a cut are read`() throws {
        try withFile { path in
            let cut = 2_000_001
            let file = try FileContents(path: path) { _ in [cut..<4_000_000] }
            let expected = plain[cut - 4..<cut + 4].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            #expect(file.bytes.littleEndian(at: cut - 4, as: UInt64.self) == expected)
            let tensor = try file.bytes[cut - 4..<cut + 4].tensor(shape: [2])
            let bits = tensor.values.map { UInt64($0.bitPattern) }
            #expect(bits == [expected & 0xFFFF_FFFF, expected >> 32])
        }
    }

    @Test func `a large payload has a segment of its own and small ones share one`() {
        let size = FileContents.segmentSize
        let large = 100..<100 + size
        let small = (0..<10).map { 3 * size + $0 * (size / 4)..<3 * size + ($0 + 1) * (size / 4) }
        #expect(
            FileContents.segments([large] + small.reversed(), of: 8 * size)
                == [
                    0..<100, large, large.upperBound..<3 * size + size / 4, 3 * size + size / 4..<4 * size + size / 4,
                    4 * size + size / 4..<5 * size + size / 4, 5 * size + size / 4..<8 * size,
                ])
        #expect(FileContents.segments([], of: 7) == [0..<7])
        #expect(FileContents.segments([0..<size], of: 0).isEmpty)
    }

    /// They were copied whenever they were read: a small file with one more payload took minutes and gigabytes.
    @Test func `payloads that overlap lie in one segment`() throws {
        let size = FileContents.segmentSize
        let overlapping = [0..<size, 4..<3 * size, 8..<size / 2, 2 * size..<4 * size, 5 * size..<6 * size]
        #expect(
            FileContents.segments(overlapping, of: 8 * size)
                == [0..<4 * size, 4 * size..<5 * size, 5 * size..<6 * size, 6 * size..<8 * size])
        try withFile { path in
            for seed in 1...20 as ClosedRange<UInt64> {
                let payloads = ranges(12, in: 0..<plain.count, seed: seed).map { $0.clamped(to: 0..<plain.count) }
                let cuts = FileContents.segments(payloads, of: plain.count)
                for payload in payloads where !payload.isEmpty {
                    #expect(cuts.contains { $0.contains(payload.lowerBound) && payload.upperBound <= $0.upperBound })
                }
            }
            let file = try FileContents(path: path) { _ in overlapping }
            #expect(overlapping.allSatisfy(file.lends))
            #expect(!file.lends(4 * size - 4..<4 * size + 4) && !file.lends(1..<5) && !file.lends(7..<7))
        }
    }

    @Test func `the digest of a file that is never in memory as a whole is the same`() throws {
        let found = try withFile { try FileReader(path: $0).sha256() }
        #expect(found == digest)
    }

    @Test func `the first look shows the bytes of the file`() throws {
        try withFile { path in
            var isSame = false
            _ = try FileContents(path: path) { file in
                let ranges = ranges(60, in: 0..<plain.count, seed: 5).map { $0.clamped(to: 0..<plain.count) }
                isSame =
                    ranges.allSatisfy { file[$0].copy == Array(plain[$0]) }
                    && (4090..<4100).allSatisfy { file[$0] == plain[$0] }
                    && file[plain.count - 1] == plain[plain.count - 1]
                return []
            }
            #expect(isSame)
        }
    }

    @Test func `what is rewritten behind the first look is read as it is then`() throws {
        try withFile { path in
            let file = try FileContents(path: path) { _ in
                try? Data(plain.reversed()).write(to: URL(filePath: path), options: [])
                return [1_000_000..<3_000_000]
            }
            #expect(file.bytes.copy == plain.reversed())
        }
    }

    @Test func `a file that is cut off behind the first look is refused`() throws {
        try withFile { path in
            _ = #expect {
                _ = try FileContents(path: path) { file in
                    truncate(path, 3_000_000)
                    // What is no longer there reads as zeros.
                    return file[4_000_000] == 0 && file[2_900_000..<3_100_000].copy.count == 200_000
                        ? [1_000_000..<4_500_000] : []
                }
            } throws: {
                "\($0)".contains("3000000: it became shorter while it was read")
            }
        }
    }
}
