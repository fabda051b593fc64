"""What int8 costs in accuracy: python measure.py MARTLET CACHE [METHOD …], see the script `measure` beside it.

Calibrates EfficientNet-Lite0 and a network for Fashion-MNIST on some images and compares them on others, with Martlet and with ONNX
Runtime, which reads the same file. Images are prepared by Pillow. Fails where int8 is worse than promised.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]


def martlet(*arguments):
    return subprocess.run([str(argument) for argument in arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def run(binary, model, x, folder, layer=None):
    np.save(folder / "x.npy", x)
    options = ["--layer", layer] if layer else []
    martlet(binary, "run", model, "--input", folder / "x.npy", "--output", folder / "y.npy", *options)
    return np.load(folder / "y.npy").reshape(len(x), -1)


def onnxruntime_answer(path, x):
    """In integers, as it does by default: some rows at a time."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (entry,) = session.get_inputs()
    return np.concatenate([session.run(None, {entry.name: part})[0] for part in np.array_split(x, max(1, len(x) // 50))])


def prepared(folder, configuration):
    """As the model's configuration says."""
    rule, size = configuration["preprocessing"], configuration["input"]["width"]
    images = []
    for path in sorted(folder.iterdir()):
        image = Image.open(path).convert("RGB")
        crop = int(min(image.size) * rule["crop_fraction"])
        left, top = (image.width - crop) // 2, (image.height - crop) // 2
        box = (left, top, left + crop, top + crop)
        pixels = np.asarray(image.resize((size, size), Image.BICUBIC, box=box), dtype=np.float32)
        images.append(((pixels - np.float32(rule["mean"])) / np.float32(rule["standard_deviation"])).transpose(2, 0, 1))
    return np.stack(images)


def quantize(binary, model, images, target, method):
    subprocess.run(["rm", "-rf", str(target)], check=True)
    options = ["--method", method] if method else []
    return json.loads(martlet(binary, "quantize", model, target, "--images", images, "--json", *options))


def cosines(a, b):
    return (a * b).sum(1) / np.sqrt((a * a).sum(1) * (b * b).sum(1))


def photos(binary, cache):
    """EfficientNet-Lite0 on photos."""
    model, folder = ROOT / "models/efficientnet-lite0", cache / "photos"
    x = prepared(folder / "evaluation", json.loads((model / "config.json").read_text()))
    exact, features = run(binary, model, x, cache), run(binary, model, x, cache, "global_pool")
    good = True
    for method in [None, *sys.argv[3:]]:
        target = cache / f"efficientnet-lite0-{method or 'default'}"
        report = quantize(binary, model, folder / "calibration", target, method)
        rounded = run(binary, target, x, cache)
        other = onnxruntime_answer(target / "network.onnx", x)
        same = (rounded.argmax(1) == exact.argmax(1)).mean()
        # Where a layer is named, it is computed as it stands in the graph.
        cosine = cosines(run(binary, target, x, cache, "global_pool"), features)
        agrees, difference = (rounded.argmax(1) == other.argmax(1)).mean(), np.abs(rounded - other)
        print(f"EfficientNet-Lite0, {method or 'the default, ' + report['method']}, {len(x)} photos: likeliest class as float32's {same:.2%}; "
              f"cosine of features {cosine.mean():.5f}, at least {cosine.min():.5f}; {report['bytes']['before'] / 1e6:.1f} MB became "
              f"{report['bytes']['after'] / 1e6:.1f}; in float32 {report['wide_layers'] or 'none'}; {report['seconds']:.0f} s")
        print(f"  ONNX Runtime: the same class as Martlet's {agrees:.2%}; logits differ by {difference.mean():.4f} on average, "
              f"{difference.max():.4f} at most, of a spread of {exact.std():.2f}", flush=True)
        good &= bool(method) or (same >= 0.95 and cosine.mean() >= 0.99 and agrees >= 0.95)
    return good


def fashion(binary, cache):
    """A small network on all test images of Fashion-MNIST."""
    folder = cache / "fashion"
    x, labels = np.load(folder / "x.npy"), np.load(folder / "labels.npy")
    exact = (run(binary, folder / "model", x, cache).argmax(1) == labels).mean()
    good = True
    for method in [None, *sys.argv[3:]]:
        target = cache / f"fashion-{method or 'default'}"
        report = quantize(binary, folder / "model", folder / "images/train", target, method)
        accuracy = (run(binary, target, x, cache).argmax(1) == labels).mean()
        other = (onnxruntime_answer(target / "network.onnx", x).argmax(1) == labels).mean()
        print(f"Fashion-MNIST, {method or 'the default, ' + report['method']}: accuracy on {len(x)} test images {exact:.2%} in float32, "
              f"{accuracy:.2%} in int8, {other:.2%} by ONNX Runtime", flush=True)
        good &= bool(method) or exact - accuracy <= 0.002
    return good


def main():
    binary, cache = sys.argv[1], Path(sys.argv[2])
    good = photos(binary, cache)
    good &= fashion(binary, cache)
    if not good:
        sys.exit("int8 is worse than promised")


main()
