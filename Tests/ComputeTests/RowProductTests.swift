import CKernels
import Compute
import Testing

/// The microkernels of ``BlockedMatrix`` themselves, on memory that ends at guard pages.
struct RowProductTests {
    private static let widths = [1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 71]
    private static let outputs = [1, 2, 3, 4, 5, 6, 9, 12, 13]

    @Test(arguments: KernelTable.available)
    func `Both products are the plain sums at every size, and a row's does not depend on the others`(name: String)
        throws
    {
        let table = try #require(f32_kernels_named(name)).pointee
        var random = SeededGenerator(seed: 1)
        for columns in Self.widths {
            let padded = (columns + table.tile_columns - 1) / table.tile_columns * table.tile_columns
            for rows in [1, 3, 4, 5, 9] {
                let values = random.floats(rows * columns)
                let matrix = GuardedFloats(values)
                for outputs in Self.outputs {
                    let factors = random.floats(outputs * padded)
                    let weights = GuardedFloats(
                        factors.enumerated().map { $0.offset % padded < columns ? $0.element : 0 })
                    let bias = GuardedFloats(random.floats(outputs))
                    let dots = GuardedFloats(count: rows * outputs)
                    var shape = f32_rows(
                        values: matrix.pointer, rows: rows, columns: columns, padded_columns: padded, ahead: 0)
                    table.row_dots(&shape, weights.pointer, bias.pointer, outputs, dots.pointer)
                    let last = GuardedFloats(count: outputs)
                    var lastRow = shape
                    lastRow.values = shape.values + (rows - 1) * columns
                    lastRow.rows = 1
                    table.row_dots(&lastRow, weights.pointer, bias.pointer, outputs, last.pointer)
                    expectIdentical(
                        last.values, Array(dots.values.suffix(outputs)), "\(name) \(rows)×\(columns) by \(outputs)")

                    let left = GuardedFloats(random.floats(outputs * rows))
                    let start = random.floats(outputs * padded)
                    let sums = GuardedFloats(start)
                    table.row_sums(&shape, left.pointer, outputs, sums.pointer)

                    var (dotError, sumError) = (0.0, 0.0)
                    for output in 0..<outputs {
                        for row in 0..<rows {
                            var sum = Double(bias.pointer[output])
                            for column in 0..<columns {
                                sum +=
                                    Double(values[row * columns + column])
                                    * Double(weights.pointer[output * padded + column])
                            }
                            dotError = max(dotError, abs(Double(dots.pointer[row * outputs + output]) - sum))
                        }
                        for column in 0..<columns {
                            var sum = Double(start[output * padded + column])
                            for row in 0..<rows {
                                sum +=
                                    Double(values[row * columns + column])
                                    * Double(left.pointer[output * rows + row])
                            }
                            sumError = max(sumError, abs(Double(sums.pointer[output * padded + column]) - sum))
                        }
                    }
                    // Elements are within −1 … 1.
                    #expect(dotError <= 1e-7 * Double(columns + 1) && sumError <= 1e-7 * Double(rows + 1))
                }
            }
        }
    }
}
