import Testing

@testable import Learning

struct LBFGSTests {
    @Test func `Finds the minimum of Rosenbrock's function`() throws {
        var lbfgs = LBFGS(tolerance: 1e-8, maximumIterations: 200)
        let found = try lbfgs.minimize(
            from: [-1.2, 1],
            evaluate: { x, gradient in
                let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
                gradient = [-2 * a - 400 * x[0] * b, 200 * b]
                return a * a + 100 * b * b
            }, onIteration: { _, _, _ in })
        let outcome = try #require(found)
        #expect(outcome.converged)
        #expect(largestDifference(outcome.point, [1, 1]) < 1e-6)
        // Nocedal and Wright's BFGS takes 34 to 38 from here.
        #expect(outcome.iterations < 60)
    }

    @Test func `Stops at the iterations given and says that it did not converge`() throws {
        var lbfgs = LBFGS(tolerance: 1e-8, maximumIterations: 3)
        let found = try lbfgs.minimize(
            from: [5],
            evaluate: { x, gradient in
                gradient = [4 * x[0] * x[0] * x[0]]
                return x[0] * x[0] * x[0] * x[0]
            }, onIteration: { _, _, _ in })
        let outcome = try #require(found)
        #expect(outcome.iterations == 3)
        #expect(!outcome.converged)
    }

    @Test func `A gradient within the tolerance is not enough while the value would still fall`() throws {
        // Curvatures from 1 to 10⁻⁴: where the gradient is 10⁻⁴ along the flattest direction, the value may be 5·10⁻⁵ too high.
        let curvatures = (0..<30).map { index in (0..<index).reduce(1.0) { value, _ in value * 0.7279 } }
        let smallest = 1e-3
        var normOfFirst: Double?
        var lbfgs = LBFGS(tolerance: 1e-4, maximumIterations: 200)
        let found = try lbfgs.minimize(
            from: curvatures.map { _ in 0 },
            evaluate: { x, gradient in
                gradient = zip(curvatures, x).map { $0 * ($1 - 1) }
                return zip(curvatures, x).reduce(smallest) { $0 + $1.0 * ($1.1 - 1) * ($1.1 - 1) / 2 }
            },
            onIteration: { _, value, norm in
                if norm <= 1e-4, normOfFirst == nil { normOfFirst = value / smallest - 1 }
            })
        let outcome = try #require(found)
        #expect(outcome.converged)
        #expect(try #require(normOfFirst) > 1e-2)
        #expect(outcome.value / smallest - 1 < 1e-3)
    }

    @Test(arguments: [0.001, 0.1, 1.0, 10, 100])
    func `A step satisfies both Wolfe conditions from any first step`(initialStep: Double) throws {
        // Moré and Thuente, 1994, function 5.1 with β = 2.
        let value = { (x: Double) in -x / (x * x + 2) }
        let slope = { (x: Double) in (x * x - 2) / ((x * x + 2) * (x * x + 2)) }
        let search = StrongWolfeLineSearch(curvature: 0.1)
        let found = search.search(value: value(0), slope: slope(0), initialStep: initialStep) { (value($0), slope($0)) }
        let step = try #require(found).step
        #expect(value(step) <= value(0) + 1e-4 * step * slope(0))
        #expect(abs(slope(step)) <= 0.1 * abs(slope(0)))
    }
}
