import Foundation
import Service
import Testing

struct FineTuneOptionsTests {
    @Test func `Options are stored under their names on the wire, and come back`() throws {
        var options = FineTuneOptions()
        (options.head, options.seed, options.l2, options.classWeights) = ("bikes", .max, 0.1, .balanced)
        (options.type, options.hiddenUnits, options.novelty, options.retain) = (.mlp, 64, .energy, .embeddings)
        let data = try JSONEncoder().encode(options)
        #expect(try JSONDecoder().decode(FineTuneOptions.self, from: data) == options)
        let members = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(members["hidden_units"] as? Int == 64 && members["class_weights"] as? String == "balanced")
    }

    @Test func `What is missing in the store has its default`() throws {
        #expect(try JSONDecoder().decode(FineTuneOptions.self, from: Data("{}".utf8)) == FineTuneOptions())
    }

    @Test func `The defaults can be followed`() throws {
        try FineTuneOptions().check()
    }
}
