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

    /// `H × W × 3` floats for each image, or why there are none; the images of a request are decoded side by side.
    func tensors(for images: [ImageInput], preprocessing: Preprocessing) async -> [Result<[Float], ImageFailure>] {
        if images.count == 1 { return [await tensor(for: images[0], preprocessing)] }
        return await withTaskGroup(of: (Int, Result<[Float], ImageFailure>).self) { group in
            for (index, image) in images.enumerated() {
                group.addTask { (index, await tensor(for: image, preprocessing)) }
            }
            var tensors = [Result<[Float], ImageFailure>](
                repeating: .failure(ImageFailure(.malformed, "not decoded")), count: images.count)
            for await (index, tensor) in group { tensors[index] = tensor }
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
