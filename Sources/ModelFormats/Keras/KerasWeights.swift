/// Where a network's weights lie in its HDF5 file.
enum KerasWeights {
    /// Of a `.keras` file: `layers/<class>_<number>/vars/<number>` in a group for the network.
    case numbered(network: HDF5Object?)
    /// Of a `.h5` file: a group for each layer, whose attribute `weight_names` lists the paths of its weights.
    case named(groups: HDF5Object)
    /// Of a network within a network of a `.h5` file: the weights of its group, by the layer's name that is in theirs.
    case nested(group: HDF5Object, names: [Substring: [String]])

    /// The weights of a layer in the order in which Keras makes them.
    func variables(of layer: KerasLayer) throws(ModelFormatError) -> [HDF5Object] {
        switch self {
        case .numbered(let network):
            guard let group = try network?.object("layers/\(layer.storageName)/vars") else { return [] }
            var variables: [HDF5Object] = []
            // A layer has few: what is missing ends the list.
            while let variable = try group.object("\(variables.count)") { variables.append(variable) }
            return variables
        case .named(let groups):
            guard let address = try groups.links()[layer.name] else { return [] }
            let group = try HDF5Object(groups.file, at: address, path: "\(groups.path)/\(layer.name)")
            return try Self.objects(try group.strings("weight_names") ?? [], in: group)
        case .nested(let group, let names):
            return try Self.objects(names[Substring(layer.name), default: []], in: group)
        }
    }

    /// The weights of a network that is a layer of this one; where the file has none, its layers will say what they miss.
    func network(_ layer: KerasLayer) throws(ModelFormatError) -> KerasWeights {
        switch self {
        case .numbered(let network): return .numbered(network: try network?.object("layers/\(layer.storageName)"))
        case .named(let groups):
            guard let address = try groups.links()[layer.name] else { return .nested(group: groups, names: [:]) }
            let group = try HDF5Object(groups.file, at: address, path: "\(groups.path)/\(layer.name)")
            let names = try group.strings("weight_names") ?? []
            return .nested(
                group: group, names: Dictionary(grouping: names) { $0.split(separator: "/").dropLast().last ?? "" })
        case .nested: return self
        }
    }

    private static func objects(
        _ paths: [String], in group: HDF5Object
    ) throws(ModelFormatError) -> [HDF5Object] {
        var objects: [HDF5Object] = []
        for path in paths {
            guard let object = try group.object(path) else {
                throw group.malformed(expected: "a weight \(path.quoted), as weight_names says", found: "none")
            }
            objects.append(object)
        }
        return objects
    }
}
