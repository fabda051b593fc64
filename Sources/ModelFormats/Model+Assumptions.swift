/// What a user should be told where a model's files leave something open: what is missing, what is assumed instead, and where
/// to state it.
extension Model {
    /// - Parameter preprocessing: what is assumed; `nil` where the file states it.
    static func assumptions(
        ofFile path: String, preprocessing: PreprocessingRule?, labels: [String], outputs: Int
    ) -> [String] {
        let remedy = "'martlet convert \(path) FOLDER' makes a model folder; state"
        var assumptions: [String] = []
        if let preprocessing {
            let rule = (try? [UInt8](json: preprocessing)).map { String(decoding: $0, as: UTF8.self) } ?? "defaults"
            assumptions.append(
                "\(path) does not say how images are prepared for it; assumed: \(rule). "
                    + "\(remedy) another rule as \"preprocessing\" in its config.json.")
        }
        if labels.isEmpty {
            assumptions.append(
                "\(path) \(unnamedClasses). \(remedy) names in its config.json: \(labelsField(outputs)).")
        }
        return assumptions
    }

    static func assumptions(ofFolder path: String, labels: [String], outputs: Int) -> [String] {
        guard labels.isEmpty else { return [] }
        return [
            "\(path)/config.json \(unnamedClasses). Put labels.txt, a name a line, beside it and state \(labelsField(outputs))."
        ]
    }

    static func assumptions(ofTimmFolder path: String, labels: [String]) -> [String] {
        guard labels.isEmpty else { return [] }
        return [
            "\(path)/config.json \(unnamedClasses). Put labels.txt, a name a line, beside it, or state \"label_names\"."
        ]
    }

    private static let unnamedClasses = "does not name the classes; they are called by their index"

    private static func labelsField(_ outputs: Int) -> String {
        "\"labels\": {\"file\": \"labels.txt\", \"count\": \(outputs)}"
    }
}
