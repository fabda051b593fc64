"""python compare_exports.py MARTLET_BINARY: see scripts/compare-with-onnxruntime.

Writes the model in the box as ONNX, alone and with a random linear head, and compares what ONNX Runtime answers for the
files with what Martlet answers for the model.
"""

import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

MODEL = Path(__file__).resolve().parent.parent / "models/efficientnet-lite0"
TOLERANCE = 1e-4
CLASSES = 10


def run(binary, model, images, directory, *options):
    np.save(directory / "x.npy", images)
    subprocess.run([binary, "run", model, "--input", directory / "x.npy", "--output", directory / "y.npy", *options], check=True)
    return np.load(directory / "y.npy").astype(np.float64)


def onnxruntime_answer(path, images):
    onnx.checker.check_model(str(path), full_check=True)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    metadata = json.loads(session.get_modelmeta().custom_metadata_map["martlet"])
    assert metadata["weights_sha256"] == json.loads((MODEL / "config.json").read_text())["weights"]["sha256"]
    entry = session.get_inputs()[0]
    assert entry.shape == ["N", 3, 224, 224], entry.shape
    return session.run(None, {entry.name: images})[0]


def softmax(logits):
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def write_safetensors(path, tensors):
    """By the format's specification: length, JSON, data."""
    header, data = {}, b""
    for name, tensor in tensors.items():
        header[name] = {"dtype": "F32", "shape": tensor.shape, "data_offsets": [len(data), len(data) + tensor.nbytes]}
        data += tensor.astype("<f4").tobytes()
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def report(what, found, expected):
    difference = np.abs(found - expected).max()
    passed = found.shape == expected.shape and difference <= TOLERANCE
    print(f"{what}: probabilities differ by {difference:.1e}: {'ok' if passed else 'FAILED'}", flush=True)
    return bool(passed)


def main():
    binary, random = sys.argv[1], np.random.default_rng(7)
    images = random.standard_normal((8, 3, 224, 224), dtype=np.float32)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        plain, head, classifier = directory / "plain.onnx", directory / "head.safetensors", directory / "classifier.onnx"
        subprocess.run([binary, "convert", MODEL, plain], check=True)
        ours = softmax(run(binary, MODEL, images, directory))
        good = report("the model in the box by ONNX Runtime and by Martlet", softmax(onnxruntime_answer(plain, images)), ours)

        features = run(binary, MODEL, images, directory, "--layer", "global_pool").reshape(8, -1)
        weights = random.standard_normal((CLASSES, features.shape[1]), dtype=np.float32) / 4
        bias = random.standard_normal(CLASSES, dtype=np.float32)
        write_safetensors(head, {"weight": weights, "bias": bias})
        subprocess.run([binary, "convert", MODEL, classifier, "--head", head], check=True)
        found = onnxruntime_answer(classifier, images)
        expected = softmax(features @ weights.astype(np.float64).T + bias)
        good &= report("a random head by ONNX Runtime and by NumPy on Martlet's features", found, expected)
        good &= report("a random head by ONNX Runtime and by Martlet", found, run(binary, classifier, images, directory))
        print(f"the head's largest probabilities lie between {expected.max(axis=1).min():.2f} and {expected.max():.2f}")
    sys.exit(0 if good else 1)


main()
