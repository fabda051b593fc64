"""python compare_logits.py MODELS_DIRECTORY MARTLET_BINARY: see scripts/compare-with-onnxruntime."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime

NETWORKS = ["slide", "mobilenet_v2", "resnet18", "resnet50", "vgg16", "efflite0"]
TOLERANCE = 1e-4


def instruction_sets(binary):
    """Those that the program can choose from on this CPU, as its help lists them."""
    text = subprocess.run([binary, "run", "--help"], check=True, capture_output=True, text=True).stdout
    return re.search(r"Kernels: ([\w, ]+)\.", re.sub(r"\s+", " ", text)).group(1).split(", ")


def martlet(binary, model, images, directory, isa, threads):
    np.save(directory / "x.npy", images)
    subprocess.run(
        [binary, "run", model, "--input", directory / "x.npy", "--output", directory / "y.npy", "--isa", isa,
         "--threads", str(threads)], check=True)
    return np.load(directory / "y.npy")


def compare(binary, sets, model, directory):
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0]
    shape = [8, *entry.shape[1:]]
    images = np.random.default_rng(7).standard_normal(shape, dtype=np.float32)
    expected = session.run(None, {entry.name: images})[0]
    good = True
    for isa in sets:
        batch = martlet(binary, model, images, directory, isa, 2)
        difference = (np.abs(batch - expected) / np.maximum(1, np.abs(expected))).max()
        # Of random weights some networks answer 1e-10: there only a difference relative to the largest logit tells.
        relative = np.abs(batch - expected).max() / np.abs(expected).max()
        one_thread = martlet(binary, model, images, directory, isa, 1)
        alone = np.concatenate([martlet(binary, model, images[i:i + 1], directory, isa, 1 + i % 2) for i in range(8)])
        identical = np.array_equal(batch, one_thread) and np.array_equal(batch, alone)
        passed = batch.shape == expected.shape and difference <= TOLERANCE and relative <= TOLERANCE and identical
        good &= bool(passed)
        print(f"{model.stem:14}{isa:10} difference {difference:.1e}, of the largest logit {relative:.1e}, batch and threads "
              f"{'bit-identical' if identical else 'DIFFER'}: {'ok' if passed else 'FAILED'}", flush=True)
    return good


def main():
    models, binary = Path(sys.argv[1]), sys.argv[2]
    sets = instruction_sets(binary)
    with tempfile.TemporaryDirectory() as directory:
        results = [compare(binary, sets, models / f"{name}.onnx", Path(directory)) for name in NETWORKS]
    sys.exit(0 if all(results) else 1)


main()
