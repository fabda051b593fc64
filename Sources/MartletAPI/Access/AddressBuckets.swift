import Inference

/// A token bucket for each client address, in bounded memory.
final class AddressBuckets: Sendable {
    private let terms: BucketTerms
    private let capacity: Int
    /// When the bucket of an address is full again; one that is full is as good as none.
    private let full = Locked<[AddressPrefix: Int64]>([:])

    /// - Parameter capacity: the most addresses that are kept. Sorting that many takes a millisecond.
    init(_ terms: BucketTerms, capacity: Int = 16384) {
        self.terms = terms
        self.capacity = max(4, capacity)
    }

    /// Takes a token of the address.
    ///
    /// - Returns: zero, or the nanoseconds until there is one.
    func take(_ address: AddressPrefix, now: MonotonicTime) -> Int64 {
        full.withLock { full in
            var bucket = full[address] ?? .min
            let wait = terms.take(&bucket, now: now)
            if wait == 0 {
                if full.count >= capacity, full[address] == nil { makeRoom(in: &full) }
                full[address] = bucket
            }
            return wait
        }
    }

    /// The addresses that are kept.
    var count: Int { full.withLock { $0.count } }

    /// Forgets the quarter that is nearest to full: who has used most is remembered longest. Not one at a time, which would
    /// look through all of them at every new address.
    private func makeRoom(in full: inout [AddressPrefix: Int64]) {
        for entry in full.sorted(by: { $0.value < $1.value }).prefix(max(1, capacity / 4)) { full[entry.key] = nil }
    }
}
