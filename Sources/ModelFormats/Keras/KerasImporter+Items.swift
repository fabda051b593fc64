import Compute
import Network

/// Functions that take a map's channels apart and put them together in another order, as `preprocess_input` of VGG and
/// ResNet does: `stack([x[..., 2], x[..., 1], x[..., 0]], axis=-1)`.
extension KerasImporter {
    /// `x[..., channel]`, `[C, H, W]` to `[H, W]`.
    mutating func item(_ layer: KerasLayer, _ arguments: [Argument]) throws(ModelFormatError) -> Value {
        guard layer.isFunction, arguments.count == 3, case .value(let input) = arguments[0], input.isMap,
            case .ellipsis = arguments[1], case .constant(let numbers, rank: 0) = arguments[2],
            let index = numbers.first.flatMap({ Int(exactly: $0) }),
            (-input.shape[0]..<input.shape[0]).contains(index)
        else {
            throw layer.unsupported(
                "inbound_nodes", found: "another index", supported: "one channel of a map, x[..., channel]")
        }
        let (height, width) = (input.shape[1], input.shape[2])
        try budget.spend(MemoryLayout<Int>.stride * (1 + height + width), for: layer.location)
        let channel = index < 0 ? index + input.shape[0] : index
        let selection = Selection(indices: [[channel], Array(0..<height), Array(0..<width)])
        let map = try append(layer, .select(selection), [input], shape: [1, height, width])
        let item = try append(layer, .reshape([height, width]), [map], shape: [height, width])
        if pixels.contains(input.id) { pixels.insert(item.id) }
        return item
    }

    /// Channels `[H, W]` to a map `[C, H, W]`.
    mutating func stack(_ layer: KerasLayer, _ arguments: [Argument]) throws(ModelFormatError) -> Value {
        let items = try values(layer, arguments)
        guard layer.isFunction, let shape = items.first?.shape, shape.count == 2,
            items.allSatisfy({ $0.shape == shape }), try layer.axis(rank: 4) == 3
        else {
            throw layer.unsupported(
                "inbound_nodes", found: "shapes \(items.map(\.shape)), axis \(layer.config["axis"])",
                supported: "channels of one height and width along axis -1")
        }
        var maps: [Value] = []
        for item in items { maps.append(try append(layer, .reshape([1] + shape), [item], shape: [1] + shape)) }
        let stacked = try append(layer, .concatenate(axis: 0), maps, shape: [maps.count] + shape)
        if items.allSatisfy({ pixels.contains($0.id) }) { pixels.insert(stacked.id) }
        return stacked
    }
}
