/// What a key may do. None implies another: a key has those it was given, and `admin` alone neither classifies nor teaches.
public enum Scope: String, CaseIterable, Codable, Sendable {
    /// Classify, embed, and see the models and heads there are.
    case infer
    /// Everything about datasets and fine-tune jobs; change and export heads.
    case teach
    /// Load and unload models; read `/metrics`.
    case admin
}
