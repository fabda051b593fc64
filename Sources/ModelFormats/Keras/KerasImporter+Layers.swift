import Compute
import Network

/// Which layer is read by what.
extension KerasImporter {
    mutating func run(
        _ layer: KerasLayer, _ arguments: [Argument], _ variables: inout KerasVariables
    ) throws(ModelFormatError) -> Value {
        switch layer.kind {
        case .add: return try fold(layer, .add, arguments)
        case .subtract: return try fold(layer, .subtract, arguments)
        case .multiply: return try fold(layer, .multiply, arguments)
        case .divide, .trueDivide: return try fold(layer, .divide, arguments)
        case .maximum: return try fold(layer, .maximum, arguments)
        case .minimum: return try fold(layer, .minimum, arguments)
        case .average: return try average(layer, arguments)
        case .concatenate: return try concatenate(layer, arguments)
        case .getItem: return try item(layer, arguments)
        case .stack: return try stack(layer, arguments)
        default: break
        }
        guard arguments.count == 1, case .value(let input) = arguments[0], !layer.isFunction else {
            throw layer.unsupported(
                "inbound_nodes",
                found: "\(arguments.count) arguments of \(layer.isFunction ? "a function" : "the layer")",
                supported: "layers with one input")
        }
        switch layer.kind {
        case .inputLayer, .sequential, .functional, .model, .add, .subtract, .multiply, .divide, .trueDivide, .maximum,
            .minimum, .average, .concatenate, .getItem, .stack:
            throw layer.malformed("inbound_nodes", expected: "no call of it", found: "one")
        case .conv2D, .convolution2D: return try convolution(layer, input, &variables)
        case .depthwiseConv2D: return try depthwiseConvolution(layer, input, &variables)
        case .separableConv2D: return try separableConvolution(layer, input, &variables)
        case .conv2DTranspose: return try transposedConvolution(layer, input, &variables)
        case .dense: return try dense(layer, input, &variables)
        case .maxPooling2D, .averagePooling2D: return try pooling(layer, input)
        case .globalAveragePooling2D, .globalMaxPooling2D: return try globalPooling(layer, input)
        case .zeroPadding2D, .cropping2D: return try padding(layer, input)
        case .upSampling2D: return try upSampling(layer, input)
        case .rescaling: return try rescaling(layer, input)
        case .normalization: return try normalization(layer, input, &variables)
        case .batchNormalization: return try batchNormalization(layer, input, &variables)
        case .layerNormalization: return try layerNormalization(layer, input, &variables)
        case .activation: return try activate(layer, input)
        case .relu: return try relu(layer, layer.config, input)
        case .leakyReLU: return try leakyReLU(layer, layer.config, input)
        case .elu: return try elu(layer, layer.config, input)
        case .softmax: return try softmax(layer, input)
        case .prelu: return try prelu(layer, input, &variables)
        case .flatten: return try flatten(layer, input)
        case .reshape: return try reshape(layer, input)
        case .permute: return try permute(layer, input)
        case .dropout, .spatialDropout2D, .gaussianDropout, .gaussianNoise, .alphaDropout, .activityRegularization,
            .randomFlip, .randomRotation, .randomZoom, .randomTranslation, .randomContrast, .randomBrightness:
            return input
        }
    }

    /// Channels, height and width; throws where the value is no map.
    func map(_ layer: KerasLayer, _ value: Value) throws(ModelFormatError) -> (channels: Int, height: Int, width: Int) {
        guard value.isMap else {
            throw layer.malformed("input", expected: "a map of height, width, channels", found: "shape \(value.shape)")
        }
        return (value.shape[0], value.shape[1], value.shape[2])
    }
}
