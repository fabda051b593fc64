import Compute
import Testing

@testable import Network

@Suite struct PlanTests {
    private var layers = Layers()
    private let pool = ComputePool(threads: 2)

    @Test("A dense layer computes W·x + b as by hand, reading a map in C, H, W order")
    func denseByHand() throws {
        var graph = Graph(inputShape: [2, 1, 2])
        let weights = try Tensor(shape: [2, 4], values: [1, 2, 3, 4, 0, 0, 10, -1])
        let x = graph.append("flatten", .flatten, graph.input)
        graph.append("dense", .dense(Dense(weights: weights, bias: try Tensor(shape: [2], values: [0.5, 0]))), x)
        let plan = try Plan(graph, pool: pool, kernels: tables[0])
        // H, W, C: the map's channels are (1, 3) and (2, 4). 1 + 2·3 + 3·2 + 4·4 + ½ and 10·2 − 4.
        #expect(try plan.run(input: [1, 2, 3, 4], images: 1, layers: ["dense"]) == [[29.5, 16]])
    }

    @Test("A convolution, its residual and ReLU compute as by hand")
    func residualByHand() throws {
        var graph = Graph(inputShape: [1, 2, 2])
        let weights = try Tensor(shape: [1, 1, 2, 2], values: [1, 10, 100, 1000])
        let window = Window(kernelHeight: 2, kernelWidth: 2, padding: EdgeInsets(bottom: 1, right: 1))
        let x = graph.append("conv", .convolution(Convolution(weights: weights, window: window)), graph.input)
        graph.append("sum", .add(.relu), x, graph.input)
        let plan = try Plan(graph, pool: pool, kernels: tables[0])
        #expect(plan.layers.map(\.name) == ["conv"])
        // [1 2; 3 −4]: 1 + 20 + 300 − 4000 + 1, 2 − 400 + 2, 3 − 40 + 3, −4 − 4.
        #expect(try plan.run(input: [1, 2, 3, -4], images: 1, layers: ["conv"]) == [[0, 0, 0, 0]])
        // [1 2; 3 4]: 4321 + 1, 2 + 400 + 2, 3 + 40 + 3, 4 + 4.
        #expect(try plan.run(input: [1, 2, 3, 4], images: 1, layers: ["conv"]) == [[4322, 404, 46, 8]])
    }

    @Test("A graph without nodes answers its input in C, H, W order")
    func identity() throws {
        let plan = try Plan(Graph(inputShape: [2, 1, 3]), pool: pool, kernels: tables[0])
        let input: [Float] = [1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60]
        let expected: [Float] = [1, 2, 3, 10, 20, 30, 4, 5, 6, 40, 50, 60]
        #expect(plan.layers.isEmpty)
        #expect(try plan.run(input: input, images: 2, layers: ["output", "output"]) == [expected, expected])
        #expect(try plan.run(input: input, images: 2, layers: []) == [])
    }

    @Test("The output may be a value in the middle, and what follows is not run")
    mutating func outputInTheMiddle() throws {
        var graph = try network()
        guard let middle = graph.nodes.first(where: { $0.name == "hidden" })?.output else { return }
        graph.output = middle
        let plan = try Plan(graph, pool: pool, kernels: tables[0])
        #expect(plan.layers.map(\.name) == ["conv", "hidden"])
        #expect(plan.outputShape == [6])
    }

    @Test("Layers of the per-image part and of the whole-batch part can be asked for at once")
    mutating func bothParts() throws {
        let plan = try Plan(try network(), pool: pool, kernels: tables[0])
        let input = layers.images(3, of: plan.inputShape)
        let both = try plan.run(input: input, images: 3, layers: ["conv", "hidden", "conv", "output"])
        #expect(both.map(\.count) == [3 * 48, 3 * 6, 3 * 48, 3 * 4])
        #expect(both[0] == both[2])
        #expect(try plan.run(input: input, images: 3, layers: ["hidden"]) == [both[1]])
    }

    @Test("The classifier's input is what the last dense layer reads")
    mutating func classifierInput() throws {
        let plan = try Plan(try network(), pool: pool, kernels: tables[0])
        #expect(plan.classifierInput?.name == "hidden")
        #expect(plan.endsInSoftmax)
    }

