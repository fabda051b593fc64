import CImaging

extension RGBImage {
    /// The picture turned and mirrored so that it stands upright, as Pillow's `ImageOps.exif_transpose` does.
    func upright(from orientation: Orientation) -> RGBImage {
        guard orientation != .topLeft else { return self }
        let (start, stepX, stepY) = walk(orientation)
        let (newWidth, newHeight) = orientation.swapsSides ? (height, width) : (width, height)
        let turned = unsafe [UInt8](unsafeUninitializedCapacity: pixels.count) { buffer, count in
            if let output = buffer.baseAddress {
                unsafe cimaging_rearrange(pixels, output, newWidth, newHeight, start, stepX, stepY)
                count = pixels.count
            }
        }
        return RGBImage(
            region: region.upright(from: orientation, width: reduction.width, height: reduction.height),
            of: reduction.upright(from: orientation), exactly: turned)
    }

    /// The stored pixel that is first in the upright picture, and how far to go for one to the right and one down.
    private func walk(_ orientation: Orientation) -> (start: Int, stepX: Int, stepY: Int) {
        let last = width * height - 1
        let lastRow = width * (height - 1)
        return switch orientation {
        case .topLeft: (0, 1, width)
        case .topRight: (width - 1, -1, width)
        case .bottomRight: (last, -1, -width)
        case .bottomLeft: (lastRow, 1, -width)
        case .leftTop: (0, width, 1)
        case .rightTop: (lastRow, -width, 1)
        case .rightBottom: (last, -width, -1)
        case .leftBottom: (width - 1, width, -1)
        }
    }
}
