import Dispatch
import HTTPTypes

/// One client's connection: reads requests, has them answered one after another, and writes the answers.
///
/// `@unchecked Sendable`: its state is confined to its loop's queue.
final class Connection: @unchecked Sendable {
    private enum Phase {
        /// Between requests, or inside one.
        case reading
        /// A handler works on a request; the task is cancelled when the client leaves.
        case handling
        /// An answer, or a chunk of its stream, is being sent.
        case writing
        /// The next chunk of an answer is being made; the task is cancelled when the client leaves.
        case streaming
        /// All is sent; what the client still sends is dropped until it closes, so that it can read the answer
        /// (RFC 9112 section 9.6).
        case lingering
        case closed
    }

    /// While a handler works, this much of later requests is read ahead; more waits in the kernel.
    private static let maximumReadAhead = 64 << 10
    private static let maximumLingering = Duration.seconds(2)
    /// A body announced as longer than this is refused before it comes where there is no room for it.
    private static let maximumUncheckedAnnouncement = 1 << 20

    /// A handler takes longer to read a body of more bytes than other connections should wait for: it runs elsewhere.
    private static let maximumQuickBody = 256 << 10

    let incoming: IncomingConnection
    private static let maximumCopiedBody = 4 << 10

    private let loop: ConnectionLoop
    private let socket: ConnectionSocket
    private var parser: RequestParser
    private var phase = Phase.reading
    private var readSource: (any DispatchSourceRead)?
    private var writeSource: (any DispatchSourceWrite)?
    private var isReadPaused = false
    private var liveSources = 0
    private var task: Task<Void, Never>?
    private var deadline: ContinuousClock.Instant
    /// What the deadline is for; `nil` until it is set.
    private var awaited: RequestParser.Stage?
    /// Of the body that arrives.
    private var rate: MinimumRate?
    /// Bytes of content taken from the budget of all connections.
    private var budgetedBytes = 0
    private var clientIsDone = false
    private var outgoing: Transmission?
    private var stream: StreamedContent?
    /// Of a response whose head is being sent.
    private var upcoming: ResponseStream?
    private var closesAfterAnswer = false
    private var isRefused = false
    private var closeReason = CloseReason.finished
    private var speaksHTTP10 = false

    init(_ incoming: IncomingConnection, loop: ConnectionLoop) {
        self.incoming = incoming
        self.loop = loop
        socket = ConnectionSocket(descriptor: incoming.descriptor, session: incoming.session)
        parser = RequestParser(limits: loop.configuration, isSecure: incoming.session != nil)
        deadline = .now + loop.configuration.idleTimeout
    }

    func start() {
        let source = DispatchSource.makeReadSource(fileDescriptor: socket.descriptor, queue: loop.queue)
        source.setEventHandler { [weak self] in self?.readable() }
        own(source)
        readSource = source
        source.resume()
        if let refusal = incoming.refusal { refuse(refusal) } else { readPending() }
    }

    // MARK: Reading

    /// Reads what no event will tell of.
    private func readPending() {
        guard socket.mayHavePending, !isReadPaused, phase != .closed else { return }
        loop.queue.async { [self] in if !isReadPaused, phase != .closed { readable() } }
    }

    private func readable() {
        switch socket.receive(into: &loop.readBuffer) {
        case .wouldBlock: return
        case .end, .broken: clientLeft()
        case .bytes(let count):
            guard phase != .lingering, phase != .closed else { return }
            parser.append(loop.readBuffer[..<count])
            if phase == .reading {
                process()
                // Among many that came at once, the next event of this connection may be far away.
                if phase == .handling, socket.isAtEnd { clientLeft() }
            } else if parser.bufferedBytes > Self.maximumReadAhead {
                pauseReading()
            }
            readPending()
        }
    }

    /// The client has left, or closed its sending side, which looks the same: its handler is cancelled. What needs no
    /// waiting is answered nevertheless.
    private func clientLeft() {
        clientIsDone = true
        pauseReading()
        switch phase {
        case .reading: process()
        case .handling: task?.cancel()
        case .writing where stream == nil: return
        case .writing, .streaming: close(.clientLeft)
        case .lingering, .closed: close(.finished)
        }
    }

    /// Sets the deadline: a head's time runs from its first byte; a body's from its latest, within its rate.
    private func expect(_ stage: RequestParser.Stage) {
        guard stage != awaited || stage == .body else { return }
        let now = ContinuousClock.now
        let configuration = loop.configuration
        if stage == .body, awaited != .body {
            rate = MinimumRate(configuration.minimumBodyRate, timeout: configuration.bodyTimeout, from: now)
        }
        awaited = stage
        switch stage {
        case .idle: deadline = now + configuration.idleTimeout
        case .head: deadline = now + configuration.headTimeout
        case .body:
            deadline = rate?.deadline(afterMoving: parser.contentBytes, at: now) ?? now + configuration.bodyTimeout
        }
    }

