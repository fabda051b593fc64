/// What the queue knows: plain values and the rules that move them, without threads and without clocks of its own.
///
/// An image goes from `waiting` (in the order of ``FairQueue``) to being prepared to `ready` (in the order in which the
/// inputs were made, by model) to the network. It has a place from its admission to its computation.
struct QueueState {
    /// The most floats of inputs that are kept ready for the networks, 128 MiB.
    private static let largestReady = 1 << 25
    /// A wait is taken to be this much longer than predicted where a deadline depends on it: a request refused at once
    /// can go elsewhere, one that is let in and comes too late has cost everybody.
    private static let caution = 1.25

    let capacity: Int
    /// How many inputs are made at a time.
    let width: Int
    private(set) var statistics = QueueStatistics()
    private(set) var isStopped = false
    private(set) var cache: ResultCache
    private var waiting = FairQueue<WorkItem>()
    private var ready = ReadyImages()
    /// Images being prepared or ready, and their floats.
    private var (ahead, floatsAhead) = (0, 0)
    /// Images with places, by model.
    private var placed: [Int: (model: LoadedModel, count: Int)] = [:]
    private var places = 0
    private var inFlight: [ResultKey: WorkItem] = [:]
    private var tickets: [ObjectIdentifier: InferenceTicket] = [:]
    private var preparers = 0
    private var running = RunningBatches()
    private var prediction: DrainPrediction

    init(capacity: Int, width: Int, cacheBytes: Int) {
        self.capacity = capacity
        self.width = width
        prediction = DrainPrediction(width: width)
        cache = ResultCache(capacity: cacheBytes)
    }

    /// Images that have a place and are not being computed.
    var waitingImages: Int { places }

    /// Waiting or being computed.
    var hasImages: Bool { places > 0 || running.images > 0 }

    /// The statistics, with what is held at the moment.
    var currentStatistics: QueueStatistics {
        var now = statistics
        (now.waiting, now.prepared, now.computing) = (waiting.count, ahead, running.images)
        (now.cacheEntries, now.cacheBytes) = (cache.count, cache.bytes)
        return now
    }

    // MARK: Admission

    /// Takes a request in.
    ///
    /// - Returns: whom to wake: this request, where the cache knew all, and those that gave way to it.
    mutating func enter(
        _ ticket: InferenceTicket, _ request: InferenceRequest, now: ContinuousClock.Instant
    ) throws(InferenceError) -> [InferenceTicket.Answer] {
        guard !isStopped else { throw .stopped }
        let keys = request.images.map { image in
            image.content.map { ResultKey(content: $0, model: request.model.fingerprint, layer: request.layer) }
        }
        var seen: Set<ResultKey> = []
        var known: [[Float]?] = []
        var fresh = 0
        for key in keys {
            let values = key.flatMap { cache.values(for: $0) }
            known.append(values)
            if values != nil { continue }
            if let key, inFlight[key] != nil || !seen.insert(key).inserted { continue }
            fresh += 1
        }
        var answers: [InferenceTicket.Answer] = []
        if fresh > 0 {
            try checkDeadline(request, fresh: fresh, now: now)
            answers = try makeRoom(for: fresh, request)
        }
        statistics.admitted += keys.count
        tickets[ObjectIdentifier(ticket)] = ticket
        for (position, image) in request.images.enumerated() {
            if let values = known[position] {
                statistics.cacheHits += 1
                finish(ticket, position, .success(values), nil, into: &answers)
            } else {
                if cache.capacity > 0 { statistics.cacheMisses += 1 }
                join(ticket, position, image, request, keys[position])
            }
        }
        return answers
    }

    private mutating func join(
        _ ticket: InferenceTicket, _ position: Int, _ image: InferenceRequest.Image, _ request: InferenceRequest,
        _ key: ResultKey?
    ) {
        if let key, let item = inFlight[key] {
            statistics.coalesced += 1
            item.waiters.append((ticket, position))
            ticket.items[position] = item
            // Whoever's turn comes earlier takes the image along.
            if item.phase == .waiting,
                waiting.elementsAhead(of: 1, client: request.client, priority: request.priority)
                    < waiting.elementsAhead(of: item)
            {
                waiting.remove(item)
                (item.client, item.priority) = (request.client, request.priority)
                waiting.append(item)
            }
            return
        }
        let item = WorkItem(image, of: request, key: key)
        item.waiters = [(ticket, position)]
        ticket.items[position] = item
        if let key { inFlight[key] = item }
        waiting.append(item)
        takePlace(of: item, 1)
    }

