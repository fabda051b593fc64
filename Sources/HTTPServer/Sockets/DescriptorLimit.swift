import Foundation

/// How many descriptors (sockets, files) the process may have open.
enum DescriptorLimit {
    /// Descriptors left for all that is no connection: models, logs, keys.
    private static let reserve = 64

    /// Raises the limit as far as the system lets this process.
    ///
    /// - Returns: the limit then; `nil` where the system does not say.
    static func raise() -> Int? {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limits = rlimit()
        guard unsafe getrlimit(resource, &limits) == 0 else { return nil }
        var raised = limits
        raised.rlim_cur = limits.rlim_max
        if unsafe setrlimit(resource, &raised) == 0 { limits = raised }
        return Int(clamping: limits.rlim_cur)
    }

    /// As many of `wanted` connections as fit under `limit`. Each queue waits with a descriptor of its own.
    ///
    /// - Throws: ``SocketError`` where not one fits.
    static func connections(_ wanted: Int, under limit: Int, queues: Int) throws(SocketError) -> Int {
        let taken = reserve + queues
        guard limit > taken else { throw .tooFewDescriptors(limit: limit, needed: taken + 1) }
        return min(wanted, limit - taken)
    }
}
