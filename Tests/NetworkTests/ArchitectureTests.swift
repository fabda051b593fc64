import Compute
import Testing

@testable import Network

@Suite struct ArchitectureTests {
    /// As torchvision's documentation lists them, of the papers' sizes; timm's of what torchvision does not have. LeNet-5 and
    /// the slide's convnet by the lecture's formula.
    @Test(
        "An architecture has as many parameters as its authors publish",
        arguments: [
            ("slide_convnet", 34_826), ("lenet5", 61_706), ("alexnet", 61_100_840), ("vgg11", 132_863_336),
            ("vgg13", 133_047_848), ("vgg16", 138_357_544), ("vgg19", 143_667_240), ("vgg11_bn", 132_868_840),
            ("vgg13_bn", 133_053_736), ("vgg16_bn", 138_365_992), ("vgg19_bn", 143_678_248), ("resnet18", 11_689_512),
            ("resnet34", 21_797_672), ("resnet50", 25_557_032), ("resnet101", 44_549_160), ("resnet152", 60_192_808),
            ("resnext50_32x4d", 25_028_904), ("resnext101_32x8d", 88_791_336), ("wide_resnet50_2", 68_883_240),
            ("wide_resnet101_2", 126_886_696), ("mobilenet_v2", 3_504_872), ("mobilenet_v3_large", 5_483_032),
            ("mobilenet_v3_small", 2_542_856), ("efficientnet_b0", 5_288_548), ("efficientnet_b1", 7_794_184),
            ("efficientnet_b2", 9_109_994), ("efficientnet_b3", 12_233_232), ("efficientnet_b4", 19_341_616),
            ("efficientnet_lite0", 4_652_008), ("densenet121", 7_978_856), ("densenet169", 14_149_480),
            ("densenet201", 20_013_928), ("regnet_x_400mf", 5_495_976), ("regnet_x_800mf", 7_259_656),
            ("regnet_x_1_6gf", 9_190_136), ("regnet_x_3_2gf", 15_296_552), ("regnet_x_8gf", 39_572_648),
            ("regnet_y_400mf", 4_344_144), ("regnet_y_800mf", 6_432_512), ("regnet_y_1_6gf", 11_202_430),
            ("regnet_y_3_2gf", 19_436_338), ("regnet_y_8gf", 39_381_472), ("regnetx_004", 5_157_512),
            ("convnext_tiny", 28_589_128), ("convnext_small", 50_223_688), ("convnext_base", 88_591_464),
            ("convnext_large", 197_767_336),
        ])
    func parameters(name: String, expected: Int) throws {
        let graph = try #require(Architecture(named: name)).network.graph(weights: Zeros())
        #expect(graph.nodes.reduce(0) { $0 + $1.operation.parameterCount } == expected)
    }

    @Test("Every architecture fits together, and its last layer is called classifier", arguments: Architecture.all)
    func shapes(architecture: Architecture) throws {
        let graph = try architecture.network.graph(weights: Zeros())
        let digits = ["slide_convnet", "lenet5"].contains(architecture.name)
        #expect(try graph.shapes()[graph.output] == [digits ? 10 : 1000])
        #expect(graph.nodes.filter { $0.name == "classifier" }.count == 1)
        #expect(Set(graph.nodes.map(\.name)).count == graph.nodes.count)
    }

    @Test("An architecture goes by torchvision's and by timm's name")
    func names() throws {
        #expect(Architecture(named: "mobilenetv2_100")?.name == "mobilenet_v2")
        #expect(Architecture(named: "regnety_004")?.name == "regnet_y_400mf")
        #expect(Architecture(named: "resnet1000")?.name == nil)
        let names = Architecture.all.flatMap { [$0.name, $0.alias].compactMap(\.self) }
        #expect(Set(names).count == names.count)
    }

    @Test("Images of another size are taken where the network's windows fit them")
    func otherSizes() throws {
        let network = try #require(Architecture(named: "resnet18")).network
        let graph = try network.graph(weights: Zeros(), inputShape: [3, 96, 160])
        #expect(graph.inputShape == [3, 96, 160])
        #expect(try graph.shapes()[graph.output] == [1000])
        #expect {
            try #require(Architecture(named: "alexnet")).network.graph(weights: Zeros(), inputShape: [3, 20, 20])
        } throws: { "\($0)".contains("larger images than 20×20") }
    }

    @Test("Networks on small images answer what PyTorch answers", arguments: ArchitectureGolden.all)
    func golden(_ golden: ArchitectureGolden) throws {
        let weights = RuleWeights(
            classifier: golden.classifier, classes: golden.output.count, stem: golden.stem)
        let graph = try golden.network.graph(weights: weights, inputShape: golden.inputShape)
        let plan = try Plan(graph, pool: ComputePool(threads: 2), kernels: tables[0])
        let answers = try plan.run(input: RuleWeights.image(golden.inputShape), images: 1, layers: [plan.outputName])
        expect(answers[0], near: golden.output, within: 1e-4, "\(golden)")
    }
}
