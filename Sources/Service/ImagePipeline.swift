import Imaging
import Inference

/// From the bytes of image files to the network's input: what the queue runs for each image when its turn comes.
struct ImagePipeline: Sendable {
    private let decoder: ImageDecoder

    init(limits: ImageLimits) { decoder = ImageDecoder(limits: limits) }

    /// The encoded image as the queue takes it; equal bytes are computed once.
    func image(_ image: ViewedImage, _ preprocessing: Preprocessing) -> InferenceRequest.Image {
        let digest = ContentDigest(of: image.bytes)?.bytes
        let view = image.view == .whole ? [] : Array(image.view.rawValue.utf8)
        return InferenceRequest.Image(content: digest.map { $0 + view }) { [self] in
            try tensor(image, preprocessing)
        }
    }

    /// The network's input.
    func tensor(_ image: ViewedImage, _ preprocessing: Preprocessing) throws(ImageFailure) -> [Float] {
        do throws(ImageError) {
            return preprocessing.tensor(try decoder.decode(image.bytes, for: preprocessing), view: image.view)
        } catch {
            throw ImageFailure(error)
        }
    }
}