    @Test("There is no classifier's input without a dense layer, or where it reads the image")
    mutating func noClassifierInput() throws {
        var graph = Graph(inputShape: [2, 3, 3])
        graph.append("conv", try layers.convolution(2, 4), graph.input)
        var plan = try Plan(graph, pool: pool, kernels: tables[0])
        #expect(plan.classifierInput == nil)
        #expect(!plan.endsInSoftmax)

        graph = Graph(inputShape: [2, 3, 3])
        graph.append("dense", try layers.dense(18, 4), graph.append("flatten", .flatten, graph.input))
        plan = try Plan(graph, pool: pool, kernels: tables[0])
        #expect(plan.classifierInput == nil)
    }

    @Test("A dense layer in the middle is not taken for the classifier")
    mutating func denseInTheMiddle() throws {
        var graph = Graph(inputShape: [2, 1, 1])
        let x = graph.append("pool", .maxPool(Window(kernel: 1, padding: 0)), graph.input)
        let conv = graph.append("conv", try layers.convolution(2, 3), x)
        let left = graph.append("gate", try layers.dense(3, 5), conv)
        let right = graph.append("map", try layers.convolution(3, 5), conv)
        graph.append("sum", .add(.identity), left, graph.append("flatten", .flatten, right))
        let plan = try Plan(graph, pool: pool, kernels: tables[0])
        #expect(plan.layers.map(\.name) == ["conv", "gate", "map", "flatten", "sum"])
        #expect(plan.classifierInput == nil)
    }

    @Test("A layer that is not the output but has its name is refused; the output's own layer may have it")
    mutating func ambiguousName() throws {
        var graph = Graph(inputShape: [2, 3, 3])
        let x = graph.append("output", try layers.convolution(2, 2), graph.input)
        graph.append("pool", .maxPool(Window(kernel: 3)), x)
        refused(graph, because: "it has the name of the network's output")

        graph.output = x
        let plan = try Plan(graph, pool: pool, kernels: tables[0])
        #expect(plan.layers.map(\.name) == ["output"])
    }

    @Test("A window in the padding alone is refused with the node's name")
    func windowInPadding() {
        var graph = Graph(inputShape: [2, 3, 3])
        graph.append("pool", .maxPool(Window(kernel: 2, padding: 3)), graph.input)
        refused(graph, because: "node 'pool' (max pool 2×2/1): a 2×2 pooling window on a map of 3×3×2 covers padding")
    }

    /// Each value is allowed, 2²⁸ floats, but several of them are not; nothing of it may be allocated.
    @Test("Values that are too large together are refused before any memory is taken")
    func tooLargeTogether() {
        var graph = Graph(inputShape: [1, 1 << 14, 1 << 14])
        var (values, x) = ([graph.input], graph.input)
        for node in 0..<6 {
            x = graph.append("relu\(node)", .activation(.clamp(lower: Float(node), upper: 9)), x)
            values.append(x)
        }
        while let value = values.popLast(), value != graph.input {
            x = graph.append("sum\(values.count)", .add(.identity), x, value)
        }
        refused(graph, because: "need more than \(Layout.largestWorkspace) numbers of memory")
    }

