"""Trains the slide's convnet on Fashion-MNIST: python3 fashion_network.py DATASET FOLDER, makes a model folder and test images.

DATASET is what Debian's package dataset-fashion-mnist holds (Xiao, Rasul and Vollgraf 2017). FOLDER/model is the model, with dropout and
five epochs of Adam; FOLDER/x.npy the 10,000 test images as the network reads them, FOLDER/labels.npy what they show. Needs PyTorch.
"""

import gzip
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import torch

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts"))
from course_networks import SlideConvnet  # noqa: E402

MEAN, DEVIATION = 0.2860, 0.3530
EPOCHS, BATCH = 5, 128


def images(path):
    pixels = np.frombuffer(gzip.open(path).read(), np.uint8, offset=16).reshape(-1, 1, 28, 28)
    return ((pixels.astype(np.float32) / np.float32(255) - np.float32(MEAN)) / np.float32(DEVIATION)).astype(np.float32)


def labels(path):
    return np.frombuffer(gzip.open(path).read(), np.uint8, offset=8).astype(np.int64)


def train(network, x, y):
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    for epoch in range(EPOCHS):
        for batch in torch.randperm(len(x)).split(BATCH):
            optimizer.zero_grad()
            # The network ends in a softmax.
            loss = torch.nn.functional.nll_loss(network(x[batch]).clamp_min(1e-9).log(), y[batch])
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {loss.item():.3f}", flush=True)


def main():
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    torch.manual_seed(0)
    network = SlideConvnet()
    train(network, *(torch.from_numpy(values) for values in (
        images(source / "train-images-idx3-ubyte.gz"), labels(source / "train-labels-idx1-ubyte.gz"))))
    model = target / "model"
    model.mkdir(parents=True, exist_ok=True)
    file = model / "network.onnx"
    torch.onnx.export(network.eval(), torch.zeros(1, 1, 28, 28), str(file), opset_version=13, input_names=["input"],
                      output_names=["output"], dynamic_axes={"input": {0: "n"}, "output": {0: "n"}})
    content = file.read_bytes()
    (model / "config.json").write_text(json.dumps({
        "format_version": 1, "name": "fashion", "version": "1", "architecture": "onnx",
        "input": {"channels": 1, "height": 28, "width": 28},
        "preprocessing": {"resize": "center_crop", "crop_fraction": 1, "interpolation": "bilinear", "color_order": "RGB",
                          "units": "0-1", "mean": [MEAN], "standard_deviation": [DEVIATION]},
        "weights": {"file": file.name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}}))
    np.save(target / "x.npy", images(source / "t10k-images-idx3-ubyte.gz"))
    np.save(target / "labels.npy", labels(source / "t10k-labels-idx1-ubyte.gz"))


main()
