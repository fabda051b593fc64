import Testing

@testable import Inference

struct ResultCacheTests {
    private func key(_ content: UInt8) -> ResultKey {
        ResultKey(content: [content], model: "model", layer: "output")
    }

    @Test func theLeastRecentlyUsedIsForgottenAndTheBytesStayBounded() {
        var cache = ResultCache(capacity: 1100)
        for content in 1...4 { cache.insert([Float](repeating: Float(content), count: 10), for: key(UInt8(content))) }
        #expect(cache.count == 4 && cache.bytes <= 1100)
        #expect(cache.values(for: key(1))?.first == 1)
        cache.insert([5], for: key(5))
        #expect(cache.values(for: key(2)) == nil, "the second is the oldest since the first was asked for")
        #expect(cache.values(for: key(1)) != nil && cache.values(for: key(5)) == [5])
        for content in 6...200 { cache.insert([Float](repeating: 0, count: 10), for: key(UInt8(content))) }
        #expect(cache.bytes <= 1100 && cache.count == 4)
    }

    @Test func whatIsLargerThanTheCacheIsNotKept() {
        var cache = ResultCache(capacity: 500)
        cache.insert([Float](repeating: 0, count: 1000), for: key(1))
        #expect(cache.count == 0 && cache.bytes == 0)
        var none = ResultCache(capacity: 0)
        none.insert([1], for: key(1))
        #expect(none.values(for: key(1)) == nil)
    }
}
