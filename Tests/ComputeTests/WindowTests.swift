import Compute
import Testing

@Suite struct WindowTests {
    @Test(
        "the output's extents are those of the literature",
        arguments: [
            // ResNet's stem and pooling, VGG's and EfficientNet's layers, a dilated window, a window as large as the map.
            (Window(kernel: 7, stride: 2, padding: 3), 224, 112), (Window(kernel: 3, stride: 2, padding: 1), 112, 56),
            (Window(kernel: 3, padding: 1), 224, 224), (Window(kernel: 2, stride: 2), 7, 3),
            (Window(kernelHeight: 3, kernelWidth: 3, dilationHeight: 2, dilationWidth: 2), 9, 5),
            (Window(kernel: 7), 7, 1),
        ])
    func outputSize(window: Window, extent: Int, expected: Int) throws {
        let size = try #require(window.outputSize(height: extent, width: extent))
        #expect(size == (expected, expected))
    }

    @Test(
        "what is not a window on the map has no output",
        arguments: [
            Window(kernel: 0), Window(kernel: -1), Window(kernel: 3, stride: 0), Window(kernel: 3, padding: -1),
            Window(kernelHeight: 3, kernelWidth: 3, dilationHeight: 0), Window(kernel: 6), Window(kernel: Int.max),
            Window(kernel: 3, stride: Int.max), Window(kernel: 3, padding: Int.max),
            Window(kernelHeight: 3, kernelWidth: 3, dilationWidth: Int.max),
        ])
    func invalid(window: Window) {
        #expect(window.outputSize(height: 5, width: 5) == nil)
    }
}
