import Compute
import Foundation
import HTTPServer
import Inference

extension Serve {
    /// Says on standard output where the server is and how to try it.
    func announce(
        _ addresses: [SocketAddress], _ repository: ModelRepository, store: String, _ pool: ComputePool,
        _ kernels: KernelTable, after elapsed: Duration
    ) {
        let url = addresses.first.map { "http://\($0)" } ?? ""
        let milliseconds = Int(elapsed / .milliseconds(1))
        print(
            """
            martlet serves \(repository.models.filter { $0.latest != nil }.map(\.name).joined(separator: ", ")) on \(url)
            (\(kernels.name) kernels, \(pool.threads) thread\(pool.threads == 1 ? "" : "s"), ready after \(milliseconds) ms)
            What it is taught lies in \(store)

            Try it:
              curl --data-binary @\(process.sample) \(url)/classify
            """)
        fflush(nil)  // a pipe would hold it back
    }
}
