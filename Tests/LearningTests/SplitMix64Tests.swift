import Testing

@testable import Learning

struct SplitMix64Tests {
    @Test func `Gives the published sequence of seed 1234567`() {
        // Rosetta Code, "Pseudo-random numbers/Splitmix64".
        var random = SplitMix64(seed: 1_234_567)
        #expect(random.next() == 6_457_827_717_110_365_317)
        #expect(random.next() == 3_203_168_211_198_807_973)
        #expect(random.next() == 9_817_491_932_198_370_423)
    }

    @Test func `A permutation holds each index once, in another order`() {
        var random = SplitMix64(seed: 5)
        let order = random.permutation(1000)
        #expect(order.sorted() == Array(0..<1000))
        #expect(order != Array(0..<1000))
    }
}
