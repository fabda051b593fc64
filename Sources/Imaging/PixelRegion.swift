/// Columns and rows of a picture, from its upper left corner.
struct PixelRegion: Sendable, Equatable {
    var columns: Range<Int>
    var rows: Range<Int>

    /// All of `width` × `height` pixels.
    init(width: Int, height: Int) {
        self.init(columns: 0..<width, rows: 0..<height)
    }

    init(columns: Range<Int>, rows: Range<Int>) {
        self.columns = columns
        self.rows = rows
    }

    /// The region with `margin` pixels more on each side, where a picture of `width` × `height` has them.
    func widened(by margin: Int, width: Int, height: Int) -> PixelRegion {
        PixelRegion(
            columns: max(0, columns.lowerBound - margin)..<min(width, columns.upperBound + margin),
            rows: max(0, rows.lowerBound - margin)..<min(height, rows.upperBound + margin))
    }

    /// Where the region of a picture of `width` × `height` lies once the picture stands upright.
    func upright(from orientation: Orientation, width: Int, height: Int) -> PixelRegion {
        let mirroredColumns = width - columns.upperBound..<width - columns.lowerBound
        let mirroredRows = height - rows.upperBound..<height - rows.lowerBound
        return switch orientation {
        case .topLeft: self
        case .topRight: PixelRegion(columns: mirroredColumns, rows: rows)
        case .bottomRight: PixelRegion(columns: mirroredColumns, rows: mirroredRows)
        case .bottomLeft: PixelRegion(columns: columns, rows: mirroredRows)
        case .leftTop: PixelRegion(columns: rows, rows: columns)
        case .rightTop: PixelRegion(columns: mirroredRows, rows: columns)
        case .rightBottom: PixelRegion(columns: mirroredRows, rows: mirroredColumns)
        case .leftBottom: PixelRegion(columns: rows, rows: mirroredColumns)
        }
    }
}
