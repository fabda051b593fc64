import ArgumentParser

extension Setting {
    /// Which number the option takes: `a whole number from 0 to 65535`. `nil` where it takes something else.
    ///
    /// What ArgumentParser reads into a number it calls invalid and no more. The option's own check says the rest, of a number
    /// below every range; whether that may have a fraction, or be one that no `Int` holds, tells the option's type.
    var expectedNumber: String? {
        range(refusing: "-1e300").map { "a number \($0), such as 5 or 0.5" }
            ?? range(refusing: "\(Int.min)").map { "a whole number \($0)" }
    }

    /// What the option must be instead of `number`, in the words of its check, but for what it says of another option's value:
    /// that is not the user's.
    private func range(refusing number: String) -> String? {
        do { _ = try Serve.parse(["--\(name)=\(number)"]) } catch {
            return Serve.message(for: error).firstMatch(of: /must be (.+), found/).map {
                String($0.1.replacing(#/ \(\d+\)/#, with: ""))
            }
        }
        return nil
    }
}
