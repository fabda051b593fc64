/// The classes of Keras (https://keras.io/api/layers) that are read.
enum KerasLayerClass: String, CaseIterable {
    case inputLayer = "InputLayer"
    case sequential = "Sequential"
    case functional = "Functional"
    case model = "Model"

    case conv2D = "Conv2D"
    case convolution2D = "Convolution2D"
    case depthwiseConv2D = "DepthwiseConv2D"
    case separableConv2D = "SeparableConv2D"
    case conv2DTranspose = "Conv2DTranspose"
    case dense = "Dense"

    case maxPooling2D = "MaxPooling2D"
    case averagePooling2D = "AveragePooling2D"
    case globalAveragePooling2D = "GlobalAveragePooling2D"
    case globalMaxPooling2D = "GlobalMaxPooling2D"
    case zeroPadding2D = "ZeroPadding2D"
    case cropping2D = "Cropping2D"
    case upSampling2D = "UpSampling2D"

    case rescaling = "Rescaling"
    case normalization = "Normalization"
    case batchNormalization = "BatchNormalization"
    case layerNormalization = "LayerNormalization"

    case activation = "Activation"
    case relu = "ReLU"
    case leakyReLU = "LeakyReLU"
    case prelu = "PReLU"
    case elu = "ELU"
    case softmax = "Softmax"

    case flatten = "Flatten"
    case reshape = "Reshape"
    case permute = "Permute"

    case add = "Add"
    case subtract = "Subtract"
    case multiply = "Multiply"
    case average = "Average"
    case maximum = "Maximum"
    case minimum = "Minimum"
    case concatenate = "Concatenate"

    // Functions of keras.ops, such as `x / 127.5` and `x[..., 0]`, and no layers.
    case divide = "Divide"
    case trueDivide = "TrueDivide"
    case getItem = "GetItem"
    case stack = "Stack"

    // Only training is changed by these.
    case dropout = "Dropout"
    case spatialDropout2D = "SpatialDropout2D"
    case gaussianDropout = "GaussianDropout"
    case gaussianNoise = "GaussianNoise"
    case alphaDropout = "AlphaDropout"
    case activityRegularization = "ActivityRegularization"
    case randomFlip = "RandomFlip"
    case randomRotation = "RandomRotation"
    case randomZoom = "RandomZoom"
    case randomTranslation = "RandomTranslation"
    case randomContrast = "RandomContrast"
    case randomBrightness = "RandomBrightness"

    /// Whether layers of the class are networks themselves.
    var isNetwork: Bool { [.sequential, .functional, .model].contains(self) }

    /// Whether layers and functions of the class compute with integers as such: others cast them before, as a quotient does.
    var keepsIntegers: Bool { [.add, .subtract, .multiply, .average, .maximum, .minimum].contains(self) }

    /// For error messages.
    static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// What `.keras` files call a class's weights: words in lower case (`p_re_lu`, `conv2d`, `depthwise_conv2d`).
    static func storageName(_ className: String) -> String {
        var words: [Character] = []
        let letters = Array(className)
        for (index, letter) in letters.enumerated() {
            let next = index + 1 < letters.count ? letters[index + 1] : " "
            let previous = index > 0 ? letters[index - 1] : " "
            let beginsWord = index > 0 && letter.isUppercase && (previous.isLowercase || next.isLowercase)
            if beginsWord { words.append("_") }
            words += Array(letter.lowercased())
        }
        return String(words)
    }
}
