#!/usr/bin/env python3
"""Makes Tests/Fixtures/images: small pictures in every encoding, and what Pillow makes of them.

Needs Pillow, numpy, scikit-image and TurboJPEG's shared library (for the JPEG flavours that Pillow cannot write).
Run it from anywhere; the files are committed, the output is the same each time for the same libraries.
"""
import ctypes
import io
import json
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps
from skimage import data

FOLDER = pathlib.Path(__file__).parent / "images"
manifest = {"decoding": [], "resizing": [], "preprocessing": []}
decoded = bytearray()  # what Pillow makes of every file, one after the other


def scene(width, height, channels=3, seed=0):
    """Slopes, a bright disc and some noise: smooth and sharp parts in uint8."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    disc = (x - width * 0.6) ** 2 + (y - height * 0.4) ** 2 < (min(width, height) * 0.28) ** 2
    planes = [255 * x / width, 255 * y / height, 255 - 127 * (x / width + y / height), 200 - 150 * x * y / width / height]
    image = np.stack(planes[:channels], axis=-1)
    image[disc] = [240, 60, 30, 10][:channels]
    image += np.random.default_rng(seed).normal(0, 6, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)


def upright_rgb(body):
    return np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(body))).convert("RGB"))


def add(name, body, expected=None):
    expected = upright_rgb(body) if expected is None else expected
    (FOLDER / name).write_bytes(body)
    height, width = expected.shape[:2]
    manifest["decoding"].append({"file": name, "width": width, "height": height, "offset": len(decoded)})
    decoded.extend(expected.tobytes())


def encoded(array, format, mode=None, **options):
    out = io.BytesIO()
    Image.fromarray(array, mode).save(out, format, **options)
    return out.getvalue()


# PNG, written here byte by byte: Pillow writes neither every depth nor interlaced files.

ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def packed_rows(samples, depth):
    """Rows of samples [height, width, channels] with filter type 0 in front of each."""
    rows = b""
    for row in samples:
        flat = row.reshape(-1)
        if depth == 16:
            line = flat.astype(">u2").tobytes()
        else:
            bits = (flat[:, None].astype(np.uint8) >> np.arange(depth - 1, -1, -1)) & 1
            line = np.packbits(bits.reshape(-1)).tobytes()
        rows += b"\0" + line
    return rows


def png(samples, colour_type, depth, interlaced=False, before=b"", after=b""):
    height, width = samples.shape[:2]
    if interlaced:
        parts = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7]
        raw = b"".join(packed_rows(part, depth) for part in parts if part.size)
    else:
        raw = packed_rows(samples, depth)
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, int(interlaced))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + chunk(b"IDAT", zlib.compress(raw, 9)) + after + chunk(b"IEND", b"")


def make_png():
    grey, grey_alpha, rgb, palette, rgba = 0, 4, 2, 3, 6
    width, height = 21, 13
    eight = scene(width, height, 4)
    sixteen = eight.astype(np.uint16) * 256 + np.random.default_rng(1).integers(0, 256, eight.shape, np.uint16)
    for interlaced in (False, True):
        suffix = "-interlaced" if interlaced else ""
        for depth in (1, 2, 4, 8):
            levels = eight[:, :, :1] >> (8 - depth)
            add(f"grey{depth}{suffix}.png", png(levels, grey, depth, interlaced))
            entries = scene(1 << depth, 1, 3, seed=depth).tobytes()
            add(f"palette{depth}{suffix}.png", png(levels, palette, depth, interlaced, chunk(b"PLTE", entries)))
        # Pillow 13 clips 16-bit grey at 255 when it converts to RGB; the upper byte is what a viewer shows.
        upper = (sixteen[:, :, :1] >> 8).astype(np.uint8).repeat(3, axis=2)
        add(f"grey16{suffix}.png", png(sixteen[:, :, :1], grey, 16, interlaced), upper)
        for depth, samples in ((8, eight), (16, sixteen)):
            add(f"grey-alpha{depth}{suffix}.png", png(samples[:, :, [0, 3]], grey_alpha, depth, interlaced))
            add(f"rgb{depth}{suffix}.png", png(samples[:, :, :3], rgb, depth, interlaced))
            add(f"rgba{depth}{suffix}.png", png(samples, rgba, depth, interlaced))
    entries = scene(16, 1).tobytes()
    transparent = chunk(b"PLTE", entries) + chunk(b"tRNS", bytes(range(0, 160, 10)))
    add("palette4-transparent.png", png(eight[:, :, :1] >> 4, palette, 4, before=transparent))
    key = chunk(b"tRNS", struct.pack(">HHH", *map(int, eight[0, 0, :3])))
    add("rgb8-transparent.png", png(eight[:, :, :3], rgb, 8, before=key))
    exif = Image.Exif()
    exif[0x0112] = 6
    block = exif.tobytes()[6:]
    add("exif6-before.png", png(eight[:, :, :3], rgb, 8, before=chunk(b"eXIf", block)))
    add("exif6-after.png", png(eight[:, :, :3], rgb, 8, after=chunk(b"eXIf", block)))
    bomb = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b" " * 4_000_000, 9))
    add("text-bomb.png", png(eight[:, :, :3], rgb, 8, before=bomb), eight[:, :, :3])  # Pillow refuses it
    profile = chunk(b"iCCP", b"profile\0\0" + zlib.compress(b"\0" * 4_000_000, 9))
    add("profile-bomb.png", png(eight[:, :, :3], rgb, 8, before=profile), eight[:, :, :3])
    add("1x1.png", png(eight[:1, :1, :3], rgb, 8))
    two_entries = chunk(b"PLTE", scene(2, 1).tobytes())
    add("palette-short.png", png(eight[:, :, :1] >> 4, palette, 4, before=two_entries))
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, rgb, 0, 0, 0)
    (FOLDER / "30000x30000.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b""))


# JPEG

TJPF_RGB, TJPF_CMYK = 0, 11
TJSAMP = {"444": 0, "422": 1, "420": 2, "grey": 3, "440": 4, "411": 5}
TJFLAG_PROGRESSIVE = 16384


def turbo_jpeg(array, pixel_format, subsampling, flags=0):
    library = ctypes.CDLL("libturbojpeg.so.0")
    library.tjInitCompress.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(library.tjInitCompress())
    out, size = ctypes.POINTER(ctypes.c_ubyte)(), ctypes.c_ulong()
    height, width = array.shape[:2]
    status = library.tjCompress2(
        handle, np.ascontiguousarray(array).ctypes.data_as(ctypes.c_void_p), width, 0, height, pixel_format,
        ctypes.byref(out), ctypes.byref(size), TJSAMP[subsampling], 90, flags)
    assert status == 0
    body = bytes(out[: size.value])
    library.tjFree(out)
    library.tjDestroy(handle)
    return body


def orientation_block(value, order, kind):
    """The least TIFF file that carries an orientation."""
    letter, type_number = {"byte": ("B", 1), "short": ("H", 3), "long": ("I", 4)}[kind]
    field = struct.pack(order + letter, value).ljust(4, b"\0")
    mark = b"II" if order == "<" else b"MM"
    return b"Exif\0\0" + mark + struct.pack(order + "HIHHHI", 42, 8, 1, 0x0112, type_number, 1) + field + b"\0" * 4


def make_jpeg():
    image = scene(45, 35)
    for name in ("444", "422", "420", "440", "411", "grey"):
        add(f"{name}.jpg", turbo_jpeg(image, TJPF_RGB, name))
        add(f"{name}-progressive.jpg", turbo_jpeg(image, TJPF_RGB, name, TJFLAG_PROGRESSIVE))
    add("rgb.jpg", encoded(image, "JPEG", quality=90, keep_rgb=True))
    inks = scene(45, 35, 4)
    add("cmyk.jpg", encoded(inks, "JPEG", "CMYK", quality=90))
    add("ycck.jpg", turbo_jpeg(inks, TJPF_CMYK, "444"))
    add("ycck-420.jpg", turbo_jpeg(inks, TJPF_CMYK, "420"))
    add("restarts.jpg", encoded(image, "JPEG", quality=90, restart_marker_blocks=2))
    add("optimized.jpg", encoded(image, "JPEG", quality=90, optimize=True))
    add("1x1.jpg", encoded(image[:1, :1], "JPEG", quality=90))
    plain = encoded(image, "JPEG", quality=90)
    add("trailing-bytes.jpg", plain + b"trailing bytes")
    add("extraneous-bytes.jpg", plain[:-2] + b"\x12\x34\x56" + plain[-2:])
    for value in range(1, 9):
        order, kind = ("<", ">")[value % 2], ("short", "long")[value // 2 % 2]
        add(f"exif{value}.jpg", encoded(image, "JPEG", quality=90, exif=orientation_block(value, order, kind)))
    add("exif6-as-byte.jpg", encoded(image, "JPEG", quality=90, exif=orientation_block(6, "<", "byte")))
    add("exif9.jpg", encoded(image, "JPEG", quality=90, exif=orientation_block(9, "<", "short")))


# WebP


def riff(chunks):
    body = b"WEBP" + chunks
    return b"RIFF" + struct.pack("<I", len(body)) + body


def riff_chunk(kind, body):
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def uint24(value):
    return struct.pack("<I", value)[:3]


def make_webp():
    image, alpha = scene(45, 35), scene(45, 35, 4)
    exif = Image.Exif()
    exif[0x0112] = 8
    add("lossy.webp", encoded(image, "WEBP", quality=90))
    add("lossless.webp", encoded(image, "WEBP", lossless=True))
    add("lossy-alpha.webp", encoded(alpha, "WEBP", quality=90, exact=True))
    add("lossless-alpha.webp", encoded(alpha, "WEBP", lossless=True, exact=True))
    add("exif8.webp", encoded(image, "WEBP", quality=90, exif=exif.tobytes()))
    add("1x1.webp", encoded(image[:1, :1], "WEBP", lossless=True))
    frames = [Image.fromarray(scene(45, 35, seed=seed)) for seed in (1, 2)]
    for name, options in (("animated", {"quality": 90}), ("animated-lossless", {"lossless": True})):
        out = io.BytesIO()
        frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], **options)
        add(f"{name}.webp", out.getvalue())
    part = encoded(scene(20, 10), "WEBP", lossless=True)[12:]
    frame = uint24(3) + uint24(4) + uint24(19) + uint24(9) + uint24(100) + b"\0" + part
    canvas = bytes([2, 0, 0, 0]) + uint24(44) + uint24(34)
    add("animated-part.webp", riff(
        riff_chunk(b"VP8X", canvas) + riff_chunk(b"ANIM", b"\0" * 6) + riff_chunk(b"ANMF", frame)))


# Resizing and preprocessing


def make_resizing():
    width, height = 61, 47
    sources = {
        "scene": scene(width, height),
        # Extremes beside each other make the bicubic kernel overshoot, so that clipping after each pass shows.
        "checks": (np.indices((height, width, 3)).sum(axis=0) // 3 % 2 * 255).astype(np.uint8),
        "noise": np.random.default_rng(5).integers(0, 256, (height, width, 3)).astype(np.uint8),
    }
    whole = (0, 0, width, height)
    cases = [
        (whole, (32, 32)), (whole, (64, 64)), (whole, (61, 47)), (whole, (7, 5)), (whole, (1, 1)), (whole, (90, 3)),
        ((10, 3, 51, 44), (32, 32)), ((10, 3, 51, 44), (41, 41)), ((10.25, 3.5, 50.75, 44.125), (24, 30)),
        ((60, 46, 61, 47), (8, 8)), ((0.2, 0.3, 0.9, 0.8), (5, 6)), ((0, 0, 1, 47), (3, 50)),
    ]
    for name, source in sources.items():
        (FOLDER / f"resize-{name}.rgb").write_bytes(source.tobytes())
        image = Image.fromarray(source)
        for filter_name, kernel in (("bicubic", Image.BICUBIC), ("bilinear", Image.BILINEAR)):
            results = b""
            for box, size in cases:
                results += np.asarray(image.resize(size, kernel, box=box)).tobytes()
            expected = f"resize-{name}-{filter_name}.rgb"
            (FOLDER / expected).write_bytes(results)
            manifest["resizing"].append({
                "source": f"resize-{name}.rgb", "width": width, "height": height, "interpolation": filter_name,
                "expected": expected, "cases": [{"box": list(map(float, b)), "width": s[0], "height": s[1]} for b, s in cases]})


def make_preprocessing():
    for name, (width, height) in {"wide": (61, 47), "tall": (33, 90), "tiny": (3, 2), "pixel": (2, 2)}.items():
        source = scene(width, height)
        (FOLDER / f"preprocess-{name}.rgb").write_bytes(source.tobytes())
        for side, fraction, filter_name, mean, deviation in (
            (24, 0.875, "bicubic", [127] * 3, [128] * 3),
            (32, 1.0, "bilinear", [123.675, 116.28, 103.53], [58.395, 57.12, 57.375]),
        ):
            kernel = {"bicubic": Image.BICUBIC, "bilinear": Image.BILINEAR}[filter_name]
            crop = int(min(width, height) * fraction)
            left, top = (width - crop) // 2, (height - crop) // 2
            resized = Image.fromarray(source).resize((side, side), kernel, box=(left, top, left + crop, top + crop))
            tensor = (np.asarray(resized, np.float32) - np.float32(mean)) / np.float32(deviation)
            expected = f"preprocess-{name}-{filter_name}.float32"
            (FOLDER / expected).write_bytes(tensor.astype("<f4").tobytes())
            manifest["preprocessing"].append({
                "source": f"preprocess-{name}.rgb", "imageWidth": width, "imageHeight": height, "side": side,
                "cropFraction": fraction, "interpolation": filter_name, "mean": mean, "standardDeviation": deviation,
                "expected": expected})


def make_photos():
    for name in ("chelsea", "coffee"):
        (FOLDER / f"{name}.jpg").write_bytes(encoded(getattr(data, name)(), "JPEG", quality=90))


FOLDER.mkdir(exist_ok=True)
make_png()
make_jpeg()
make_webp()
make_resizing()
make_preprocessing()
make_photos()
(FOLDER / "decoded.rgb").write_bytes(decoded)
(FOLDER / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
