import Foundation

extension Double {
    /// A part of one.
    var percent: String { String(format: "%.1f %%", 100 * self) }
}
