"""python compare_keras.py CACHE_DIRECTORY MARTLET_BINARY [NETWORK …]: see scripts/compare-with-keras."""

import os
import subprocess
import sys
import time
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np

NETWORKS = {name: suffix for name, suffix in [
    ("MobileNetV2", ".keras"), ("ResNet50", ".h5"), ("DenseNet121", ".keras"), ("VGG16", ".keras"),
    ("EfficientNetB0", ".h5")]}
TOLERANCE = 1e-3


def randomised(model, images, random):
    """Affine maps and statistics as training might leave them: new ones are 0 and 1, which hides mistakes. The statistics
    are the images' own, or an untrained network answers nearly the same to all."""
    normalizations = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    for layer in normalizations:
        gamma, beta, mean, variance = layer.get_weights()
        layer.set_weights([random.uniform(0.7, 1.3, gamma.shape), random.normal(0, 0.1, beta.shape), mean, variance])
        layer.momentum = 0.0
    if normalizations:
        model(images, training=True)
    return model


def compare(name, suffix, cache, binary):
    random = np.random.default_rng(7)
    keras.utils.set_random_seed(7)
    # Logits: of random weights, a softmax's thousand probabilities are nearly equal.
    scale = 255 if name == "EfficientNetB0" else 1
    # Patches of one colour, so that images differ in more than noise.
    images = (scale * random.uniform(0, 1, (8, 14, 14, 3)).repeat(16, 1).repeat(16, 2)).astype(np.float32)
    model = getattr(keras.applications, name)(weights=None, classifier_activation=None)
    model = randomised(model, images, random)
    path = cache / f"{name}{suffix}"
    model.save(path)
    images = images[:2]
    expected = np.asarray(model(images, training=False))
    np.save(cache / "x.npy", np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
    start = time.monotonic()
    subprocess.run([binary, "run", path, "--input", cache / "x.npy", "--output", cache / "y.npy"], check=True)
    seconds = time.monotonic() - start
    found = np.load(cache / "y.npy")
    relative = np.abs(found - expected).max() / np.abs(expected).max()
    # How far two images' answers lie apart, or the comparison says nothing.
    spread = np.abs(expected[0] - expected[1]).max() / np.abs(expected).max()
    passed = found.shape == expected.shape and relative <= TOLERANCE
    print(f"{path.name:22}{path.stat().st_size / 1e6:6.1f} MB: differs by {relative:.1e} of the largest of {expected.shape[1]} "
          f"logits ({spread:.0e} between two images), loaded and run in {seconds:.1f} s: {'ok' if passed else 'FAILED'}",
          flush=True)
    return passed


def main():
    cache, binary, names = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    results = [compare(name, NETWORKS[name], cache, binary) for name in names or NETWORKS]
    sys.exit(0 if all(results) else 1)


main()
