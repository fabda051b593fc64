#!/usr/bin/env python3
"""Small networks, their random weights and what PyTorch answers: Tests/Fixtures/network_golden.json.

    python3 Tests/Fixtures/make_network_golden.py        (needs torch; seeded, so it writes the same file again)

PyTorch computes in float64 and the answers are rounded to float32, so that they are nearer to the truth than any
float32 implementation. Tensors are {"shape": [...], "values": [...]}; maps are C, H, W.
"""
import json
import pathlib

import torch
from torch.nn import functional as F

torch.manual_seed(7)


def tensor(value):
    value = value.detach().to(torch.float32)
    return {"shape": list(value.shape), "values": [float(f"{x:.9g}") for x in value.flatten().tolist()]}


def random(*shape, scale=1.0):
    """Rounded to 1/64, so that the file stays small and float32 holds it exactly."""
    return torch.round(torch.randn(*shape, dtype=torch.float64) * scale * 64) / 64


def statistics(prefix, channels):
    return {
        f"{prefix}.weight": random(channels).abs() + 0.5, f"{prefix}.bias": random(channels),
        f"{prefix}.running_mean": random(channels), f"{prefix}.running_var": random(channels).abs() + 0.25,
    }


def normalize(x, weights, prefix):
    w = weights
    return F.batch_norm(
        x, w[f"{prefix}.running_mean"], w[f"{prefix}.running_var"], w[f"{prefix}.weight"], w[f"{prefix}.bias"],
        eps=1e-3)


def residual():
    """A ResNet block whose shortcut is a strided 1×1 convolution, then one that adds its input."""
    weights = {
        "a.weight": random(6, 4, 3, 3, scale=0.3), "b.weight": random(6, 6, 3, 3, scale=0.3),
        "down.weight": random(6, 4, 1, 1, scale=0.5), "c.weight": random(6, 6, 3, 3, scale=0.3),
        **statistics("a.bn", 6), **statistics("b.bn", 6), **statistics("down.bn", 6), **statistics("c.bn", 6),
    }

    def forward(x):
        y = F.relu(normalize(F.conv2d(x, weights["a.weight"], stride=2, padding=1), weights, "a.bn"))
        y = normalize(F.conv2d(y, weights["b.weight"], padding=1), weights, "b.bn")
        shortcut = normalize(F.conv2d(x, weights["down.weight"], stride=2), weights, "down.bn")
        block = F.relu(y + shortcut)
        z = normalize(F.conv2d(block, weights["c.weight"], padding=1), weights, "c.bn")
        return {"block": block, "output": F.relu(block + z)}

    return weights, random(2, 4, 9, 7), forward


def separable():
    """Zeros at the bottom and right only, a strided depthwise and a pointwise convolution, each with ReLU6."""
    weights = {
        "depthwise.weight": random(5, 1, 3, 3), "depthwise.bias": random(5),
        "pointwise.weight": random(7, 5, 1, 1), **statistics("pointwise.bn", 7),
    }

    def forward(x):
        x = F.pad(x, (0, 1, 0, 1))
        x = F.relu6(F.conv2d(x, weights["depthwise.weight"], weights["depthwise.bias"], stride=2, groups=5))
        depthwise = x
        x = F.relu6(normalize(F.conv2d(x, weights["pointwise.weight"]), weights, "pointwise.bn"))
        return {"depthwise": depthwise, "output": x}

    return weights, random(2, 5, 8, 6, scale=2), forward


def pooling():
    """Max and average pooling with padding, and zeros around a map of negative numbers before a max pool."""

    def forward(x):
        largest = F.max_pool2d(x, 3, stride=2, padding=1)
        counted = F.avg_pool2d(largest, 3, stride=1, padding=1, count_include_pad=True)
        uncounted = F.avg_pool2d(counted, 3, stride=2, padding=1, count_include_pad=False)
        return {
            "largest": largest, "counted": counted, "uncounted": uncounted,
            "output": F.max_pool2d(F.pad(uncounted, (1, 1, 1, 1)), 2, stride=1),
        }

    return {}, -random(2, 3, 9, 11).abs(), forward


def perceptron():
    """Flatten a map, a hidden dense layer, and the probabilities of five classes."""
    weights = {
        "hidden.weight": random(10, 3 * 4 * 5, scale=0.2), "hidden.bias": random(10),
        "classifier.weight": random(5, 10), "classifier.bias": random(5),
    }

    def forward(x):
        hidden = F.relu(F.linear(x.flatten(1), weights["hidden.weight"], weights["hidden.bias"]))
        logits = F.linear(hidden, weights["classifier.weight"], weights["classifier.bias"])
        return {"hidden": hidden, "logits": logits, "output": logits.softmax(1)}

    return weights, random(3, 3, 4, 5), forward


def pooled():
    """A dilated convolution, a normalisation that two nodes read, the mean of each channel, a dense layer."""
    weights = {
        "conv.weight": random(8, 3, 3, 2), "conv.bias": random(8), **statistics("bn", 8),
        "classifier.weight": random(4, 8), "classifier.bias": random(4),
    }

    def forward(x):
        x = F.conv2d(x, weights["conv.weight"], weights["conv.bias"], dilation=(2, 1), padding=(1, 0))
        x = normalize(x, weights, "bn")
        x = x + x.clamp(-1, 0.5)
        mean = x.mean((2, 3), keepdim=True)
        return {"mean": mean, "output": F.linear(mean.flatten(1), weights["classifier.weight"], weights["classifier.bias"])}

    return weights, random(2, 3, 7, 6), forward


def golden(make):
    weights, images, forward = make()
    return {
        "weights": {name: tensor(value) for name, value in weights.items()},
        "input": tensor(images),
        "outputs": {name: tensor(value) for name, value in forward(images).items()},
    }


networks = {make.__name__: golden(make) for make in (residual, separable, pooling, perceptron, pooled)}
path = pathlib.Path(__file__).parent / "network_golden.json"
path.write_text(json.dumps(networks, separators=(",", ":")) + "\n")
print(f"{path.name}: {path.stat().st_size} bytes, torch {torch.__version__}")
