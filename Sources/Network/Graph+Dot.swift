extension Graph {
    /// The graph in the DOT language of Graphviz (https://graphviz.org/doc/info/lang.html): a box a node, an arrow a value with
    /// its shape.
    ///
    /// - Throws: ``GraphError`` where the graph is not valid.
    public func dot() throws(GraphError) -> String {
        let shapes = try shapes()
        var lines = ["digraph {", "  node [shape=box, fontname=\"sans-serif\"]"]
        lines.append("  v\(input.index) [label=\(Self.quoted([inputName])), shape=ellipse]")
        for node in nodes {
            lines.append("  v\(node.output.index) [label=\(Self.quoted([node.name, node.operation.description]))]")
            for value in node.inputs {
                let shape = (shapes[value] ?? []).map(String.init).joined(separator: "×")
                lines.append("  v\(value.index) -> v\(node.output.index) [label=\(Self.quoted([shape]))]")
            }
        }
        lines.append("  output [label=\(Self.quoted([outputName])), shape=ellipse]")
        let shape = (shapes[output] ?? []).map(String.init).joined(separator: "×")
        lines.append("  v\(output.index) -> output [label=\(Self.quoted([shape]))]")
        return (lines + ["}"]).joined(separator: "\n")
    }

    private static func quoted(_ lines: [String]) -> String {
        let escaped = lines.map { line in
            line.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: " ")
        }
        return "\"\(escaped.joined(separator: "\\n"))\""
    }
}
