"""Photos to calibrate and to evaluate on: python photos.py CACHE FOLDER, makes FOLDER/calibration and FOLDER/evaluation.

Of Debian's wallpapers (packages are downloaded and unpacked in CACHE, not installed) crops of each photograph, and cut-outs of things
on white from tuxpaint's stamps. No picture gives images to both folders. Needs apt-get, dpkg and Pillow. Running it again gives
the same files.
"""

import random
import subprocess
import sys
from pathlib import Path

from PIL import Image

# Where the package has photographs, and not drawings.
PACKAGES = {
    "lomiri-wallpapers-16.04": "usr/share/backgrounds/*.jpg", "lomiri-wallpapers-20.04": "usr/share/backgrounds/*.jpg",
    "mate-backgrounds": "usr/share/backgrounds/mate/nature/*.jpg", "ukui-wallpapers": "usr/share/backgrounds/*.*g",
    "plasma-workspace-wallpapers": "usr/share/wallpapers/*/contents/images/*.jpg",
    "tuxpaint-stamps-default": "usr/share/tuxpaint/stamps/*/*/**/*.png"}
STAMPS = {"animals", "food", "household", "vehicles", "hobbies", "clothes"}
CROPS = 6
SIDE = 320


def unpack(cache, package):
    folder = cache / package
    if not folder.exists():
        subprocess.run(["apt-get", "download", "-qq", package], cwd=cache, check=True)
        (archive,) = cache.glob(f"{package}_*.deb")
        subprocess.run(["dpkg-deb", "-x", archive, folder], check=True)
    return folder


def sources(cache):
    """Each picture once, whatever sizes of it there are; of wallpapers True, of cut-outs False."""
    for package, pattern in PACKAGES.items():
        folder = unpack(cache, package)
        found = {}
        for path in sorted(folder.glob(pattern)):
            if path.is_symlink() or "cartoon" in path.parts:
                continue
            if package.startswith("tuxpaint"):
                kind = path.relative_to(folder / "usr/share/tuxpaint/stamps").parts[0]
                if kind in STAMPS and not path.stem.endswith("_mirror") and min(Image.open(path).size) >= 160:
                    yield path, False
            else:
                name = path.parts[-4] if package.startswith("plasma") else path.stem
                found[name] = max(found.get(name, path), path, key=lambda path: Image.open(path).size)
        yield from ((path, True) for path in found.values())


def crops(path, chance):
    image = Image.open(path).convert("RGB")
    # The whole picture first.
    for number in range(CROPS):
        side = int(min(image.size) * (1 if number == 0 else chance.uniform(0.6, 1)))
        left, top = chance.randint(0, image.width - side), chance.randint(0, image.height - side)
        yield image.resize((SIDE, SIDE), Image.BICUBIC, box=(left, top, left + side, top + side))


def cut_out(path):
    image = Image.open(path).convert("RGBA")
    side = max(image.size)
    square = Image.new("RGB", (side, side), "white")
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2), image)
    yield square.resize((SIDE, SIDE), Image.BICUBIC)


def main():
    cache, target = Path(sys.argv[1]), Path(sys.argv[2])
    cache.mkdir(parents=True, exist_ok=True)
    counts = {"calibration": 0, "evaluation": 0}
    for index, (path, is_scene) in enumerate(sources(cache)):
        part = ["calibration", "evaluation"][index % 2]
        (target / part).mkdir(parents=True, exist_ok=True)
        chance = random.Random(path.name)
        for number, image in enumerate(crops(path, chance) if is_scene else cut_out(path)):
            image.save(target / part / f"{index:03}-{path.stem}-{number}.jpg", quality=92)
            counts[part] += 1
    print(", ".join(f"{count} images in {target / part}" for part, count in counts.items()))


main()
