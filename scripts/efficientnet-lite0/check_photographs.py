"""Classifies scikit-image's cat and cup of coffee with ONNX Runtime: labels and preprocessing must fit the weights.

python check_photographs.py CACHE TARGET   (after write_folder.py)
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import skimage
from PIL import Image


def tensor(image, configuration):
    """The image as the model wants it, by Pillow: [1, 3, H, W]."""
    size, rule = configuration["input"], configuration["preprocessing"]
    crop = int(min(image.size) * rule["crop_fraction"])
    left, top = (image.width - crop) // 2, (image.height - crop) // 2
    box = (left, top, left + crop, top + crop)
    pixels = np.asarray(image.resize((size["width"], size["height"]), Image.BICUBIC, box=box), dtype=np.float32)
    normalized = (pixels - np.float32(rule["mean"])) / np.float32(rule["standard_deviation"])
    return normalized.transpose(2, 0, 1)[None]


def main():
    cache, target = Path(sys.argv[1]), Path(sys.argv[2])
    configuration = json.loads((target / "config.json").read_text())
    labels = (target / "labels.txt").read_text().splitlines()
    session = onnxruntime.InferenceSession(cache / "network.onnx", providers=["CPUExecutionProvider"])
    expected = {"chelsea": ({"tabby cat", "tiger cat", "Egyptian cat"}, 0.8), "coffee": ({"espresso"}, 0.9)}
    for name, (wanted, threshold) in expected.items():
        image = Image.fromarray(getattr(skimage.data, name)())
        (logits,) = session.run(None, {"input": tensor(image, configuration)})
        probabilities = np.exp(logits[0] - logits[0].max())
        probabilities /= probabilities.sum()
        best = np.argsort(-probabilities)[:5]
        print(f"{name}:", ", ".join(f"{labels[k]} ({k}) {probabilities[k]:.4f}" for k in best))
        together = sum(float(probabilities[k]) for k, label in enumerate(labels) if label in wanted)
        if together < threshold:
            sys.exit(f"{name}: expected {wanted} with at least {threshold}, found {together:.4f}")


main()
