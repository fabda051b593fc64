/// Whose a `config.json` is, by the fields that it has.
enum ConfigurationKind: Decodable {
    /// See ``ModelConfiguration``.
    case martlet
    /// See ``TimmConfiguration``.
    case timm
    case unknown

    private enum Mark: String, CodingKey {
        case martlet = "format_version"
        case timm = "pretrained_cfg"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Mark.self)
        self = fields.contains(.martlet) ? .martlet : fields.contains(.timm) ? .timm : .unknown
    }
}