    private mutating func takePlace(of item: WorkItem, _ change: Int) {
        places += change
        let count = (placed[item.model.identity]?.count ?? 0) + change
        placed[item.model.identity] = count > 0 ? (item.model, count) : nil
    }

    /// How long what has a place will take.
    func drain(now: ContinuousClock.Instant) -> Duration { predicted(images: places, now: now) }

    /// For `images` of those that have a place.
    private func predicted(images: Int, now: ContinuousClock.Instant) -> Duration {
        let rest = prediction.rest(now: now)
        guard places > 0, images > 0 else { return rest }
        let all = placed.values.reduce(0) {
            $0 + $1.model.latency.seconds(images: $1.count, batch: $1.model.batchLimit)
        }
        return rest + prediction.duration(images: images, computeSeconds: all * Double(images) / Double(places))
    }

    /// Refuses what would be too late anyway, before anything is spent on it.
    private mutating func checkDeadline(
        _ request: InferenceRequest, fresh: Int, now: ContinuousClock.Instant
    ) throws(InferenceError) {
        guard request.deadline > now else {
            statistics.tooLate += request.images.count
            throw .deadlinePassed
        }
        // What was learned long ago may be wrong by now, and nothing new would be learned if all were refused.
        if places == 0, running.images == 0, prediction.isStale(now: now) { return }
        let own = prediction.alone(request.model, images: fresh)
        guard now + own <= request.deadline else {
            statistics.tooLate += request.images.count
            throw .deadlinePassed
        }
        let first = waiting.elementsAhead(of: fresh, client: request.client, priority: request.priority)
        let wait = predicted(images: min(places, first + ahead), now: now)
        guard now + wait * Self.caution + own <= request.deadline else {
            statistics.tooLate += request.images.count
            throw .tooLate(waiting: places, drain: drain(now: now))
        }
    }

    /// Where the queue is full, those give way who wait with more than their share: ``FairQueue/yielding(_:to:_:count:)``.
    private mutating func makeRoom(
        for fresh: Int, _ request: InferenceRequest
    ) throws(InferenceError) -> [InferenceTicket.Answer] {
        // An empty queue takes any request, else one of more images than `capacity` could never run.
        let excess = places == 0 ? 0 : places + fresh - capacity
        guard excess > 0 else { return [] }
        let error = InferenceError.overloaded(waiting: places, capacity: capacity, drain: drain(now: .now))
        guard let victims = waiting.yielding(excess, to: request.client, request.priority, count: fresh) else {
            statistics.overloaded += request.images.count
            throw error
        }
        var answers: [InferenceTicket.Answer] = []
        // With one image goes its whole request, which may make room enough.
        for victim in victims where victim.phase == .waiting && places + fresh > capacity {
            for ticket in victim.waiters.map(\.ticket) {
                statistics.overloaded += withdraw(ticket)
                if let answer = ticket.answer(with: .failure(error)) { answers.append(answer) }
            }
        }
        return answers
    }

    // MARK: Preparation

    /// How many more threads should make inputs; they count as begun.
    mutating func preparersToStart() -> Int {
        var count = 0
        while preparers < width, count < waiting.count, hasRoomAhead { (preparers, count) = (preparers + 1, count + 1) }
        return count
    }

    /// The next image whose input is to be made; where there is none, the thread that asks counts as ended.
    mutating func takeForPreparation() -> WorkItem? {
        guard hasRoomAhead, let item = waiting.popFirst() else {
            preparers -= 1
            return nil
        }
        item.phase = .preparing
        ahead += 1
        floatsAhead += item.model.plan.inputShape.reduce(1, *)
        return item
    }

    /// Enough inputs to fill the next batch while one runs, and a thread can always make one.
    private var hasRoomAhead: Bool {
        if ahead < width { return true }
        let batch = placed.values.map { $0.model.batchLimit }.max() ?? 1
        return ahead < max(2 * batch, 2 * width) && floatsAhead < Self.largestReady
    }

