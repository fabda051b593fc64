import Dispatch
import HTTPTypes

/// One client's connection: reads requests, has them answered one after another, and writes the answers.
///
/// `@unchecked Sendable`: its state is confined to its loop's queue.
final class Connection: @unchecked Sendable {
    /// While a handler works, this much of later requests is read ahead; more waits in the kernel.
    private static let maximumReadAhead = 64 << 10
    /// Then it is the turn of the loop's other connections: of so many requests, or after so many bytes of answers.
    private static let maximumRequestsPerTurn = 16
    private static let maximumBytesPerTurn = 256 << 10
    /// A client that goes on sending has not read the answer yet; one that is silent has, or never will.
    private static let maximumLingering = Duration.seconds(30)
    private static let maximumLingeringSilence = Duration.seconds(2)
    /// To copy fewer bytes is cheaper than to have the kernel gather two parts.
    private static let maximumCopiedBody = 4 << 10

    let incoming: IncomingConnection
    private let loop: ConnectionLoop
    private let socket: ConnectionSocket
    private let events: SocketEvents
    private var requests: RequestReader
    private lazy var budgetHolder = ByteBudget.Holder(network: incoming.network) { [weak self] in
        self?.loop.queue.async { [weak self] in self?.giveWay() }
    }
    private var phase = ConnectionPhase.reading
    private var isProcessing = false
    private var isTurnQueued = false
    /// Sent since the turn began.
    private var sentBytes = 0
    private var task: Task<Void, Never>?
    private var deadline: ContinuousClock.Instant
    private var lingeringEnd: ContinuousClock.Instant?
    /// Of the request whose body arrives.
    private var finding: (any AnyObject & Sendable)?
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
        events = SocketEvents(descriptor: incoming.descriptor, poller: loop.poller)
        deadline = .now + loop.configuration.idleTimeout
        requests = RequestReader(loop.configuration, isSecure: incoming.session != nil, budget: loop.bodyBudget)
    }

    func start() {
        guard events.start(readable: { [weak self] in self?.readable() }) else { return close(.systemLimit) }
        if let refusal = incoming.refusal { return refuse(refusal) }
        readPending()
        // A handshake may be over only now.
        if loop.isDrained { closeIfWaiting() }
    }

    // MARK: Reading

    /// Whether what is read waits for something else than the rest of it.
    private var isReadingAhead: Bool { phase != .lingering && (phase != .reading || isTurnQueued) }

    /// Reads what no event will tell of: what the session has taken from the socket already.
    private func readPending() {
        guard socket.mayHavePending, !events.isReadingPaused, phase != .closed else { return }
        loop.queue.async { [self] in if !events.isReadingPaused { readable() } }
    }

    private func readable() {
        guard phase != .closed else { return }
        switch socket.receive(into: &loop.readBuffer) {
        case .wouldBlock: return
        case .end, .broken: return clientLeft()
        case .bytes where phase == .lingering: lingerOn()
        case .bytes(let count):
            requests.append(loop.readBuffer[..<count])
            if phase == .reading {
                process()
                // Among many that came at once, the next event of this connection may be far away.
                if phase == .handling, socket.isAtEnd() { clientLeft() }
            }
            if requests.bufferedBytes > Self.maximumReadAhead, isReadingAhead { events.pauseReading() }
        }
        readPending()
    }

    /// The client has left, or closed its sending side, which looks the same: its handler is cancelled. What needs no
    /// waiting is answered nevertheless.
    private func clientLeft() {
        clientIsDone = true
        events.pauseReading()
        switch phase {
        case .reading: process()
        case .handling: task?.cancel()
        case .writing where stream == nil: return
        case .writing, .streaming: close(.clientLeft)
        case .lingering, .closed: close(.finished)
        }
    }

    /// The client has left, or closed its sending side, after more requests than have been read: those may still be answered.
    private func clientLeftUnread() {
        switch phase {
        case .handling: task?.cancel()
        case .streaming: close(.clientLeft)
        case .reading, .writing, .lingering, .closed: return
        }
    }

    /// Ends a request whose body has been arriving for so long that others get its room.
    private func giveWay() {
        if phase == .reading, requests.stage == .body { refuse(requests.exhausted) }
    }

    /// Takes requests out of what has been read, and the rest of them at the next turn.
    private func process() {
        var taken = 0
        let isInner = isProcessing
        isProcessing = true
        defer { isProcessing = isInner }
        sentBytes = 0
        while phase == .reading {
            guard taken < Self.maximumRequestsPerTurn, sentBytes < Self.maximumBytesPerTurn else {
                return queueTurn()
            }
            taken += 1
            do {
                let step = try requests.next(&loop.recentHeads)
                if case .content(let head, isLarge: true, _) = step, !admits(head) { return }
                try requests.takeFromBudget(step, for: budgetHolder)
                switch step {
                case .incomplete:
                    guard clientIsDone else {
                        resumeReading()
                        return deadline = requests.nextDeadline() ?? deadline
                    }
                    return close(requests.stage == .idle ? .finished : .clientLeft)
                case .content(_, _, awaitsLeave: true):
                    begin(Transmission(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), []))
                case .content: continue
                case .request(let request): handle(request)
                }
            } catch {
                refuse(error)
            }
        }
    }

    private func queueTurn() {
        guard !isTurnQueued else { return }
        isTurnQueued = true
        loop.queue.async { [self] in
            isTurnQueued = false
            process()
        }
    }

    /// Whether the body of a request is read. Where it is not, the answer is final and the connection ends, which
    /// RFC 9110 section 10.1.1 and RFC 9112 section 9.3 allow: reading on to the next request would cost what is saved.
    private func admits(_ head: HTTPRequest) -> Bool {
        switch loop.configuration.admission(incoming.request(head, [])) {
        case .admitted(let finding):
            self.finding = finding
            return true
        case .refused(let response):
            closesAfterAnswer = true
            requests.discard()
            send(response, withoutBody: head.method == .head)
            return false
        }
    }

    private func handle(_ parsed: ParsedRequest) {
        phase = .handling
        closesAfterAnswer = !parsed.keepsAlive
        speaksHTTP10 = parsed.version == .http10
        let isHead = parsed.head.method == .head
        var request = incoming.request(parsed.head, parsed.body)
        request.choosesContent = parsed.choosesContent
        request.finding = finding
        finding = nil
        let task = loop.handle(request) { [self] in send($0, withoutBody: isHead) }
        if phase == .handling { self.task = task }
        if clientIsDone { task.cancel() }
    }

    private func refuse(_ error: ProtocolError) {
        closesAfterAnswer = true
        isRefused = true
        requests.discard()
        send(loop.refusal(error, of: incoming), withoutBody: requests.isHeadRequest)
    }

    // MARK: Writing

    private func send(_ response: Response, withoutBody: Bool) {
        guard phase != .closed else { return }
        task = nil
        requests.giveBackBudget()
        let hasContent = response.allowsContent && !withoutBody
        if hasContent, response.stream != nil {
            guard !clientIsDone else { return close(.clientLeft) }
            if speaksHTTP10 { closesAfterAnswer = true }
            stream = StreamedContent(isChunked: !speaksHTTP10, at: .now)
            upcoming = response.stream
        }
        if loop.isDraining || (clientIsDone && requests.stage == .idle) { closesAfterAnswer = true }
        let persistence = closesAfterAnswer ? ResponseEncoder.Persistence.ends : speaksHTTP10 ? .continues : .implied
        var head = loop.encoder.head(of: response, persistence, isChunked: response.stream != nil && !speaksHTTP10)
        guard hasContent, stream == nil else { return begin(Transmission(head, [])) }
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
            events.stopWriting()
            finish(count)
        }
    }

    /// The kernel has all `count` bytes of what was being sent.
    private func finish(_ count: Int) {
        if stream?.isEnding == false { return goOnStreaming(after: count) }
        stream = nil
        if closesAfterAnswer || (clientIsDone && requests.stage == .idle) { return linger() }
        phase = .reading
        deadline = requests.nextDeadline(isNew: true) ?? deadline
        if !clientIsDone, requests.bufferedBytes <= Self.maximumReadAhead { resumeReading() }
        // An answer of a handler that never suspends is sent from within `process`, which goes on by itself.
        sentBytes += count
        if !isProcessing, requests.bufferedBytes > 0 || clientIsDone { queueTurn() }
        // The answer's head may have been made before the server began to stop.
        if loop.isDrained { closeIfWaiting() }
    }

    private func waitUntilWritable() {
        events.startWriting { [weak self] in self?.writable() }
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
        lingeringEnd = .now + Self.maximumLingering
        deadline = .now + Self.maximumLingeringSilence
        resumeReading()
    }

    private func lingerOn() {
        guard let lingeringEnd, !loop.isDraining else { return }
        deadline = min(lingeringEnd, .now + Self.maximumLingeringSilence)
    }

    /// Since when the connection has waited for a request; `nil` where it does not.
    var idleSince: ContinuousClock.Instant? {
        phase == .reading && requests.stage == .idle ? deadline - loop.configuration.idleTimeout : nil
    }

    /// Ends a connection that has waited for a request from `moment` on, unless it is there already.
    func closeIfIdle(since moment: ContinuousClock.Instant, _ reason: CloseReason) {
        guard let idleSince, idleSince <= moment else { return }
        readable()
        if phase == .reading, requests.stage == .idle { close(reason) }
    }

    /// Ends a connection that waits for a request, or the rest of a short one, unless it is there already.
    func closeIfWaiting() {
        if phase == .reading { readable() }
        if phase == .reading, !requests.isReadingAdmitted { close(.stopped) }
    }

    /// Whether a request has begun to arrive and its answer has not been sent.
    var isInRequest: Bool {
        switch phase {
        case .reading: requests.stage != .idle
        case .handling, .writing, .streaming: true
        case .lingering, .closed: false
        }
    }

    /// Ends a connection whose client takes too long.
    func endIfLate(_ now: ContinuousClock.Instant) {
        // Behind what waits to be read its leaving is not seen otherwise.
        if events.isReadingPaused, !clientIsDone, socket.hasHungUp { clientLeftUnread() }
        switch phase {
        case .writing: deadline = outgoing?.deadline(on: socket, at: now, loop.configuration) ?? deadline
        case .streaming: deadline = stream?.deadline(on: socket, at: now, loop.configuration) ?? deadline
        case .reading, .handling, .lingering, .closed: break
        }
        guard now > deadline else { return }
        switch phase {
        case .reading where requests.stage != .idle:
            refuse(
                ProtocolError(
                    .requestTimeout, requests.stage == .body ? .bodyTimeout : .headTimeout,
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
        requests.giveBackBudget()
        cancelTask()
        events.end { [self] in
            socket.close()
            loop.remove(self, closeReason)
        }
    }

    private func resumeReading() {
        if events.resumeReading() { readPending() }
    }
}
