import Imaging

/// The images of a folder as a network reads them, one at a time.
struct PreparedImages {
    let folder: ImageFolder
    let preprocessing: Preprocessing
    let display: ProgressDisplay
    /// Those that cannot be read or decoded.
    private(set) var skipped: Set<String> = []
    private let decoder = ImageDecoder()

    init(folder: ImageFolder, preprocessing: Preprocessing, display: ProgressDisplay) {
        self.folder = folder
        self.preprocessing = preprocessing
        self.display = display
    }

    /// `H × W × C` floats; `nil` where there is no such image, which is said once.
    mutating func tensor(of name: String) -> [Float]? {
        guard !skipped.contains(name) else { return nil }
        do {
            let bytes = try imageFile(folder.file(name)).get()
            return preprocessing.tensor(try decoder.decode(bytes, for: preprocessing))
        } catch {
            skipped.insert(name)
            display.note("\(name): \(error); passed over")
            return nil
        }
    }
}
