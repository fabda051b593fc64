import CKernels

/// Waits, busily, until `ready` holds or some 50 µs are over; returns whether it holds.
///
/// As long as the pauses between a network's layers; about what it takes to put a thread to sleep and wake it again.
func spin(until ready: () -> Bool) -> Bool {
    let clock = ContinuousClock()
    let end = clock.now + .microseconds(50)
    repeat {
        for _ in 0..<64 {
            if ready() { return true }
            spin_pause()
        }
    } while clock.now < end
    return ready()
}
