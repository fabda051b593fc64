import CImaging

extension RGBImage {
    /// The part of the picture in `box`, which must lie inside it, shown in `newWidth` × `newHeight` pixels: bit for bit what
    /// Pillow's `Image.resize((newWidth, newHeight), interpolation, box)` gives.
    ///
    /// Rows first, rounded to 8 bits, then columns, as Pillow does: the order shows wherever the kernel overshoots.
    func resized(width newWidth: Int, height newHeight: Int, _ interpolation: Interpolation, box: CropBox) -> RGBImage {
        precondition(newWidth > 0 && newHeight > 0 && box.isInside(self))
        let columns = ResamplingTable(
            inputCount: width, span: (box.left, box.right), outputCount: newWidth, interpolation: interpolation)
        let rows = ResamplingTable(
            inputCount: height, span: (box.top, box.bottom), outputCount: newHeight, interpolation: interpolation)
        let narrowed = narrowed(columns, rows: rows.inputs, to: newWidth)
        let size = 3 * newWidth * newHeight
        let result = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            guard let output = buffer.baseAddress else { return }
            unsafe rows.withWeights { weights in
                unsafe cimaging_resample_columns(narrowed, 3 * newWidth, rows.inputs.count, weights, output)
            }
            count = size
        }
        return RGBImage(width: newWidth, height: newHeight, exactly: result)
    }

    /// The rows that the second pass needs, resampled along x.
    private func narrowed(_ columns: ResamplingTable, rows: Range<Int>, to newWidth: Int) -> [UInt8] {
        precondition(rows.upperBound <= height && columns.inputs.upperBound <= width)
        let size = 3 * newWidth * rows.count
        let needed = columns.inputs.count
        let start = 3 * (rows.lowerBound * width + columns.inputs.lowerBound)
        return unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            guard let output = buffer.baseAddress else { return }
            unsafe pixels.withUnsafeBufferPointer { input in
                guard let origin = unsafe input.baseAddress?.advanced(by: start) else { return }
                let scratchSize = cimaging_resample_rows_scratch(needed)
                unsafe withUnsafeTemporaryAllocation(byteCount: scratchSize, alignment: 16) { scratch in
                    unsafe columns.withWeights { weights in
                        unsafe cimaging_resample_rows(
                            origin, needed, 3 * width, rows.count, weights, output, scratch.baseAddress)
                    }
                }
            }
            count = size
        }
    }
}