    /// An image's input is there, or cannot be made.
    mutating func prepared(
        _ item: WorkItem, _ input: Result<[Float], any Error>, in duration: Duration, now: ContinuousClock.Instant
    ) -> [InferenceTicket.Answer] {
        statistics.prepareSeconds += duration / .seconds(1)
        prediction.prepared(seconds: duration / .seconds(1), now: now)
        item.prepare = nil
        item.prepared = duration
        guard !item.waiters.isEmpty else {
            leave(item)
            return []
        }
        switch input {
        case .success(let input):
            item.input = input
            item.due = batchDue(of: item, now: now)
            item.phase = .ready
            ready.append(item)
            return []
        case .failure:
            leave(item)
            return finish(item, with: input, computed: .zero)
        }
    }

    /// Until when others may join an image: no longer than lets it end before the first of its requests' deadlines.
    private func batchDue(of item: WorkItem, now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        let model = item.model
        guard model.batchDelay > .zero else { return now }
        let batch = Duration.seconds(model.latency.seconds(images: model.batchLimit, batch: model.batchLimit))
        let latest = item.waiters.map { $0.ticket.deadline - batch * Self.caution }.min() ?? now
        return min(now + model.batchDelay, max(now, latest))
    }

    /// Gives back an image's place.
    private mutating func leave(_ item: WorkItem) {
        if item.phase >= .preparing {
            ahead -= 1
            floatsAhead -= item.model.plan.inputShape.reduce(1, *)
        }
        item.phase = .done
        takePlace(of: item, -1)
        if let key = item.key, inFlight[key] === item { inFlight[key] = nil }
    }

    // MARK: Computation

    /// Ends the requests whose next batch would end after their time, unless none has run lately: then a prediction that is
    /// wrong by now would refuse all that could correct it.
    ///
    /// - Returns: whom to wake.
    mutating func dropLate(now: ContinuousClock.Instant) -> [InferenceTicket.Answer] {
        guard running.images > 0 || !prediction.areBatchesStale(now: now) else { return [] }
        var late: [InferenceTicket] = []
        for (model, items) in ready.all {
            let own = prediction.batch(model, images: min(items.count, model.batchLimit))
            let end = now + (prediction.rest(now: now) + own) * Self.caution
            for item in items { late += item.waiters.map(\.ticket).filter { $0.deadline < end } }
        }
        return late.compactMap { end($0, now: now) }
    }

    /// The next batch to run; without one, when to look again: an image may be kept back for others to join it.
    mutating func takeBatch(
        now: ContinuousClock.Instant
    ) -> (batch: [WorkItem], lookAgain: ContinuousClock.Instant?) {
        let (next, lookAgain) = ready.next(at: now, capacity: capacity, isUrgent: isStopped)
        guard let model = next?.model, let count = next?.count else { return ([], lookAgain) }
        let size = running.nextSize(min(count, max(1, model.batchLimit)), threads: model.plan.threads)
        guard size > 0 else { return ([], nil) }
        let batch = ready.take(size, of: model)
        for item in batch {
            ahead -= 1
            floatsAhead -= model.plan.inputShape.reduce(1, *)
            takePlace(of: item, -1)
            item.phase = .computing
        }
        let number = running.begin(batch.count)
        for item in batch { item.batch = number }
        prediction.started(model, images: batch.count, now: now)
        return (batch, nil)
    }

    /// The next batch where the thread that made the last input may as well run it, since nothing runs or waits. It no
    /// longer counts as making inputs.
    mutating func takeBatchAlone(now: ContinuousClock.Instant) -> [WorkItem] {
        guard running.images == 0, waiting.isEmpty, preparers == 1 else { return [] }
        let batch = takeBatch(now: now).batch
        if !batch.isEmpty { preparers = 0 }
        return batch
    }

    /// No thread will begin with another image of the batch that runs.
    mutating func allBegun() { running.allBegun() }

