/// What the queue holds and what it has done since it began.
public struct QueueStatistics: Sendable {
    /// Images that wait for their input to be made.
    public var waiting = 0
    /// Images whose input is being made, or is there.
    public var prepared = 0
    /// Images in the network.
    public var computing = 0
    /// Images taken in, of which some shared another's computation or were found in the cache.
    public var admitted = 0
    /// Images refused because the queue was full, or gave way to others.
    public var overloaded = 0
    /// Images refused because they would have been too late.
    public var tooLate = 0
    /// Images whose time ended in the queue.
    public var expired = 0
    /// Images whose client left.
    public var cancelled = 0
    /// Images that were identical to one in flight.
    public var coalesced = 0
    public var cacheHits = 0
    public var cacheMisses = 0
    public var cacheEntries = 0
    public var cacheBytes = 0
    public var batches = 0
    /// Images that went through a network.
    public var computed = 0
    /// Running networks, in seconds.
    public var computeSeconds = 0.0
    /// Making inputs, in seconds of all threads.
    public var prepareSeconds = 0.0

    public init() {}
}
