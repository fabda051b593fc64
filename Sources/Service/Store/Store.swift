/// What the server remembers between requests and across restarts.
///
/// A call that returns has been written durably: neither a killed process nor a power failure undoes it. One that throws
/// has changed nothing. Cancelling the calling task does not interrupt a call, so that a cancelled job can still say so.
/// Every call throws ``StoreError``; those of ``StoreError/diskFull`` and ``StoreError/busy`` may succeed later.
public protocol Store: DatasetStore, EmbeddingStore, JobStore, HeadStore {
    /// Gives the file system back what was deleted, which may take seconds. Deleting a dataset, an image or a head does so
    /// itself; whoever saved embeddings or ended a job has to ask for it. What cannot be given back now is so next time.
    func reclaimSpace() async
}
