/// A Sequential or Functional network's configuration: how its layers follow one another.
struct KerasNetwork {
    let input: Reference
    let output: Reference
    /// Calls in an order in which each finds its arguments made.
    let calls: [Call]

    /// Networks within networks.
    static let depthLimit = 8

    /// The outcome of a layer's call, or the network's input.
    struct Reference: Hashable {
        var layer: String
        var call: Int
    }

    struct Call {
        var layer: KerasLayer
        var result: Reference
        var arguments: [KerasArgument<Reference>]
    }

    /// - Parameters:
    ///   - config: the field `config` of a network of class `kind`.
    ///   - depth: how many networks it lies in.
    init(_ config: JSONValue, kind: KerasLayerClass, of file: FileBytes, depth: Int) throws(ModelFormatError) {
        guard depth < Self.depthLimit else {
            throw file.unsupported(
                "network \(config["name"].string?.quoted ?? "")", found: "networks more than \(depth) deep",
                supported: "\(Self.depthLimit)")
        }
        var used: [String: Int] = [:]
        // Before Keras 2.2.3, a sequential network's configuration was the list itself.
        let entries = config["layers"].array ?? config.array ?? []
        var layers: [KerasLayer] = []
        for entry in entries {
            layers.append(
                try KerasLayer(entry, of: file, depth: depth + 1) { name in
                    let number = used[name, default: -1] + 1
                    used[name] = number
                    return number == 0 ? name : "\(name)_\(number)"
                })
        }
        guard Set(layers.map(\.name)).count == layers.count, !layers.isEmpty else {
            throw file.malformed("layers", expected: "one at least, of different names", found: "\(layers.count)")
        }
        if kind == .sequential {
            // An input layer need not be there.
            let first = Reference(layer: "", call: 0)
            var (calls, last) = ([Call](), first)
            for layer in layers where layer.kind != .inputLayer {
                let result = Reference(layer: layer.name, call: 0)
                calls.append(Call(layer: layer, result: result, arguments: [.value(last)]))
                last = result
            }
            (self.calls, input, output) = (calls, first, last)
        } else {
            input = try Self.end(config, "input_layers", file)
            output = try Self.end(config, "output_layers", file)
            calls = try Self.ordered(layers, from: input, to: output)
        }
    }

    /// The one input or output of a functional network: `["name", 0, 0]`, or a list of it.
    private static func end(
        _ config: JSONValue, _ field: String, _ file: FileBytes
    ) throws(ModelFormatError) -> Reference {
        let value = config[field]
        let location = "network \(config["name"].string?.quoted ?? ""), \(field)"
        if let reference = reference(value.array ?? []) { return reference }
        guard let ends = value.array, ends.count == 1, let reference = reference(ends[0].array ?? []) else {
            throw file.unsupported(
                location, found: value.array.map { "\($0.count)" } ?? "\(value)", supported: "one input and one output")
        }
        return reference
    }

    private static func reference(_ parts: [JSONValue]) -> Reference? {
        guard parts.count >= 3, let layer = parts[0].string, let call = parts[1].integer, parts[2].integer == 0 else {
            return nil
        }
        return Reference(layer: layer, call: call)
    }

    /// Each call after those that it reads; in the file's order where that is such a one.
    private static func ordered(
        _ layers: [KerasLayer], from input: Reference, to output: Reference
    ) throws(ModelFormatError) -> [Call] {
        var calls: [Call] = []
        for layer in layers where layer.kind != .inputLayer {
            for (index, json) in layer.calls.enumerated() {
                calls.append(
                    Call(
                        layer: layer, result: .init(layer: layer.name, call: index),
                        arguments: try arguments(json, of: layer)))
            }
        }
        // Keras 2 counts as a network's first call the one that made it, which lies in the network itself.
        var firstCalls = [output.layer: output.call]
        for case .value(let reference) in calls.flatMap(\.arguments) {
            firstCalls[reference.layer] = min(firstCalls[reference.layer] ?? .max, reference.call)
        }
        for index in calls.indices where calls[index].layer.kind.isNetwork {
            calls[index].result.call &+= firstCalls[calls[index].result.layer] ?? 0
        }
        var (waiting, missing) = ([Reference: [Int]](), [Int](repeating: 0, count: calls.count))
        for (index, call) in calls.enumerated() {
            for case .value(let reference) in call.arguments where reference != input {
                waiting[reference, default: []].append(index)
                missing[index] += 1
            }
        }
        var ordered: [Call] = []
        for start in calls.indices where missing[start] == 0 {
            var ready = [start]
            while let index = ready.popLast() {
                // Done: a later turn of the outer loop must not run it again.
                missing[index] = -1
                ordered.append(calls[index])
                for next in waiting[calls[index].result] ?? [] {
                    missing[next] -= 1
                    // One that still lies ahead waits for its turn.
                    if missing[next] == 0, next < start { ready.append(next) }
                }
            }
        }
        if let stuck = missing.firstIndex(where: { $0 > 0 }) {
            throw calls[stuck].layer.malformed(
                "inbound_nodes", expected: "outcomes of layers that do not depend on this one",
                found: "layers that are missing or form a cycle")
        }
        return ordered
    }

    /// Keras 3: `{"args": […], "kwargs": {…}}` with tensors as objects; Keras 2: a list of `["name", 0, 0, {…}]`.
    private static func arguments(
        _ json: JSONValue, of layer: KerasLayer
    ) throws(ModelFormatError) -> [KerasArgument<Reference>] {
        var arguments: [KerasArgument<Reference>] = []
        var pending: [JSONValue]
        if let parts = json.array {
            // A layer with one input may have lost the outer list.
            pending = reference(parts) == nil ? parts.reversed() : [json]
        } else {
            pending = (json["args"].array ?? []).reversed()
            if case .object(let named) = json["kwargs"] {
                for name in named.keys.sorted() where !["mask", "training"].contains(name) && named[name] != .null {
                    throw layer.unsupported(
                        "inbound_nodes", found: "argument \(name.quoted)", supported: "positional arguments")
                }
            }
        }
        while let value = pending.popLast() {
            if let (numbers, rank) = constant(value) {
                arguments.append(.constant(numbers, rank: rank))
            } else if let reference = reference(value.array ?? value["config"]["keras_history"].array ?? []) {
                if layer.kind.keepsIntegers { try layer.checkFloats(value["config"]["dtype"].string) }
                arguments.append(.value(reference))
            } else if value["class_name"].string == "__ellipsis__" {
                arguments.append(.ellipsis)
            } else if let list = value.array {
                pending += list.reversed()
            } else {
                throw layer.unsupported(
                    "inbound_nodes", found: "\(value)",
                    supported: "layers' outcomes, and numbers: one, or one a channel")
            }
        }
        return arguments
    }

    /// A number, or an array as Keras 3 writes it: `{"class_name": "__numpy__", "config": {"value": [[1, 2]], …}}`.
    private static func constant(_ json: JSONValue) -> (numbers: [Float], rank: Int)? {
        let isArray = ["__numpy__", "__tensor__"].contains(json["class_name"].string)
        var (value, rank) = (isArray ? json["config"]["value"] : json, 0)
        while isArray, let values = value.array {
            rank += 1
            guard values.count == 1 else {
                let numbers = values.compactMap(\.number).map { Float($0) }
                return numbers.count == values.count && numbers.allSatisfy(\.isFinite) ? (numbers, rank) : nil
            }
            value = values[0]
        }
        guard let number = value.number.map({ Float($0) }), number.isFinite else { return nil }
        return ([number], rank)
    }
}
