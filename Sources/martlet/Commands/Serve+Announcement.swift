import Compute
import Foundation
import HTTPServer
import Inference

extension Serve {
    /// Says on standard output where the server is and how to try it.
    func announce(
        _ first: (listener: Listener, address: SocketAddress)?, hasKeys: Bool, _ repository: ModelRepository,
        _ pool: ComputePool,
        _ kernels: KernelTable, after elapsed: Duration
    ) {
        let url = first.map { "\($0.listener.tls == nil ? "http" : "https")://\($0.address)" } ?? ""
        let milliseconds = Int(elapsed / .milliseconds(1))
        print(
            """
            martlet serves \(repository.models.filter { $0.latest != nil }.map(\.name).joined(separator: ", ")) on \(url)
            (\(kernels.name) kernels, \(pool.threads) thread\(pool.threads == 1 ? "" : "s"), ready after \(milliseconds) ms)
            What it is taught lies in \(storage.store)

            Try it:
              curl \(curlOptions(hasKeys: hasKeys))--data-binary @\(process.sample) \(url)/classify
            """)
        fflush(nil)  // a pipe would hold it back
    }

    /// Without which the server would turn curl away, or curl the server.
    private func curlOptions(hasKeys: Bool) -> String {
        var options = tls.isSelfSigned ? "--insecure " : ""
        if tls.configuration?.clientAuthentication.isRequired == true {
            options += "--cert client.pem --key client.key "
        }
        return hasKeys ? options + #"-H "Authorization: Bearer $KEY" "# : options
    }
}