    /// A batch has run from `began` until `now`: `results` in its order.
    mutating func computed(
        _ batch: [WorkItem], _ results: [Result<[Float], any Error>], began: ContinuousClock.Instant,
        now: ContinuousClock.Instant
    ) -> [InferenceTicket.Answer] {
        let (model, duration) = (batch[0].model, running.end(batch[0].batch, began: began, now: now))
        prediction.ended(
            model, images: batch.count, othersRun: running.images > 0, othersWait: places > 0, now: now)
        model.learn(images: batch.count, seconds: duration / .seconds(1))
        statistics.batches += 1
        statistics.computed += batch.count
        statistics.computeSeconds += duration / .seconds(1)
        var answers: [InferenceTicket.Answer] = []
        for (item, result) in zip(batch, results) {
            item.phase = .done
            item.input = []
            if let key = item.key {
                inFlight[key] = nil
                if case .success(let values) = result { cache.insert(values, for: key) }
            }
            answers += finish(item, with: result, computed: now - began)
        }
        return answers
    }

    private mutating func finish(
        _ item: WorkItem, with result: Result<[Float], any Error>, computed: Duration
    ) -> [InferenceTicket.Answer] {
        var answers: [InferenceTicket.Answer] = []
        for (ticket, position) in item.waiters {
            finish(ticket, position, result, (item.prepared, computed), into: &answers)
        }
        item.waiters = []
        return answers
    }

    private mutating func finish(
        _ ticket: InferenceTicket, _ position: Int, _ result: Result<[Float], any Error>,
        _ times: (prepared: Duration, computed: Duration)?, into answers: inout [InferenceTicket.Answer]
    ) {
        guard
            let answer = ticket.finish(
                position, with: result, prepared: times?.prepared ?? .zero, computed: times?.computed ?? .zero)
        else { return }
        tickets[ObjectIdentifier(ticket)] = nil
        answers.append(answer)
    }

    // MARK: Leaving early

    /// The client left: its images are dropped unless others wait for them too.
    mutating func cancel(_ ticket: InferenceTicket) -> InferenceTicket.Answer? {
        ticket.isCancelled = true
        guard tickets[ObjectIdentifier(ticket)] != nil else { return nil }
        statistics.cancelled += withdraw(ticket)
        return ticket.answer(with: .failure(CancellationError()))
    }

    /// Ends the requests whose time is over, also those whose images are being computed: nobody waits for an answer that is
    /// of no more use.
    ///
    /// - Returns: whom to wake, and when the next request's time ends.
    mutating func expire(
        now: ContinuousClock.Instant
    ) -> (answers: [InferenceTicket.Answer], next: ContinuousClock.Instant?) {
        var answers: [InferenceTicket.Answer] = []
        for ticket in tickets.values where ticket.deadline <= now {
            if let answer = end(ticket, now: now) { answers.append(answer) }
        }
        return (answers, tickets.values.lazy.filter { $0.deadline > now }.map(\.deadline).min())
    }

    /// Ends a request whose time is over.
    private mutating func end(_ ticket: InferenceTicket, now: ContinuousClock.Instant) -> InferenceTicket.Answer? {
        statistics.expired += withdraw(ticket)
        return ticket.answer(with: .failure(InferenceError.deadlinePassed))
    }

    /// From now on nothing is taken in, and what waits is dropped.
    mutating func stop() -> [InferenceTicket.Answer] {
        isStopped = true
        var answers: [InferenceTicket.Answer] = []
        for ticket in tickets.values where ticket.isWaiting {
            _ = withdraw(ticket)
            if let answer = ticket.answer(with: .failure(InferenceError.stopped)) { answers.append(answer) }
        }
        return answers
    }

    /// - Returns: how many images nobody waits for any more and are not computed.
    private mutating func withdraw(_ ticket: InferenceTicket) -> Int {
        tickets[ObjectIdentifier(ticket)] = nil
        var dropped = 0
        for case let item? in ticket.items {
            item.waiters.removeAll { $0.ticket === ticket }
            guard item.waiters.isEmpty else { continue }
            if item.phase < .computing { dropped += 1 }
            switch item.phase {
            case .waiting:
                waiting.remove(item)
                leave(item)
            case .ready:
                ready.remove(item)
                leave(item)
            // Its thread finds out when the input is made; the network's result is nobody's.
            case .preparing, .computing, .done: continue
            }
        }
        return dropped
    }
}
