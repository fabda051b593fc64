import Testing

@testable import MartletAPI

private func seconds(_ seconds: Double) -> MonotonicTime { MonotonicTime(nanoseconds: Int64(seconds * 1e9)) }

struct TokenBucketTests {
    @Test func `As many as the burst come at once, then one in each interval`() {
        let (bucket, terms) = (TokenBucket(), BucketTerms(Rate(2, per: .second), burst: 5))
        let waits = (0..<6).map { _ in bucket.take(terms, now: seconds(100)) }
        #expect(waits == [0, 0, 0, 0, 0, 500_000_000])
        #expect(bucket.take(terms, now: seconds(100.25)) == 250_000_000)
        #expect(bucket.take(terms, now: seconds(100.5)) == 0)
        #expect(bucket.take(terms, now: seconds(100.5)) == 500_000_000)
    }

    @Test func `Without a burst as many come at once as the rate counts`() {
        let (bucket, terms) = (TokenBucket(), BucketTerms(Rate(3, per: .minute)))
        let waits = (0..<4).map { _ in bucket.take(terms, now: seconds(1)) }
        #expect(waits == [0, 0, 0, 20_000_000_000])
    }

    /// The same by counting tokens, as RFC 2698 describes a bucket: here in whole milliseconds, so that both are exact.
    @Test func `It takes what a bucket that counts its tokens takes`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let (perSecond, burst) = (
                Int.random(in: 1...20, using: &generator), Int.random(in: 1...10, using: &generator)
            )
            let terms = BucketTerms(Rate(perSecond, per: .second), burst: burst)
            let bucket = TokenBucket()
            var (now, tokens) = (Int64(0), Int64(burst) * terms.interval)
            for _ in 0..<200 {
                let step = Int64.random(in: 0...300, using: &generator) * 1_000_000
                now += step
                tokens = min(Int64(burst) * terms.interval, tokens + step)
                let isTaken = bucket.take(terms, now: MonotonicTime(nanoseconds: now)) == 0
                #expect(isTaken == (tokens >= terms.interval), "\(perSecond)/s, burst \(burst), at \(now)")
                if isTaken { tokens -= terms.interval }
            }
        }
    }

    @Test func `Of many at once no more are let through than the burst`() async {
        let (bucket, terms) = (TokenBucket(), BucketTerms(Rate(1, per: .hour), burst: 50))
        let taken = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<100).count { _ in bucket.take(terms, now: seconds(5)) == 0 } }
            }
            return await group.reduce(0, +)
        }
        #expect(taken == 50)
    }

    @Test(arguments: ["1000000/s", "1/h", "1000000/h"])
    func `The largest and smallest rates neither overflow nor stop`(_ text: String) throws {
        let terms = BucketTerms(try #require(Rate(text)), burst: Rate.largestCount)
        let bucket = TokenBucket()
        for now in [MonotonicTime(nanoseconds: 0), MonotonicTime(nanoseconds: .max / 4)] {
            #expect(bucket.take(terms, now: now) == 0)
        }
    }

    @Test(arguments: [
        "", "10", "/s", "10/", "10/d", "0/s", "-1/s", "+1/s", "1.5/s", "1000001/s", "1/s/s", " 1/s", "1/S",
    ])
    func `What is no rate is none`(_ text: String) { #expect(Rate(text) == nil) }
}

struct AddressBucketsTests {
    private let terms = BucketTerms(Rate(2, per: .second))

    @Test func `Each address has its own bucket`() {
        let buckets = AddressBuckets(terms)
        for address in ["192.0.2.1", "192.0.2.2"] {
            let waits = (0..<3).map { _ in buckets.take(AddressPrefix(address), now: seconds(1)) }
            #expect(waits == [0, 0, 500_000_000])
        }
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true), ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ("192.0.2.1", "::ffff:192.0.2.1", true), ("fe80::1%eth0", "fe80::1", true), ("192.0.2.1", "::192.0.2.1", false),
        ("", "", true), ("unix", "::", false),
    ])
    func `An IPv4 address is one client, an IPv6 network of 64 bits too`(_ a: String, _ b: String, _ isSame: Bool) {
        #expect((AddressPrefix(a) == AddressPrefix(b)) == isSame)
    }

    @Test func `However many addresses come, few are kept, and who has used most is among them`() {
        let buckets = AddressBuckets(terms, capacity: 100)
        let busy = AddressPrefix("198.51.100.1")
        for _ in 0..<2 { _ = buckets.take(busy, now: seconds(1)) }
        for number in 0..<10_000 {
            _ = buckets.take(AddressPrefix("10.0.\(number / 256).\(number % 256)"), now: seconds(1))
            #expect(buckets.count <= 100)
        }
        #expect(buckets.take(busy, now: seconds(1)) > 0, "it is still known")
    }
}
