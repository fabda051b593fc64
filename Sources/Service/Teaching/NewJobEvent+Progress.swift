import Foundation

extension NewJobEvent {
    /// How far the job is.
    static func progress(stage: String, progress: Double, loss: Double?) throws -> NewJobEvent {
        struct Progress: Encodable {
            let state = JobState.running
            let stage: String
            let progress: Double
            let loss: Double?
        }
        return try NewJobEvent(
            name: "progress", data: JSONEncoder().encode(Progress(stage: stage, progress: progress, loss: loss)))
    }

    /// What the last event of a job is called.
    public static let endName = "end"

    /// The job's last event.
    static func ended(_ state: JobState) -> NewJobEvent {
        NewJobEvent(name: endName, data: Data(#"{"state":"\#(state.rawValue)"}"#.utf8))
    }
}
