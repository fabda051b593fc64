import Compute

extension Serve {
    /// What is in effect, without starting, of options that are not given and depend on the machine or on others.
    var derivedDefaults: [String: String] {
        var derived = [
            "keys": access.keyOptions.file(beside: storage.store).path, "threads": "\(engine.pool().threads)",
        ]
        derived["isa"] = try? engine.kernels().name
        return derived
    }
}