    @Test("A batch whose values are too large together is refused before any memory is taken")
    func batchTooLarge() throws {
        var graph = Graph(inputShape: [1])
        let weights = try Tensor(shape: [1 << 20, 1]) { $0.initialize(repeating: 1) }
        graph.append("dense", .dense(Dense(weights: weights)), graph.input)
        let plan = try Plan(graph, pool: pool, kernels: tables[0])
        #expect(try plan.run(input: [2], images: 1, layers: ["output"])[0].allSatisfy { $0 == 2 })
        let input = [Float](repeating: 1, count: 1025)
        #expect(throws: RunError.tooLarge(images: 1025, limit: 1 << 30)) {
            try plan.run(input: input, images: 1025, layers: ["output"])
        }
        #expect(throws: RunError.tooLarge(images: 1025, limit: 1 << 30)) {
            try plan.profile(input: input, images: 1025, repetitions: 1)
        }
    }

    @Test("Multiply-adds beyond 64 bits are refused")
    func multiplyAddsOverflow() throws {
        let graph = Graph(inputShape: [1])
        #expect(try graph.sum(of: [Int.max - 1, 1], "multiply-adds") == Int.max)
        #expect(throws: GraphError.self) { try graph.sum(of: [Int.max, 1], "multiply-adds") }
    }

    @Test("An input of the wrong size, no images, and an unknown layer are refused in words")
    mutating func runErrors() throws {
        let plan = try Plan(try network(), pool: pool, kernels: tables[0])
        let one = layers.images(1, of: plan.inputShape)
        for (input, images, names, message) in [
            (one, 2, [], "expected 2 × 32 numbers for 2 images, found 32"),
            (one, Int.max, [], "expected \(Int.max) × 32 numbers for \(Int.max) images, found 32"),
            (one + [1], 1, [], "expected 1 × 32 numbers for 1 images, found 33"),
            ([], 0, [], "expected at least 1 image, found 0"),
            (one, -1, [], "expected at least 1 image, found -1"),
            (
                one, 1, ["conv", "nose"],
                "no layer 'nose'; ask for one that the model lists, or for its output 'output'"
            ),
            (one, 1, ["relu"], "no layer 'relu'"),
        ] as [([Float], Int, [String], String)] {
            do throws(RunError) {
                _ = try plan.run(input: input, images: images, layers: names)
                Issue.record("expected a refusal: \(message)")
            } catch {
                #expect("\(error)".contains(message))
            }
        }
    }

    @Test("Runs of one plan at the same time do not disturb each other", arguments: [1, 2])
    func concurrentRuns(threads: Int) async throws {
        var layers = Layers(seed: 5)
        let graph = try layers.graph()
        let plan = try Plan(graph, pool: ComputePool(threads: threads), kernels: tables[0])
        let inputs = (1...6).map { (images: $0, numbers: layers.images($0, of: graph.inputShape)) }
        let expected = try inputs.map { try plan.run(input: $0.numbers, images: $0.images, layers: ["output"])[0] }
        try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
            for round in 0..<60 {
                let index = round % inputs.count
                let (images, numbers) = inputs[index]
                group.addTask {
                    let names = round.isMultiple(of: 2) ? ["output"] : plan.layers.map(\.name) + ["output"]
                    return (index, try plan.run(input: numbers, images: images, layers: names).last ?? [])
                }
            }
            for try await (index, answer) in group {
                expectIdentical(answer, expected[index], "\(index + 1) images")
            }
        }
    }

    @Test("A profile times every layer and does not change what the next run answers")
    mutating func profile() throws {
        let plan = try Plan(try network(), pool: pool, kernels: tables[0])
        let input = layers.images(3, of: plan.inputShape)
        let before = try plan.run(input: input, images: 3, layers: ["output"])
        let timings = try plan.profile(input: input, images: 3, repetitions: 3)
        #expect(timings.map(\.layer.name) == plan.layers.map(\.name))
        #expect(timings.allSatisfy { $0.milliseconds > 0 && $0.milliseconds < 10_000 })
        #expect(try plan.run(input: input, images: 3, layers: ["output"]) == before)
    }

    /// conv + ReLU, flatten, hidden + ReLU, classifier, softmax on `[2, 4, 4]`.
    private mutating func network() throws -> Graph {
        var graph = Graph(inputShape: [2, 4, 4])
        var x = graph.append("conv", try layers.convolution(2, 3, kernel: 3, padding: 1), graph.input)
        x = graph.append("relu", .activation(.relu), x)
        x = graph.append("hidden", try layers.dense(48, 6), graph.append("flatten", .flatten, x))
        x = graph.append("classifier", try layers.dense(6, 4), graph.append("hidden.relu", .activation(.relu), x))
        graph.append("probabilities", .softmax(axis: 0), x)
        return graph
    }

    private func refused(_ graph: Graph, because reason: String, sourceLocation: SourceLocation = #_sourceLocation) {
        do throws(GraphError) {
            let plan = try Plan(graph, pool: pool, kernels: tables[0])
            Issue.record("expected a refusal (\(reason)), found \(plan.layers)", sourceLocation: sourceLocation)
        } catch {
            #expect("\(error)".contains(reason), sourceLocation: sourceLocation)
        }
    }
}
