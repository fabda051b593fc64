extension Preprocessing {
    /// What the network sees of a picture of so many full-size pixels.
    func framing(width fullWidth: Int, height fullHeight: Int, view: ImageView = .whole) -> Framing {
        guard resize != .centerCrop else {
            let crop = cropExtents(width: fullWidth, height: fullHeight)
            let part = view.part(width: crop.width, height: crop.height)
            let left = (fullWidth - crop.width) / 2 + part.left
            let top = (fullHeight - crop.height) / 2 + part.top
            let box = CropBox(
                left: Float(left), top: Float(top), right: Float(left + part.width), bottom: Float(top + part.height))
            return Framing(part: box, width: width, height: height)
        }
        let resized = resizedExtents(width: fullWidth, height: fullHeight)
        let (left, top) = (margin(resized.width - width), margin(resized.height - height))
        let part = view.part(width: width, height: height)
        guard (part.width, part.height) != (width, height) else {
            let whole = CropBox(left: 0, top: 0, right: Float(fullWidth), bottom: Float(fullHeight))
            return Framing(part: whole, width: resized.width, height: resized.height, left: left, top: top)
        }
        // A corner of the crop, in pixels of the picture, fills the input.
        func column(_ position: Int) -> Float {
            Float(Double(position) * Double(fullWidth) / Double(resized.width))
        }
        func row(_ position: Int) -> Float {
            Float(Double(position) * Double(fullHeight) / Double(resized.height))
        }
        let corner = CropBox(
            left: column(left + part.left), top: row(top + part.top), right: column(left + part.left + part.width),
            bottom: row(top + part.top + part.height))
        return Framing(part: corner, width: width, height: height)
    }

    /// The largest rectangle of the network's proportions, shrunk by `cropFraction` and cut down to whole pixels.
    ///
    /// For a square input that is a square of `Int(shorter side × cropFraction)`.
    private func cropExtents(width fullWidth: Int, height fullHeight: Int) -> (width: Int, height: Int) {
        var cropWidth = Double(fullWidth) * cropFraction
        var cropHeight = Double(fullHeight) * cropFraction
        if fullWidth * height <= fullHeight * width {
            cropHeight = cropWidth * (Double(height) / Double(width))
        } else {
            cropWidth = cropHeight * (Double(width) / Double(height))
        }
        // A picture of very few pixels keeps at least one.
        return (min(max(1, Int(cropWidth)), fullWidth), min(max(1, Int(cropHeight)), fullHeight))
    }

    /// What the whole picture is resized to before the crop; nowhere less than the network's extents.
    ///
    /// With equal sides as torchvision's `Resize(side)` has it, which cuts the longer side down to whole pixels; else as
    /// timm's `ResizeKeepRatio` does, which rounds.
    private func resizedExtents(width fullWidth: Int, height fullHeight: Int) -> (width: Int, height: Int) {
        let target = (width: enlarged(width), height: enlarged(height))
        if resize == .squash { return target }
        if target.width == target.height {
            let shorter = min(fullWidth, fullHeight)
            return (target.width * fullWidth / shorter, target.height * fullHeight / shorter)
        }
        let ratio = min(Double(fullWidth) / Double(target.width), Double(fullHeight) / Double(target.height))
        return (
            Int((Double(fullWidth) / ratio).rounded(.toNearestOrEven)),
            Int((Double(fullHeight) / ratio).rounded(.toNearestOrEven))
        )
    }

    /// A side of the network's before the crop. No fraction is so small that products with pictures' sides overflow.
    private func enlarged(_ side: Int) -> Int { Int(min(Double(side) / cropFraction, 0x1p24)) }

    /// The pixels before the crop, of those that are not seen; an odd number is halved as torchvision does, to even.
    private func margin(_ unseen: Int) -> Int { Int((Double(unseen) / 2).rounded(.toNearestOrEven)) }
}
