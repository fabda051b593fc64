import Imaging
import Inference

/// From the bytes of image files to the network's input: what the queue runs for each image when its turn comes.
struct ImagePipeline: Sendable {
    private let decoder: ImageDecoder

    init(limits: ImageLimits) { decoder = ImageDecoder(limits: limits) }

    /// The encoded image as the queue takes it; equal bytes are computed once.
    func image(_ bytes: [UInt8], _ preprocessing: Preprocessing) -> InferenceRequest.Image {
        InferenceRequest.Image(content: ContentDigest(of: bytes)?.bytes) { [decoder] in
            do throws(ImageError) {
                return preprocessing.tensor(try decoder.decode(bytes, for: preprocessing))
            } catch {
                throw ImageFailure(error)
            }
        }
    }
}
