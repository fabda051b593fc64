/// What `disconnect` has measured.
struct DisconnectReport: Encodable {
    /// Requests sent completely.
    let sent: Int
    let notSent: Int
    /// Of those sent, the ones whose answer had come when the client left, by status.
    let answeredBeforeLeaving: [String: Int]
    /// Answers to the held connections, while they were alone and while the clients came and left.
    let heldAlone: [String: Int]
    let held: [String: Int]
    let losses: [String: Int]
    /// The server's, each time when it was idle: before, after the held connections alone, and at the end.
    let serverCPUSeconds: [Double]
    let cpuMsPerRequestAlone: Double?
    /// CPU time beyond what the held requests, and those answered 200 before their clients left, cost alone: what the
    /// dropped ones cost, the receiving of their images included.
    let surplusCPUSeconds: Double?
    /// That, divided by what as many held requests cost alone as were left unanswered.
    let surplusPart: Double?
    let toolCPUSeconds: Double

    /// - Parameter cpuSeconds: none without a process, two without held connections, else three.
    init(departures: [Departure], heldAlone: Tally, held: Tally, cpuSeconds: [Double]) {
        notSent = departures.count { $0 == .notSent }
        sent = departures.count - notSent
        answeredBeforeLeaving = departures.reduce(into: [:]) { counts, departure in
            if case .answered(let status) = departure { counts[status, default: 0] += 1 }
        }
        self.heldAlone = statusCounts(heldAlone.answers)
        self.held = statusCounts(held.answers)
        losses = Tally(merging: [heldAlone, held]).losses
        serverCPUSeconds = cpuSeconds
        let aloneCount = heldAlone.answers.count { $0.status == 200 }
        let done = held.answers.count { $0.status == 200 } + answeredBeforeLeaving["200", default: 0]
        let unanswered = departures.count { $0 == .unanswered }
        if cpuSeconds.count == 3, aloneCount > 0 {
            let cost = (cpuSeconds[1] - cpuSeconds[0]) / Double(aloneCount)
            let surplus = cpuSeconds[2] - cpuSeconds[1] - Double(done) * cost
            cpuMsPerRequestAlone = rounded(cost * 1000)
            surplusCPUSeconds = rounded(surplus)
            surplusPart = cost > 0 && unanswered > 0 ? rounded(surplus / (Double(unanswered) * cost)) : nil
        } else {
            cpuMsPerRequestAlone = nil
            surplusCPUSeconds = nil
            surplusPart = nil
        }
        toolCPUSeconds = Monotonic.processCPUSeconds()
    }

    var summary: String {
        var text = "\(sent) sent and left, \(notSent) not sent, answered before: \(countsText(answeredBeforeLeaving)); "
        text += "held connections: \(countsText(held)), without an answer \(countsText(losses))"
        if !serverCPUSeconds.isEmpty {
            text += "\nserver's CPU seconds when idle: " + serverCPUSeconds.map { String($0) }.joined(separator: ", ")
        }
        if let cpuMsPerRequestAlone, let surplusCPUSeconds, let surplusPart {
            text += "; \(cpuMsPerRequestAlone) ms a request alone, \(surplusCPUSeconds) s for those unanswered, "
            text += "\(surplusPart) of what they had cost"
        }
        return text
    }
}
