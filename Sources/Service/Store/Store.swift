/// What the server remembers between requests and across restarts.
///
/// A call that returns has been written durably: neither a killed process nor a power failure undoes it. One that throws
/// has changed nothing. Cancelling the calling task does not interrupt a call, so that a cancelled job can still say so.
/// Every call throws ``StoreError``; those of ``StoreError/diskFull`` and ``StoreError/busy`` may succeed later.
public protocol Store: DatasetStore, EmbeddingStore, JobStore, HeadStore {}
