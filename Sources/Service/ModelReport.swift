import Inference

/// How a version of a model is.
public typealias ModelVersionStatus = Inference.ModelVersionStatus

/// What the queue holds and has done.
public typealias QueueStatistics = Inference.QueueStatistics

/// A model of the repository: its versions, and what is to be known about the one that answers.
public struct ModelReport: Sendable {
    public let name: String
    /// True for the model a request gets that names none.
    public let isDefault: Bool
    /// In rising order.
    public let versions: [ModelVersionStatus]
    /// Of the version that requests get that name none; `nil` while none is loaded.
    public let latest: ModelDescription?

    public init(name: String, isDefault: Bool, versions: [ModelVersionStatus], latest: ModelDescription?) {
        self.name = name
        self.isDefault = isDefault
        self.versions = versions
        self.latest = latest
    }
}

extension ImageService {
    /// The models, in the order of their names.
    public var models: [ModelReport] {
        repository.models.map { status in
            ModelReport(
                name: status.name, isDefault: status.isDefault, versions: status.versions,
                latest: status.latest.map { ModelDescription($0) })
        }
    }
}
