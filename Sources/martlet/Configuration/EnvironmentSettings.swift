import Foundation

/// What environment variables say.
struct EnvironmentSettings {
    let given: [String: GivenSetting]
    /// About variables that look like settings and are none.
    let warnings: [String]

    /// An empty variable is one that is not set: compose files pass such on.
    init(_ environment: [String: String], settings: [Setting]) {
        var given: [String: GivenSetting] = [:]
        let known = Dictionary(uniqueKeysWithValues: settings.map { ($0.variable, $0) })
        var warnings: [String] = []
        for (variable, value) in environment.sorted(by: { $0.key < $1.key }) where !value.isEmpty {
            guard variable.hasPrefix(Setting.variablePrefix), !Self.isServiceLink(variable, value) else { continue }
            guard let setting = known[variable] else {
                let meant = variable.nearest(of: Array(known.keys.sorted()))
                warnings.append(
                    "the environment variable \(variable) sets nothing" + (meant.map { "; did you mean \($0)?" } ?? ""))
                continue
            }
            let values = setting.isRepeating ? Self.list(value) : [value]
            given[setting.name] = GivenSetting(values: values, source: .variable(variable))
        }
        self.given = given
        self.warnings = warnings
    }

    /// `a, b`.
    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    /// Kubernetes tells containers of a service called martlet by MARTLET_PORT=tcp://10.0.0.1:80 and others
    /// (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables).
    private static func isServiceLink(_ variable: String, _ value: String) -> Bool {
        variable.hasPrefix("MARTLET_SERVICE_") || variable.hasPrefix("MARTLET_PORT_")
            || variable == "MARTLET_PORT" && value.contains("://")
    }
}
