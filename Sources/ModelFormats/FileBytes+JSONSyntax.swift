import Foundation

extension FileBytes {
    /// What keeps the bytes from being JSON, and where: `Invalid value at line 2, column 5`. `nil` where nothing does, or where
    /// they are too many for people to look at.
    ///
    /// For errors only: FoundationEssentials' decoder, which read them, does not say.
    var jsonSyntaxError: String? {
        guard count <= Model.configurationLimit else { return nil }
        do {
            _ = try JSONSerialization.jsonObject(with: Data(copy), options: .fragmentsAllowed)
            return nil
        } catch {
            guard let reason = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String else { return nil }
            // A sentence, and not where: there is but one end.
            guard !reason.hasPrefix("Unexpected end of file") else { return "the end of the file" }
            // Characters are bytes there, from 0 on.
            guard let match = reason.firstMatch(of: /(.*) (?:around|starting from) character ([0-9]+)\.?/),
                let offset = Int(match.2), offset <= count
            else { return reason }
            return "\(match.1) at \(position(ofByte: offset))"
        }
    }

    /// Counted from 1, as editors do.
    private func position(ofByte offset: Int) -> String {
        let lines = self[0..<offset].copy.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let column = String(decoding: lines.last ?? [], as: UTF8.self).count + 1
        return "line \(lines.count), column \(column)"
    }
}
