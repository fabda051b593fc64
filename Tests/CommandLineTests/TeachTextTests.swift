import Foundation
import Service
import Testing

@testable import martlet

/// What the commands that teach print, in parts.
struct TeachTextTests {
    @Test func `a bar has room for what it says, in less than the terminal's width`() {
        let line = ProgressLine(stage: "embedding", fraction: 0.5, detail: "312 images/s")
        #expect(
            line.bar(after: .seconds(62), columns: 64)
                == "embedding       [##########..........] 50 %  312 images/s  1:02")
        #expect(line.text(after: .seconds(3723)) == "embedding: 50 %, 312 images/s, 1:02:03")
        for columns in 0...200 {
            for fraction in [-1, 0, 0.001, 0.999, 1, 2] {
                let bar = ProgressLine(stage: "embedding", fraction: fraction, detail: nil).bar(
                    after: .zero, columns: columns)
                #expect(bar.count < max(1, columns), "\(columns): \(bar)")
            }
        }
    }

    @Test func `the query says what is not the default`() {
        var options = FineTuneOptions()
        options.head = "bikes"
        #expect(options.query == "head=bikes")
        (options.l2, options.seed, options.promote, options.type) = (0.5, .max, false, .mlp)
        (options.classWeights, options.hiddenUnits) = (.balanced, 64)
        #expect(
            options.query
                == "head=bikes&type=mlp&l2=0.5&seed=18446744073709551615&class_weights=balanced&hidden_units=64&promote=false"
        )
    }

    @Test(arguments: ["plain-1.jpg", "", "two words", "it's", "$HOME `date` \"*\" \\", "\u{e4}\n;"])
    func `the shell reads a quoted word as it was`(_ word: String) throws {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", "printf %s \(word.quotedForShell)"]
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(String(decoding: data, as: UTF8.self) == word)
    }

    @Test func `metrics that say something else are none`() {
        #expect(FineTuneMetrics(nil) == nil)
        #expect(FineTuneMetrics(Data(#"{"validation": {"accuracy": 1}}"#.utf8)) == nil)
        #expect("\u{1B}[2Jroad\n".printable == "\u{FFFD}[2Jroad\u{FFFD}")
        #expect("mountain bike".shortened(to: 8) == "mountai…")
    }
}
