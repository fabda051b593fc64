import Compute

/// One layer as a Keras configuration describes it, and checked access to its fields.
struct KerasLayer {
    let kind: KerasLayerClass
    /// Unique within its network.
    let name: String
    /// What `.keras` files call the group of its weights.
    let storageName: String
    /// Whether it is a function of `keras.ops`, such as the sum that `x + y` makes, and not a layer.
    let isFunction: Bool
    let config: JSONValue
    /// Of a layer that is a network itself.
    let network: KerasNetwork?
    /// A call each; of layers of functional networks.
    let calls: [JSONValue]
    private let file: FileBytes

    /// - Parameters:
    ///   - depth: how many networks it lies in.
    ///   - storageName: makes a class's name one that no earlier layer of the network has.
    init(
        _ json: JSONValue, of file: FileBytes, depth: Int, storageName: (String) -> String
    ) throws(ModelFormatError) {
        self.file = file
        config = json["config"]
        guard let className = json["class_name"].string else {
            throw file.malformed("a layer", expected: "a class_name", found: "\(json["class_name"])")
        }
        name = json["name"].string ?? config["name"].string ?? className
        let location = "layer \(name.quoted) (\(className.quoted.dropFirst().dropLast()))"
        let (module, registered) = (json["module"].string, json["registered_name"].string)
        let isKeras = module.map { $0 == "keras" || $0.hasPrefix("keras.") || $0.hasPrefix("tf_keras.") } ?? true
        guard isKeras, registered == nil || registered == className, !className.contains(">") else {
            let shown = registered ?? [module, className].compactMap { $0 }.joined(separator: ".")
            throw file.unsupported(
                location, found: "the custom object \(shown.quoted), which is Python code",
                supported: "Keras' own layers: \(KerasLayerClass.list)")
        }
        guard className != "Lambda" else {
            throw file.unsupported(
                location, found: "a Lambda, which is Python code", supported: "layers of \(KerasLayerClass.list)")
        }
        guard let kind = KerasLayerClass(rawValue: className) else {
            throw file.unsupported(location, found: "class \(className.quoted)", supported: KerasLayerClass.list)
        }
        self.kind = kind
        isFunction = module?.hasPrefix("keras.src.ops") ?? false
        self.storageName = isFunction ? "" : storageName(KerasLayerClass.storageName(className))
        calls = json["inbound_nodes"].array ?? []
        // Here, once: it may be called many times.
        network = kind.isNetwork ? try KerasNetwork(config, kind: kind, of: file, depth: depth) : nil
        if let format = config["data_format"].string, format != "channels_last" {
            throw unsupported("data_format", found: format.quoted, supported: "'channels_last'")
        }
    }

    var location: String { "layer \(name.quoted) (\(kind.rawValue))" }

    func malformed(_ field: String, expected: String, found: String) -> ModelFormatError {
        file.malformed("\(location), \(field)", expected: expected, found: found)
    }

    func unsupported(_ field: String, found: String, supported: String) -> ModelFormatError {
        file.unsupported("\(location), \(field)", found: found, supported: supported)
    }

    /// A whole number in `range`; `fallback` where the field is absent or null.
    func integer(
        _ field: String, in range: ClosedRange<Int> = 1...65536, or fallback: Int? = nil
    ) throws(ModelFormatError) -> Int {
        let value = config[field]
        if value == .null, let fallback { return fallback }
        guard let integer = value.integer, range.contains(integer) else {
            throw malformed(field, expected: "\(range.lowerBound) to \(range.upperBound)", found: "\(value)")
        }
        return integer
    }

    /// Two whole numbers, or one that stands for both; `fallback` where the field is absent or null.
    func pair(_ field: String, or fallback: [Int]? = nil) throws(ModelFormatError) -> [Int] {
        let value = config[field]
        if value == .null, let fallback { return fallback }
        let numbers = value.array ?? [value, value]
        let pair = numbers.compactMap(\.integer)
        guard numbers.count == 2, pair.count == 2, pair.allSatisfy({ (1...65536).contains($0) }) else {
            throw malformed(field, expected: "two numbers from 1 to 65536", found: "\(value)")
        }
        return pair
    }

    /// `[top, bottom, left, right]`, of one number, two, or two pairs.
    func edges(_ field: String) throws(ModelFormatError) -> EdgeInsets {
        let value = config[field]
        var sides: [Int] = []
        for side in value.array ?? [value, value] { sides += (side.array ?? [side, side]).compactMap(\.integer) }
        guard sides.count == 4, sides.allSatisfy({ (0...65536).contains($0) }) else {
            throw malformed(field, expected: "rows and columns from 0 to 65536", found: "\(value)")
        }
        return EdgeInsets(top: sides[0], left: sides[2], bottom: sides[1], right: sides[3])
    }

    func bool(_ field: String, or fallback: Bool) throws(ModelFormatError) -> Bool {
        let value = config[field]
        if value == .null { return fallback }
        guard let bool = value.bool else { throw malformed(field, expected: "true or false", found: "\(value)") }
        return bool
    }

    /// A finite number; `fallback` where the field is absent or null.
    func number(_ field: String, or fallback: Float) throws(ModelFormatError) -> Float {
        let value = config[field]
        if value == .null { return fallback }
        guard let number = value.number, Float(number).isFinite else {
            throw malformed(field, expected: "a number", found: "\(value)")
        }
        return Float(number)
    }

    /// Numbers in any nesting, or one.
    func numbers(_ field: String) throws(ModelFormatError) -> [Float] {
        var (pending, numbers) = ([config[field]], [Float]())
        while let value = pending.popLast() {
            if let values = value.array {
                pending += values.reversed()
            } else if let number = value.number, Float(number).isFinite {
                numbers.append(Float(number))
            } else {
                throw malformed(field, expected: "numbers", found: "\(value)")
            }
        }
        return numbers
    }

    /// The field `axis`, one number or a list of one, of an array of `rank` axes with the batch: 1 is the first after it.
    func axis(rank: Int, or fallback: Int = -1) throws(ModelFormatError) -> Int {
        let value = config["axis"]
        let axis = value == .null ? fallback : value.array.map { $0.count == 1 ? $0[0].integer : nil } ?? value.integer
        guard let axis, (1..<rank).contains(axis < 0 ? axis &+ rank : axis) else {
            throw unsupported("axis", found: "\(value)", supported: "one of 1 to \(rank - 1)")
        }
        return axis < 0 ? axis + rank : axis
    }

    /// Refuses to compute with numbers of `type`, `uint8` for example, where Keras would wrap or truncate.
    func checkFloats(_ type: String?) throws(ModelFormatError) {
        guard let type, !type.contains("float") else { return }
        throw unsupported(
            "inbound_nodes", found: "arithmetic on \(type), which wraps in Keras",
            supported: "arithmetic on floating-point numbers: cast or rescale them before")
    }

    /// Refuses another axis than the last, the channels.
    func checkLastAxis(rank: Int) throws(ModelFormatError) {
        guard try axis(rank: rank) == rank - 1 else {
            throw unsupported("axis", found: "\(config["axis"])", supported: "-1, the channels")
        }
    }
}
