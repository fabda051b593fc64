/// Datasets, fine-tune jobs and heads over one store.
public final class Teaching: Sendable {
    public let store: any Store
    public let heads: HeadRegistry
    public let jobs: FineTuneJobs

    public init(store: any Store, networks: any FeatureNetworks, options: FineTuneJobs.Options = .init()) {
        self.store = store
        heads = HeadRegistry(store: store)
        jobs = FineTuneJobs(store: store, networks: networks, heads: heads, options: options)
    }
}
