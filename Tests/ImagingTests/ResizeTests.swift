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

    @Test func `every instruction set resamples rows like plain C, at every width`() {
        for (width, outputCount, table) in Self.tables {
            for rows in [1, 4, 7] {
                let pixels = Self.noise(3 * width * rows)
                let results = Self.rowKernels.map { name, kernel in
                    var output = [UInt8](repeating: 0, count: 3 * outputCount * rows)
                    let scratchSize = cimaging_resample_rows_scratch(width)
                    withUnsafeTemporaryAllocation(byteCount: scratchSize, alignment: 64) { scratch in
                        table.withWeights { weights in
                            kernel(pixels, width, 3 * width, rows, weights, &output, scratch.baseAddress)
                        }
                    }
                    return (name, output)
                }
                for (name, output) in results {
                    #expect(output == results[0].1, "\(name): \(rows) rows of \(width) to \(outputCount)")
                }
            }
        }
    }

    @Test func `every instruction set resamples columns like plain C, at every height and width`() {
        for (height, outputCount, table) in Self.tables {
            for rowBytes in [1, 15, 16, 17, 31, 32, 33, 63, 100] {
                let bytes = Self.noise(rowBytes * height)
                let results = Self.columnKernels.map { name, kernel in
                    var output = [UInt8](repeating: 0, count: rowBytes * outputCount)
                    table.withWeights { weights in kernel(bytes, rowBytes, rowBytes, height, weights, &output) }
                    return (name, output)
                }
                for (name, output) in results {
                    #expect(output == results[0].1, "\(name): \(height) rows of \(rowBytes) bytes to \(outputCount)")
                }
            }
        }
    }

    private typealias RowKernel =
        @convention(c) (
            UnsafePointer<UInt8>?, Int, Int, Int, UnsafePointer<cimaging_weights>?, UnsafeMutablePointer<UInt8>?,
            UnsafeMutableRawPointer?
        ) -> Void

    private typealias ColumnKernel =
        @convention(c) (
            UnsafePointer<UInt8>?, Int, Int, Int, UnsafePointer<cimaging_weights>?, UnsafeMutablePointer<UInt8>?
        ) -> Void

    /// Plain C first.
    private static var rowKernels: [(String, RowKernel)] {
        var kernels: [(String, RowKernel)] = [("portable", cimaging_resample_rows_portable)]
        #if arch(x86_64)
            kernels.append(("SSE2", cimaging_resample_rows_sse2))
            if cimaging_has_avx2() != 0 { kernels.append(("AVX2", cimaging_resample_rows_avx2)) }
            if cimaging_has_avx512() != 0 { kernels.append(("AVX-512", cimaging_resample_rows_avx512)) }
        #endif
        return kernels
    }

    /// Plain C first.
    private static var columnKernels: [(String, ColumnKernel)] {
        var kernels: [(String, ColumnKernel)] = [("portable", cimaging_resample_columns_portable)]
        #if arch(x86_64)
            kernels.append(("SSE2", cimaging_resample_columns_sse2))
            if cimaging_has_avx2() != 0 { kernels.append(("AVX2", cimaging_resample_columns_avx2)) }
            if cimaging_has_avx512() != 0 { kernels.append(("AVX-512", cimaging_resample_columns_avx512)) }
        #endif
        return kernels
    }

    private static var tables: [(inputCount: Int, outputCount: Int, ResamplingTable)] {
        (1...40).flatMap { inputCount in
            [1, 2, 5, 31, 64].map { outputCount in
                let table = ResamplingTable(
                    inputCount: inputCount, span: (0, Float(inputCount)), outputCount: outputCount,
                    interpolation: .bicubic)
                return (inputCount, outputCount, table)
            }
        }
    }

    /// Black and white beside each other drive the kernel past both ends of a byte's range.
    private static func noise(_ count: Int) -> [UInt8] {
        var random = SplitMix64(state: UInt64(count))
        return (0..<count).map { _ in
            [0, 255, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random) ?? 0
        }
    }
}
