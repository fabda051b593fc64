"""python compare_architectures.py MARTLET_BINARY DIRECTORY [NAME ...]: see scripts/compare-with-torchvision."""

import hashlib
import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import timm
import torch
import torchvision

import network_weights
from course_networks import LeNet5, SlideConvnet

TOLERANCE = 1e-3

# By the name that a configuration has.
OF_COURSES = {"slide_convnet": (SlideConvnet, [1, 28, 28]), "lenet5": (LeNet5, [1, 32, 32])}
OF_TORCHVISION = {
    name: 224 for name in """
    alexnet vgg11 vgg13 vgg16 vgg19 vgg11_bn vgg13_bn vgg16_bn vgg19_bn resnet18 resnet34 resnet50 resnet101 resnet152
    resnext50_32x4d resnext101_32x8d wide_resnet50_2 wide_resnet101_2 mobilenet_v2 mobilenet_v3_large mobilenet_v3_small
    efficientnet_b0 densenet121 densenet169 densenet201 regnet_x_400mf regnet_x_800mf regnet_x_1_6gf regnet_x_3_2gf
    regnet_x_8gf regnet_y_400mf regnet_y_800mf regnet_y_1_6gf regnet_y_3_2gf regnet_y_8gf convnext_tiny convnext_small
    convnext_base convnext_large""".split()
} | {"efficientnet_b1": 240, "efficientnet_b2": 260, "efficientnet_b3": 300, "efficientnet_b4": 380}
OF_TIMM = """
    vgg11 vgg11_bn vgg16 vgg19_bn resnet18 resnet34 resnet50 resnet101 resnet152 resnext50_32x4d wide_resnet50_2
    mobilenetv2_100 mobilenetv3_large_100 mobilenetv3_small_100 tf_mobilenetv3_large_100 tf_mobilenetv3_small_100
    efficientnet_b0 efficientnet_b1 efficientnet_b2 efficientnet_b3 efficientnet_b4 tf_efficientnet_b0 efficientnet_lite0
    tf_efficientnet_lite0 densenet121 densenet169 densenet201 regnetx_004 regnetx_004_tv regnetx_008 regnetx_016
    regnetx_032 regnetx_080 regnety_004 regnety_008 regnety_008_tv regnety_016 regnety_032 regnety_080_tv convnext_tiny
    convnext_small convnext_base convnext_large""".split()


def write_safetensors(path, tensors):
    header, end = {}, 0
    for name, value in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [end, end + value.nbytes]}
        end += value.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for value in tensors.values():
            file.write(value.tobytes())


def write_folder(folder, name, network, shape):
    """As Martlet's own models are."""
    tensors = {key: value.numpy() for key, value in network.state_dict().items() if value.dtype == torch.float32}
    weights = folder / "model.safetensors"
    write_safetensors(weights, tensors)
    channels = shape[0]
    config = {
        "format_version": 1, "name": name, "version": "1", "architecture": name,
        "input": {"channels": channels, "height": shape[1], "width": shape[2]},
        "preprocessing": {
            "resize": "center_crop", "crop_fraction": 0.875, "interpolation": "bilinear", "color_order": "RGB",
            "units": "0-1", "mean": [0.5] * channels, "standard_deviation": [0.25] * channels},
        "weights": {
            "file": weights.name, "bytes": weights.stat().st_size,
            "sha256": hashlib.sha256(weights.read_bytes()).hexdigest()},
    }
    (folder / "config.json").write_text(json.dumps(config))


def compare(binary, label, network, shape, write):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        write(folder)
        images = np.stack([network_weights.image(shape), network_weights.image(shape)[:, ::-1]])
        np.save(folder / "x.npy", np.ascontiguousarray(images))
        with torch.no_grad():
            expected = network(torch.from_numpy(np.ascontiguousarray(images))).numpy()
        run = subprocess.run(
            [binary, "run", folder, "--input", folder / "x.npy", "--output", folder / "y.npy"], capture_output=True,
            text=True)
        if run.returncode != 0:
            print(f"{label:40} FAILED: {run.stderr.strip()}", flush=True)
            return False
        found = np.load(folder / "y.npy")
        # All images must not give the same answer: that would compare nothing.
        spread = np.abs(expected[0] - expected[1]).max() / np.abs(expected).max()
        difference = np.abs(found - expected).max() / np.abs(expected).max()
        passed = found.shape == expected.shape and np.isfinite(expected).all() and difference <= TOLERANCE
        print(f"{label:40} {sum(value.numel() for value in network.parameters()):11,} parameters, of the largest logit: "
              f"difference {difference:.1e}, between two images {spread:.1e}: {'ok' if passed else 'FAILED'}", flush=True)
        return bool(passed)


def calm(network):
    """Makes what a RegNet's residual branches add smaller. With the rule's weights alone some are chaotic: PyTorch's own answers
    in float32 and float64 differ by 6e-3, and a change of the input by 1e-7 changes them by 1e-3."""
    state = network.state_dict()
    for name, value in state.items():
        if name.endswith("conv3.bn.weight"):
            state[name] = value * 0.25
    network.load_state_dict(state)


def main():
    binary, wanted = sys.argv[1], sys.argv[2:]
    torch.set_grad_enabled(False)
    results = []
    for name, (make, shape) in OF_COURSES.items():
        if not wanted or name in wanted:
            network = network_weights.fill(make())
            results.append(compare(
                binary, f"PyTorch {name}", network, shape, lambda folder: write_folder(folder, name, network, shape)))
    for name, side in OF_TORCHVISION.items():
        if not wanted or name in wanted:
            network, shape = network_weights.fill(getattr(torchvision.models, name)()), [3, side, side]
            results.append(compare(
                binary, f"torchvision {name}", network, shape, lambda folder: write_folder(folder, name, network, shape)))
    for name in OF_TIMM:
        if not wanted or name in wanted:
            network = network_weights.fill(timm.create_model(name))
            calm(network)
            shape = list(network.pretrained_cfg["input_size"])
            results.append(compare(
                binary, f"timm {name}", network, shape,
                lambda folder: timm.models.save_for_hf(network, folder, safe_serialization=True)))
    sys.exit(0 if results and all(results) else 1)


main()