    /// Takes what has arrived of the current request's content from the budget.
    private func budget(for step: RequestParser.Step) throws(ProtocolError) {
        var arrived = parser.contentBytes
        if case .request(let request) = step { arrived = request.body.count }
        try loop.bodyBudget.take(arrived - budgetedBytes)
        budgetedBytes = arrived
        let announced = parser.announcedBytes
        if awaited != .body, announced > Self.maximumUncheckedAnnouncement {
            try loop.bodyBudget.checkRoom(for: announced - arrived)
        }
    }

    private func giveBackBudget() {
        loop.bodyBudget.giveBack(budgetedBytes)
        budgetedBytes = 0
    }

    /// Takes the next request out of what has been read.
    private func process() {
        while phase == .reading {
            do {
                let step = try parser.next(&loop.recentHeads)
                try budget(for: step)
                switch step {
                case .incomplete:
                    guard clientIsDone else { return expect(parser.stage) }
                    return close(parser.stage == .idle ? .finished : .clientLeft)
                case .expectsContinue: begin(Transmission(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), []))
                case .request(let request): handle(request)
                }
            } catch {
                refuse(error)
            }
        }
    }

    private func handle(_ parsed: ParsedRequest) {
        phase = .handling
        closesAfterAnswer = !parsed.keepsAlive
        speaksHTTP10 = parsed.version == .http10
        let isHead = parsed.head.method == .head
        var request = Request(
            head: parsed.head, body: parsed.body, remoteAddress: incoming.peer?.host ?? "",
            listener: incoming.listener.name,
            clientCertificate: socket.session?.clientCertificate)
        request.choosesContent = parsed.choosesContent
        let handler = loop.handler
        if request.body.count > Self.maximumQuickBody {
            task = Task { [self] in
                let response = await handler(request)
                loop.queue.async { self.send(response, withoutBody: isHead) }
            }
        } else {
            // One that never waits is answered before this returns; one that does goes on here, on the loop's queue too.
            let task = Task.immediate(executorPreference: loop.executor) { [self] in
                let response = await handler(request)
                dispatchPrecondition(condition: .onQueue(loop.queue))
                send(response, withoutBody: isHead)
            }
            if phase == .handling { self.task = task }
        }
        if clientIsDone { task?.cancel() }
    }

    private func refuse(_ error: ProtocolError) {
        closesAfterAnswer = true
        isRefused = true
        loop.counters.countRefusal(error.reason)
        loop.logger.debug(
            "refused: \(error.detail)",
            metadata: ["client": "\(incoming.peer?.host ?? "")", "reason": "\(error.reason.rawValue)"])
        var response = loop.configuration.refusal(error)
        if error.reason == .contentCoding { response.headerFields[.acceptEncoding] = "identity" }
        if let seconds = error.retryAfter { response.headerFields[.retryAfter] = "\(seconds)" }
        parser.discard()
        send(response, withoutBody: parser.isHeadRequest)
    }

    // MARK: Writing

    private func send(_ response: Response, withoutBody: Bool) {
        guard phase != .closed else { return }
        task = nil
        giveBackBudget()
        let hasContent = response.allowsContent && !withoutBody
        if hasContent, response.stream != nil {
            guard !clientIsDone else { return close(.clientLeft) }
            if speaksHTTP10 { closesAfterAnswer = true }
            stream = StreamedContent(isChunked: !speaksHTTP10, at: .now)
            upcoming = response.stream
        }
        if loop.isDraining || (clientIsDone && parser.stage == .idle) { closesAfterAnswer = true }
        let persistence = closesAfterAnswer ? ResponseEncoder.Persistence.ends : speaksHTTP10 ? .continues : .implied
        var head = loop.encoder.head(of: response, persistence, isChunked: response.stream != nil && !speaksHTTP10)
        guard hasContent, stream == nil else { return begin(Transmission(head, [])) }
        // To copy a few bytes is cheaper than to have the kernel gather two parts.
        guard response.body.count <= Self.maximumCopiedBody else { return begin(Transmission(head, response.body)) }
        head.append(contentsOf: response.body)
        begin(Transmission(head, []))
    }

    private func begin(_ transmission: consuming Transmission) {
        phase = .writing
        switch transmission.proceed(on: socket) {
        case .done: return finish(transmission.count)
        case .broken: return close(.clientLeft)
        case .blocked:
            outgoing = transmission
            waitUntilWritable()
        }
    }

    private func writable() {
        guard phase == .writing, let progress = outgoing?.proceed(on: socket) else { return }
        switch progress {
        case .blocked: return
        case .broken: return close(.clientLeft)
        case .done:
            let count = outgoing?.count ?? 0
            outgoing = nil
            cancelWriteSource()
            finish(count)
        }
    }

    /// The kernel has all `count` bytes of what was being sent.
    private func finish(_ count: Int) {
        if stream?.isEnding == false { return goOnStreaming(after: count) }
        stream = nil
        if closesAfterAnswer || (clientIsDone && parser.stage == .idle) { return linger() }
        phase = .reading
        awaited = nil
        expect(parser.stage)
        if !clientIsDone { resumeReading() }
        // Only what was read ahead: an answer of a handler that never suspends is sent from within `process`.
        if parser.bufferedBytes > 0 || clientIsDone { loop.queue.async { [self] in process() } }
        // The answer's head may have been made before the server began to stop.
        if loop.isDrained { closeIfUnfinished() }
    }

    private func waitUntilWritable() {
        guard writeSource == nil else { return }
        let source = DispatchSource.makeWriteSource(fileDescriptor: socket.descriptor, queue: loop.queue)
        source.setEventHandler { [weak self] in self?.writable() }
        own(source)
        writeSource = source
        source.resume()
    }

    // MARK: Streaming

    /// The head or a chunk has been sent: the next one is asked for.
    private func goOnStreaming(after count: Int) {
        phase = .streaming
        stream?.passedOn(count)
        guard !loop.isDrained else { return endStream() }
        stream?.resume(isWanted: true)
        guard let source = upcoming else { return }
        upcoming = nil
        task = Task(executorPreference: loop.executor) { [self] in
            await source.run { [self] chunk in
                await withCheckedContinuation { sender in
                    loop.queue.async { self.send(chunk, from: sender) }
                }
            }
            loop.queue.async { self.endStream() }
        }
    }

    private func send(_ chunk: [UInt8], from sender: CheckedContinuation<Bool, Never>) {
        guard phase == .streaming, let transmission = stream?.chunk(chunk, sender) else {
            return sender.resume(returning: false)
        }
        begin(transmission)
    }

    /// Ends the stream, if there is one, after the chunk that is being sent.
    func endStream() {
        guard phase == .streaming, let end = stream?.end else { return }
        cancelTask()
        stream?.isEnding = true
        if loop.isDraining { closesAfterAnswer = true }
        begin(end)
    }

    private func cancelTask() {
        task?.cancel()
        task = nil
        upcoming = nil
        stream?.resume(isWanted: false)
    }

    // MARK: Ending

    private func linger() {
        phase = .lingering
        guard !clientIsDone else { return close(.finished) }
        socket.finishSending()
        deadline = .now + Self.maximumLingering
        resumeReading()
    }

    /// Since when the connection has waited for a request; `nil` where it does not.
    var idleSince: ContinuousClock.Instant? {
        phase == .reading && parser.stage == .idle ? deadline - loop.configuration.idleTimeout : nil
    }

    /// Ends a connection that has waited for a request from `moment` on, unless it is there already.
    func closeIfIdle(since moment: ContinuousClock.Instant, _ reason: CloseReason) {
        guard let idleSince, idleSince <= moment else { return }
        readable()
        if phase == .reading, parser.stage == .idle { close(reason) }
    }

    /// Ends a connection that waits for a request or the rest of one, unless it is there already.
    func closeIfUnfinished() {
        if phase == .reading { readable() }
        if phase == .reading { close(.stopped) }
    }

    /// Whether a request has begun to arrive and its answer has not been sent.
    var isInRequest: Bool {
        switch phase {
        case .reading: parser.stage != .idle
        case .handling, .writing, .streaming: true
        case .lingering, .closed: false
        }
    }

    /// Ends a connection whose client takes too long.
    func endIfLate(_ now: ContinuousClock.Instant) {
        switch phase {
        case .writing: deadline = outgoing?.deadline(on: socket, at: now, loop.configuration) ?? deadline
        case .streaming: deadline = stream?.deadline(on: socket, at: now, loop.configuration) ?? deadline
        case .reading, .handling, .lingering, .closed: break
        }
        guard now > deadline else { return }
        switch phase {
        case .reading where parser.stage != .idle:
            refuse(
                ProtocolError(
                    .requestTimeout, parser.stage == .body ? .bodyTimeout : .headTimeout,
                    "the request did not arrive in time"))
        case .writing, .streaming:
            socket.dropUntakenBytesOnClose()
            close(.writeTimeout)
        case .reading: close(.idleTimeout)
        case .lingering: close(.finished)
        case .handling, .closed: return
        }
    }

    /// Ends the connection at once. What follows a refusal is that, whichever way it ends.
    func close(_ reason: CloseReason) {
        guard phase != .closed else { return }
        closeReason = isRefused ? .refused : reason
        // An answer that is cut off must not look whole.
        if phase != .writing, phase != .streaming { socket.session?.finish() }
        phase = .closed
        giveBackBudget()
        cancelTask()
        resumeReading()  // a paused source could not be cancelled
        readSource?.cancel()
        readSource = nil
        cancelWriteSource()
    }

    private func cancelWriteSource() {
        writeSource?.cancel()
        writeSource = nil
    }

    private func pauseReading() {
        guard !isReadPaused else { return }
        isReadPaused = true
        readSource?.suspend()
    }

    private func resumeReading() {
        guard isReadPaused else { return }
        isReadPaused = false
        readSource?.resume()
        readPending()
    }

    /// The descriptor is closed when the connection and every source on it have ended.
    private func own(_ source: any DispatchSourceProtocol) {
        liveSources += 1
        source.setCancelHandler { [self] in
            liveSources -= 1
            guard liveSources == 0, phase == .closed else { return }
            socket.close()
            loop.remove(self, closeReason)
        }
    }
}
