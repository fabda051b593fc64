import CKernels
import Compute
import Testing

/// The microkernels themselves, on memory that ends at guard pages.
@Suite struct IndirectTileTests {
    @Test(
        "every tile size of every table equals the plain sums",
        arguments: KernelTable.available, [(1, 1), (1, 7), (3, 1), (2, 5), (9, 3), (1, 40)])
    func everyTile(name: String, depth: (taps: Int, channels: Int)) throws {
        let table = try #require(f32_kernels_named(name)).pointee
        let tile = Tile(rows: table.tile_rows, columns: table.tile_columns, taps: depth.taps, channels: depth.channels)
        for rows in 1...table.tile_rows {
            for columns in 1...table.tile_columns {
                for option in Tile.Option.all {
                    tile.check(rows: rows, columns: columns, option, function: table.igemm[rows - 1], name: name)
                }
            }
        }
    }

    @Test("rows without an indirection equal rows with one, bit for bit", arguments: KernelTable.available)
    func contiguousRows(name: String) throws {
        let table = try #require(f32_kernels_named(name)).pointee
        let channels = 19
        let tile = Tile(rows: table.tile_rows, columns: table.tile_columns, taps: 1, channels: channels)
        for rows in 1...table.tile_rows {
            let offsets = (0..<rows).map { Int32($0 * channels) }
            let direct = tile.run(
                rows: rows, columns: table.tile_columns, Tile.Option.all[0], function: table.igemm[rows - 1],
                offsets: nil)
            let indirect = tile.run(
                rows: rows, columns: table.tile_columns, Tile.Option.all[0], function: table.igemm[rows - 1],
                offsets: offsets)
            expectIdentical(direct, indirect, "\(name), \(rows) rows")
        }
    }
}

/// Random operands for the largest tile of a table, and their product; smaller tiles are parts of it.
private struct Tile {
    struct Option {
        var hasResidual: Bool
        var activation: Activation

        static let all = [
            Option(hasResidual: false, activation: .identity), Option(hasResidual: true, activation: .identity),
            Option(hasResidual: true, activation: .clamp(lower: -0.25, upper: 0.5)),
        ]
    }

    let rows: Int
    let columns: Int
    let taps: Int
    let channels: Int
    let input: GuardedFloats
    let zeros: GuardedFloats
    let weights: GuardedFloats
    let bias: GuardedFloats
    let residual: [Float]
    /// [taps][rows]; some rows of some taps are padding.
    let offsets: [[Int32]]
    let sums: [Double]
    let magnitudes: [Double]

    init(rows: Int, columns: Int, taps: Int, channels: Int) {
        var random = SeededGenerator(seed: rows * 1000 + taps * 100 + channels)
        let input = random.floats(rows * channels)
        let weights = random.floats(taps * channels * columns)
        let bias = random.floats(columns)
        var offsets: [[Int32]] = []
        for tap in 0..<taps {
            offsets.append(
                (0..<rows).map { row in
                    (row + tap) % 5 == 4 ? -1 : Int32((row * 7 + tap * 3) % rows * channels)
                })
        }
        // The last row's last pixel must be read where it ends at the guard page.
        offsets[0][0] = Int32((rows - 1) * channels)
        var sums: [Double] = []
        var magnitudes: [Double] = []
        for row in 0..<rows {
            for column in 0..<columns {
                var sum = Double(bias[column])
                var magnitude = abs(sum)
                for tap in 0..<taps where offsets[tap][row] >= 0 {
                    for channel in 0..<channels {
                        let weight = weights[(tap * channels + channel) * columns + column]
                        let term = Double(input[Int(offsets[tap][row]) + channel]) * Double(weight)
                        sum += term
                        magnitude += abs(term)
                    }
                }
                sums.append(sum)
                magnitudes.append(magnitude)
            }
        }
        self.rows = rows
        self.columns = columns
        self.taps = taps
        self.channels = channels
        self.input = GuardedFloats(input)
        zeros = GuardedFloats([Float](repeating: 0, count: channels))
        self.weights = GuardedFloats(weights)
        self.bias = GuardedFloats(bias)
        residual = random.floats(rows * columns)
        self.offsets = offsets
        self.sums = sums
        self.magnitudes = magnitudes
    }

    /// The output, whose rows lie one float further apart than they are long.
    func run(
        rows: Int, columns: Int, _ option: Option, function: f32_igemm_function, offsets: [Int32]?
    ) -> [Float] {
        let stride = columns + 1
        let output = GuardedFloats(count: (rows - 1) * stride + columns)
        output.fill(.nan)
        var addend: GuardedFloats?
        if option.hasResidual {
            let values = GuardedFloats(count: output.count)
            values.fill(.nan)
            for row in 0..<rows {
                for column in 0..<columns {
                    values.pointer[row * stride + column] = residual[row * self.columns + column]
                }
            }
            addend = values
        }
        let run = { (offsets: UnsafePointer<Int32>?) in
            var tile = f32_igemm(
                input: input.pointer, offsets: offsets, input_stride: channels, zeros: zeros.pointer, taps: taps,
                channels: channels, weights: weights.pointer, bias: bias.pointer,
                residual: addend.map { UnsafePointer($0.pointer) }, output: output.pointer, output_stride: stride,
                columns: columns, lower: option.activation.bounds.lower, upper: option.activation.bounds.upper,
                ahead: nil, ahead_step: 0)
            function(&tile)
        }
        if let offsets {
            offsets.withUnsafeBufferPointer { run($0.baseAddress) }
        } else {
            run(nil)
        }
        return output.values
    }

    func check(rows: Int, columns: Int, _ option: Option, function: f32_igemm_function, name: String) {
        let found = run(
            rows: rows, columns: columns, option, function: function,
            offsets: offsets.flatMap { $0.prefix(rows) })
        let bounds = option.activation.bounds
        for row in 0..<rows {
            if row > 0 && !found[row * (columns + 1) - 1].isNaN {
                Issue.record("\(name) \(rows)×\(columns): wrote past the end of row \(row - 1)")
                return
            }
            for column in 0..<columns {
                let at = row * self.columns + column
                let addend = option.hasResidual ? Double(residual[at]) : 0
                let expected = min(max(sums[at] + addend, Double(bounds.lower)), Double(bounds.upper))
                let limit = Double(taps * channels + 2) * Double(Float.ulpOfOne) * (magnitudes[at] + abs(addend))
                let value = Double(found[row * (columns + 1) + column])
                if !(abs(value - expected) <= limit) {
                    Issue.record(
                        """
                        \(name) \(rows)×\(columns), \(taps) taps of \(channels), residual \(option.hasResidual), \
                        \(option.activation): [\(row), \(column)] is \(value), not \(expected) ± \(limit)
                        """)
                    return
                }
            }
        }
    }
}
