import CSystem
import Service

/// Gives the memory of a burst back to the system once the server has had nothing to do for a while.
enum IdleMemory {
    private static let interval = Duration.seconds(2)

    /// Looks at the service until its task is cancelled.
    static func watch(_ service: ImageService) async {
        var (seen, returned) = (0, 0)
        while (try? await Task.sleep(for: interval)) != nil {
            let admitted = service.statistics.admitted
            if admitted == seen, admitted != returned {
                csystem_return_memory()
                returned = admitted
            }
            seen = admitted
        }
    }
}
