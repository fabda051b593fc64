import Service

extension Timing {
    private var figures: [(name: String, milliseconds: Double)] {
        [("decode", decode), ("queue", queue), ("compute", compute), ("total", total)].map { name, duration in
            (name, (duration / .microseconds(1)).rounded() / 1000)
        }
    }

    /// The value of `Server-Timing` (W3C Server Timing, §3): milliseconds, to the microsecond.
    var serverTiming: String {
        figures.map { "\($0.name);dur=\($0.milliseconds)" }.joined(separator: ", ")
    }

    /// The member `timing_ms`.
    func write(to writer: inout JSONWriter) {
        writer.name("timing_ms")
        writer.object { writer in
            for (name, milliseconds) in figures { writer.member(name, milliseconds) }
        }
    }
}
