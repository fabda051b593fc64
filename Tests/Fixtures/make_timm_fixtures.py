#!/usr/bin/env python3
"""Makes images/timm.json and images/timm.rgb: what timm and torchvision make of pictures before they normalise them.

Needs timm, torchvision and Pillow: .cache/timm/bin/python of scripts/compare-with-torchvision. The pictures are those of
make_image_fixtures.py. Of large results only every seventh pixel of every seventh row is kept.
"""
import json
import pathlib

import numpy as np
from PIL import Image
from timm.data import create_transform
from torchvision import transforms

FOLDER = pathlib.Path(__file__).parent / "images"
PICTURES = {
    "chelsea.jpg": (451, 300), "preprocess-wide.rgb": (61, 47), "preprocess-tall.rgb": (33, 90),
    "preprocess-tiny.rgb": (3, 2)}
# Width, height and crop_pct: of chelsea.jpg, and by crop_mode of the others.
LARGE = [(224, 224, 0.875)]
SMALL = {"center": [(13, 13, 0.875), (16, 16, 1), (20, 13, 0.95), (24, 24, 0.8)], "squash": [(20, 13, 0.95), (24, 24, 0.8)]}


def read(name):
    if name.endswith(".rgb"):
        return Image.frombytes("RGB", PICTURES[name], (FOLDER / name).read_bytes())
    picture = Image.open(FOLDER / name).convert("RGB")
    assert picture.size == PICTURES[name]
    return picture


def prepared(picture, mode, width, height, fraction, interpolation):
    """[height, width, 3], uint8."""
    transform = create_transform(
        (3, height, width), crop_pct=fraction, crop_mode=mode, interpolation=interpolation, use_prefetcher=True)
    return np.asarray(transform(picture)).transpose(1, 2, 0)


def check_torchvision(picture, interpolation, result):
    kernel = transforms.InterpolationMode(interpolation)
    transform = transforms.Compose([transforms.Resize(256, interpolation=kernel), transforms.CenterCrop(224)])
    assert (np.asarray(transform(picture)) == result).all()


cases, pixels = [], b""
for name in PICTURES:
    large = name == "chelsea.jpg"
    for mode, inputs in {"center": LARGE}.items() if large else SMALL.items():
        for width, height, fraction in inputs:
            for interpolation in ("bilinear", "bicubic"):
                result = prepared(read(name), mode, width, height, fraction, interpolation)
                assert result.shape == (height, width, 3)
                if large:
                    check_torchvision(read(name), interpolation, result)
                step = 7 if large else 1
                pixels += result[::step, ::step].tobytes()
                cases.append({
                    "source": name, "imageWidth": PICTURES[name][0], "imageHeight": PICTURES[name][1],
                    "resize": {"center": "resizeThenCrop", "squash": "squash"}[mode], "width": width, "height": height,
                    "cropFraction": fraction, "interpolation": interpolation, "step": step})
(FOLDER / "timm.rgb").write_bytes(pixels)
(FOLDER / "timm.json").write_text("[\n" + ",\n".join(map(json.dumps, cases)) + "\n]\n")
