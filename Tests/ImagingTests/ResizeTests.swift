import CImaging
import Testing

@testable import Imaging

struct ResizeTests {
    @Test func `resizing equals Pillow's bit for bit, up and down, with whole and fractional boxes`() throws {
        let manifest = try Fixtures.manifest()
        #expect(manifest.resizing.count == 6)
        for fixture in manifest.resizing {
            let source = try Fixtures.image(fixture.source, width: fixture.width, height: fixture.height)
            var expected = try Fixtures.bytes(fixture.expected)[...]
            for resize in fixture.cases {
                let box = CropBox(left: resize.box[0], top: resize.box[1], right: resize.box[2], bottom: resize.box[3])
                let result = source.resized(
                    width: resize.width, height: resize.height, fixture.interpolation, box: box)
                let wanted = RGBImage(
                    width: resize.width, height: resize.height, exactly: Array(expected.prefix(result.pixels.count)))
                expected = expected.dropFirst(result.pixels.count)
                let difference = largestDifference(result, wanted)
                #expect(difference == 0, "\(fixture.expected) \(resize): differs by \(difference ?? -1)")
            }
            #expect(expected.isEmpty)
        }
    }

    @Test func `vector and plain C resample alike at every width`() {
        var random = SplitMix64(state: 7)
        for width in 1...70 {
            for outputCount in [1, 2, 5, 31, 64, 90] {
                let rows = width % 9 + 1
                let pixels = (0..<3 * width * rows).map { _ in UInt8.random(in: 0...255, using: &random) }
                let table = ResamplingTable(
                    inputCount: width, span: (0, Float(width)), outputCount: outputCount, interpolation: .bicubic)
                var vector = [UInt8](repeating: 0, count: 3 * outputCount * rows)
                var plain = vector
                let scratchSize = cimaging_resample_rows_scratch(width)
                withUnsafeTemporaryAllocation(byteCount: scratchSize, alignment: 16) { scratch in
                    table.withWeights { weights in
                        cimaging_resample_rows(pixels, width, 3 * width, rows, weights, &vector, scratch.baseAddress)
                        cimaging_resample_rows_portable(pixels, width, 3 * width, rows, weights, &plain)
                    }
                }
                #expect(vector == plain, "rows of \(width) to \(outputCount)")

                let columns = pixels.count / width
                vector = Array(repeating: 0, count: columns * outputCount)
                plain = vector
                table.withWeights { weights in
                    cimaging_resample_columns(pixels, columns, columns, width, weights, &vector)
                    cimaging_resample_columns_portable(pixels, columns, columns, width, weights, &plain)
                }
                #expect(vector == plain, "columns of \(width) to \(outputCount)")
            }
        }
    }
}
