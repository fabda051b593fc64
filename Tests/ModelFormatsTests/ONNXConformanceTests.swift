import Compute
import Foundation
import Network
import Testing

@testable import ModelFormats

/// ONNX's own cases of the operators that are read (scripts/make_onnx_conformance.py), as https://github.com/onnx/onnx ships them.
///
/// A case passes where the network gives ONNX's output when its first input is a batch of images, or one array, or a constant
/// like the others (as in the arithmetic of shapes and weights). Which of the three it is stands in the table that is printed.
@Suite(.serialized) struct ONNXConformanceTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: ".cache/onnx-conformance")

    /// - Parameter batches: how many cases pass as batches of images, at least.
    @Test(arguments: [("node", 350), ("pytorch", 86), ("light", 9)])
    func everyCasePassesOrIsSkippedForAKnownReason(_ kind: String, batches: Int) throws {
        let kindFolder = Self.folder.appending(path: kind)
        guard let found = try? FileManager.default.contentsOfDirectory(atPath: kindFolder.path) else {
            Issue.record("\(kindFolder.path) does not exist; scripts/setup-conformance makes it, as make test does")
            return
        }
        let names = found.sorted()
        var (passed, skipped) = ([String: [String]](), [String: [String]]())
        for name in names {
            switch ConformanceCase(folder: kindFolder.appending(path: name)).run() {
            case .passed(let way): passed[way, default: []].append(name)
            case .skipped(let reason): skipped[reason, default: []].append(name)
            case .failed(let reason): Issue.record("\(kind) \(name): \(reason)")
            }
        }
        let passes = passed.values.reduce(0) { $0 + $1.count }
        print("ONNX conformance, \(kind): \(passes) of \(names.count) cases pass")
        for (way, cases) in passed.sorted(by: { $0.key < $1.key }) { print("  \(way): \(cases.count)") }
        for (reason, cases) in skipped.sorted(by: { $0.key < $1.key }) {
            print("  skipped, \(reason): \(cases.joined(separator: ", "))")
        }
        #expect(passed[ConformanceCase.Way.images.rawValue, default: []].count >= batches)
    }
}
