/// A network of this folder by its name.
public struct Architecture: Sendable {
    /// As torchvision spells it, where it has the network.
    public let name: String
    /// As timm spells it, where that is different.
    let alias: String?
    public let network: any ConvolutionalNetwork

    private init(_ name: String, timm alias: String? = nil, _ network: any ConvolutionalNetwork) {
        self.name = name
        self.alias = alias
        self.network = network
    }

    /// The one of this name, torchvision's or timm's; `nil` where there is none.
    public init?(named name: String) {
        guard let found = Self.all.first(where: { $0.name == name || $0.alias == name }) else { return nil }
        self = found
    }

    public static let all = [
        Architecture("slide_convnet", SlideConvnet()),
        Architecture("lenet5", LeNet5()),
        Architecture("alexnet", AlexNet()),
        Architecture("vgg11", VGG.vgg11(isNormalized: false)),
        Architecture("vgg13", VGG.vgg13(isNormalized: false)),
        Architecture("vgg16", VGG.vgg16(isNormalized: false)),
        Architecture("vgg19", VGG.vgg19(isNormalized: false)),
        Architecture("vgg11_bn", VGG.vgg11(isNormalized: true)),
        Architecture("vgg13_bn", VGG.vgg13(isNormalized: true)),
        Architecture("vgg16_bn", VGG.vgg16(isNormalized: true)),
        Architecture("vgg19_bn", VGG.vgg19(isNormalized: true)),
        Architecture("resnet18", ResNet.resnet18),
        Architecture("resnet34", ResNet.resnet34),
        Architecture("resnet50", ResNet.resnet50),
        Architecture("resnet101", ResNet.resnet101),
        Architecture("resnet152", ResNet.resnet152),
        Architecture("resnext50_32x4d", ResNet.resnext50),
        Architecture("resnext101_32x8d", ResNet.resnext101),
        Architecture("wide_resnet50_2", ResNet.wideResnet50),
        Architecture("wide_resnet101_2", ResNet.wideResnet101),
        Architecture("mobilenet_v2", timm: "mobilenetv2_100", MobileNetV2()),
        Architecture("mobilenet_v3_large", timm: "mobilenetv3_large_100", MobileNetV3.large),
        Architecture("mobilenet_v3_small", timm: "mobilenetv3_small_100", MobileNetV3.small),
        Architecture("tf_mobilenetv3_large_100", MobileNetV3.largeTensorFlow),
        Architecture("tf_mobilenetv3_small_100", MobileNetV3.smallTensorFlow),
        Architecture("efficientnet_b0", EfficientNet.b0),
        Architecture("efficientnet_b1", EfficientNet.b1),
        Architecture("efficientnet_b2", EfficientNet.b2),
        Architecture("efficientnet_b3", EfficientNet.b3),
        Architecture("efficientnet_b4", EfficientNet.b4),
        Architecture("tf_efficientnet_b0", EfficientNet.b0TensorFlow),
        Architecture("efficientnet_lite0", EfficientNetLite.lite0),
        Architecture("tf_efficientnet_lite0", EfficientNetLite.lite0TensorFlow),
        Architecture("densenet121", DenseNet.densenet121),
        Architecture("densenet169", DenseNet.densenet169),
        Architecture("densenet201", DenseNet.densenet201),
        Architecture("regnet_x_400mf", timm: "regnetx_004_tv", RegNet.x(.mf400)),
        Architecture("regnetx_004", RegNet.x(.mf400, roundsUp: false)),
        Architecture("regnet_x_800mf", timm: "regnetx_008", RegNet.x(.mf800)),
        Architecture("regnet_x_1_6gf", timm: "regnetx_016", RegNet.x(.gf1_6)),
        Architecture("regnet_x_3_2gf", timm: "regnetx_032", RegNet.x(.gf3_2)),
        Architecture("regnet_x_8gf", timm: "regnetx_080", RegNet.x(.gf8)),
        Architecture("regnet_y_400mf", timm: "regnety_004", RegNet.y(.mf400)),
        Architecture("regnet_y_800mf", timm: "regnety_008_tv", RegNet.y(.mf800)),
        Architecture("regnety_008", RegNet.y(.mf800, roundsUp: false)),
        Architecture("regnet_y_1_6gf", timm: "regnety_016", RegNet.y(.gf1_6)),
        Architecture("regnet_y_3_2gf", timm: "regnety_032", RegNet.y(.gf3_2)),
        Architecture("regnet_y_8gf", timm: "regnety_080_tv", RegNet.y(.gf8)),
        Architecture("convnext_tiny", ConvNeXt.tiny),
        Architecture("convnext_small", ConvNeXt.small),
        Architecture("convnext_base", ConvNeXt.base),
        Architecture("convnext_large", ConvNeXt.large),
    ]
}
