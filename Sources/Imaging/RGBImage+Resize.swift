import CImaging

extension RGBImage {
    /// A rectangle of whole pixels.
    struct Box: Equatable {
        let left: Int
        let top: Int
        let width: Int
        let height: Int
    }

    /// `box` of this image at another size, equal to Pillow's `Image.resize(size, filter, box)` to ±1 level: first along
    /// x, rounded to bytes, then along y; pixels around the box take part at its borders, as there.
    ///
    /// - Precondition: the box lies within the image; all sizes are positive.
    func resized(_ box: Box, width newWidth: Int, height newHeight: Int, _ interpolation: Interpolation) -> RGBImage {
        precondition(box.left >= 0 && box.top >= 0 && box.width > 0 && box.height > 0)
        precondition(box.left + box.width <= width && box.top + box.height <= height && newWidth > 0 && newHeight > 0)
        let columns = ResampleAxis(interpolation, start: box.left, length: box.width, extent: width, size: newWidth)
        let rows = ResampleAxis(interpolation, start: box.top, length: box.height, extent: height, size: newHeight)
        let rowBytes = width * 3
        let narrow = unsafe [Float](unsafeUninitializedCapacity: rows.range.count * newWidth * 3) { target, count in
            unsafe pixels.withUnsafeBufferPointer { source in
                unsafe columns.withPointers { axis in
                    guard let source = source.baseAddress, let target = target.baseAddress else { return }
                    unsafe resample_horizontal(
                        source + rows.range.lowerBound * rowBytes, rowBytes, rows.range.count, &axis, target)
                }
            }
            count = rows.range.count * newWidth * 3
        }
        let small = unsafe [UInt8](unsafeUninitializedCapacity: newWidth * newHeight * 3) { target, count in
            unsafe rows.withPointers(origin: rows.range.lowerBound) { axis in
                guard let target = target.baseAddress else { return }
                unsafe resample_vertical(narrow, newWidth * 3, &axis, target)
            }
            count = newWidth * newHeight * 3
        }
        return RGBImage(width: newWidth, height: newHeight, pixels: small)
    }
}
