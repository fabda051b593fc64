import Imaging
import Synchronization

/// From the bytes of image files to the network's input.
struct ImagePipeline: Sendable {
    private let decoder: ImageDecoder
    private let queue: DecodeQueue

    init(limits: ImageLimits, width: Int) {
        decoder = ImageDecoder(limits: limits)
        queue = DecodeQueue(width: width)
    }

    /// `H × W × 3` floats for each image, or why there are none. A request has as many images decoded at a time as there
    /// are threads for it, so that a request of many waits for its turn again and again, and one of few hardly waits.
    /// After its task is cancelled the rest is not decoded.
    func tensors(for images: [ImageInput], preprocessing: Preprocessing) async -> [Result<[Float], ImageFailure>] {
        if images.count == 1 { return [await tensor(for: images[0], preprocessing)] }
        return await withTaskGroup(of: (Int, Result<[Float], ImageFailure>).self) { group in
            var tensors = [Result<[Float], ImageFailure>](
                repeating: .failure(ImageFailure(.malformed, "not decoded: the request was cancelled")),
                count: images.count)
            var waiting = images.enumerated().makeIterator()
            func addNext() {
                guard !Task.isCancelled, let (index, image) = waiting.next() else { return }
                group.addTask { (index, await tensor(for: image, preprocessing)) }
            }
            for _ in 0..<queue.width { addNext() }
            for await (index, tensor) in group {
                tensors[index] = tensor
                addNext()
            }
            return tensors
        }
    }

    private func tensor(for image: ImageInput, _ preprocessing: Preprocessing) async -> Result<[Float], ImageFailure> {
        guard case .success(let bytes) = image.content else { return image.content.map { _ in [] } }
        return await queue.run { [decoder] in
            do throws(ImageError) {
                return .success(preprocessing.tensor(try decoder.decode(bytes, for: preprocessing)))
            } catch {
                return .failure(ImageFailure(error))
            }
        }
    }
}
