extension RGBImage {
    /// The image as it should be looked at.
    func oriented(_ orientation: EXIFOrientation) -> RGBImage {
        guard orientation != .up else { return self }
        let turns = orientation.quarterTurns
        let isUpright = turns.isMultiple(of: 2)
        let (newWidth, newHeight) = isUpright ? (width, height) : (height, width)
        var turned: [UInt8] = []
        turned.reserveCapacity(pixels.count)
        for y in 0..<newHeight {
            for x in 0..<newWidth {
                // Where the pixel comes from, turned back, then mirrored back.
                let (sourceX, sourceY) =
                    switch turns {
                    case 1: (y, height - 1 - x)
                    case 2: (width - 1 - x, height - 1 - y)
                    case 3: (width - 1 - y, x)
                    default: (x, y)
                    }
                let column = orientation.mirrored ? width - 1 - sourceX : sourceX
                let start = (sourceY * width + column) * 3
                turned.append(pixels[start])
                turned.append(pixels[start + 1])
                turned.append(pixels[start + 2])
            }
        }
        return RGBImage(width: newWidth, height: newHeight, pixels: turned)
    }
}
