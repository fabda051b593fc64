import Compute
import Testing

@testable import Network

@Suite struct EfficientNetLiteTests {
    private struct Missing: TensorSource, Error {
        let name: String

        func shape(of name: String) -> [Int]? { nil }

        func tensor(_ name: String, shape: [Int]) throws -> Tensor {
            guard name != self.name else { throw self }
            return try Zeros().tensor(name, shape: shape)
        }
    }

    private static let plan = Result {
        try Plan(EfficientNetLite.lite0.graph(weights: Zeros()), pool: ComputePool(threads: 1), kernels: tables[0])
    }

    @Test("Lite0 has the 4,652,008 trainable parameters of the published model")
    func parameters() throws {
        let plan = try Self.plan.get()
        #expect(plan.parameterCount == 4_652_008)
        #expect(plan.inputShape == [3, 224, 224])
        #expect(plan.outputShape == [1000])
    }

    @Test("Lite0 takes within 7 % of the 407 million multiply-adds that its authors publish")
    func multiplyAdds() throws {
        let found = try Self.plan.get().multiplyAdds
        #expect(abs(Double(found) / 407e6 - 1) < 0.07, "\(found)")
    }

    @Test("Lite0's layers are its stem, blocks, head, pooled features and classifier")
    func layers() throws {
        let plan = try Self.plan.get()
        let names = plan.layers.map(\.name)
        #expect(names.first == "stem")
        #expect(names.suffix(3) == ["head", "global_pool", "classifier"])
        #expect((0..<16).allSatisfy { names.contains("blocks.\($0)") }, "\(names)")
        #expect(plan.classifierInput?.name == "global_pool")
        #expect(plan.classifierInput?.outputShape == [1280, 1, 1])
        #expect(!plan.endsInSoftmax)
        // Table 1 of the paper: the last map is 7×7, and 16 blocks of three convolutions, the first of two.
        #expect(plan.layers.first { $0.name == "head" }?.outputShape == [1280, 7, 7])
        #expect(names.count == 1 + 16 * 3 - 1 + 3)
    }

    @Test("A tensor that is missing is reported by its source")
    func missingTensor() {
        let source = Missing(name: "_blocks.3._depthwise_conv.weight")
        #expect(throws: Missing.self) { try EfficientNetLite.lite0.graph(weights: source) }
    }
}
