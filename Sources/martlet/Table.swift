/// Rows of text printed in aligned columns: the first column to the left, numbers to the right.
struct Table {
    private var rows: [[String]]
    private let leftAligned: Set<Int>

    /// - Parameter leftAligned: the columns that hold text.
    init(header: [String], leftAligned: Set<Int>) {
        rows = [header]
        self.leftAligned = leftAligned
    }

    mutating func append(_ row: [String]) { rows.append(row) }

    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return leftAligned.contains(column) ? cell + space : space + cell
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop(while: { $0 == " " }).reversed())
        }.joined(separator: "\n")
    }
}
