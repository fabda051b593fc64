#!/usr/bin/env python3
"""Writes the archives of the tests, by Python's own zipfile and tarfile: scripts/make_archive_fixtures.py [FOLDER]"""
import gzip
import io
import pathlib
import struct
import sys
import tarfile
import zipfile
import zlib

folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / "Tests/Fixtures/archives")
folder.mkdir(parents=True, exist_ok=True)
members = {"road/1.jpg": b"one", "bikes/mountain/2.jpg": b"two" * 1000, "straße/ü.jpg": b"", "./road/3": b"3",
           ".DS_Store": b"x", "road/.hidden": b"x", "__MACOSX/road/1.jpg": b"x"}

for name, method in ("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(folder / f"{name}.zip", "w", method) as target:
        target.writestr(zipfile.ZipInfo("empty/"), b"")
        for path, content in members.items():
            target.writestr(zipfile.ZipInfo(path), content, method)

for name, form in ("ustar", tarfile.USTAR_FORMAT), ("gnu", tarfile.GNU_FORMAT), ("pax", tarfile.PAX_FORMAT):
    for mode, suffix in ("w", ".tar"), ("w:gz", ".tar.gz"):
        with tarfile.open(folder / f"{name}{suffix}", mode, format=form) as target:
            for kind in tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE:
                member = tarfile.TarInfo("other" + kind.decode())
                member.type, member.linkname = kind, "/etc/passwd"
                target.addfile(member)
            for path, content in members.items():
                member = tarfile.TarInfo(path)
                member.size = len(content)
                target.addfile(member, io.BytesIO(content))

for index, path in enumerate(["../a.jpg", "road/../../a.jpg", "/etc/passwd", "..\\a.jpg", "\\a.jpg"]):
    with tarfile.open(folder / f"path-{index}.tar.gz", "w:gz") as target:
        target.addfile(tarfile.TarInfo(path))

with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as target:
    for name in "abc":
        target.writestr(zipfile.ZipInfo(f"road/{name}"), bytes(1 << 21), zipfile.ZIP_DEFLATED)

# What is passed over is inflated too: 8 MiB of a hidden file.
hidden = bytes(8 << 20)
with zipfile.ZipFile(folder / "hidden-bomb.zip", "w", zipfile.ZIP_DEFLATED) as target:
    target.writestr(zipfile.ZipInfo("road/.hidden"), hidden, zipfile.ZIP_DEFLATED)
# With the sizes behind the bytes, and without the record at the end that leads to the list: what has to be inflated to be passed over.
class Pipe(io.RawIOBase):
    def __init__(self): self.bytes = bytearray()
    def writable(self): return True
    def write(self, content):
        self.bytes += content
        return len(content)
pipe = Pipe()
with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as target:
    target.writestr(zipfile.ZipInfo("road/.hidden"), hidden, zipfile.ZIP_DEFLATED)
(folder / "hidden-bomb-streamed.zip").write_bytes(pipe.bytes[:-22])
with tarfile.open(folder / "hidden-bomb.tar.gz", "w:gz") as target:
    member = tarfile.TarInfo("road/.hidden")
    member.size = len(hidden)
    target.addfile(member, io.BytesIO(hidden))

# gzip in gzip.
def gzipped(content): return gzip.compress(content, 9, mtime=0)
once = (folder / "ustar.tar.gz").read_bytes()
(folder / "twice.tar.gz").write_bytes(gzipped(once))
(folder / "zip.gz").write_bytes(gzipped((folder / "stored.zip").read_bytes()))

# A sparse file of GNU's whose list of parts goes on for 8 MiB (the header's bytes 482 and 504 say: there is more).
header = bytearray(tarfile.TarInfo("road/1.jpg").tobuf(tarfile.GNU_FORMAT))
part = b"%011o\0%011o\0" % (1, 0)
header[156:157], header[386:410], header[482] = b"S", part, 1
header[148:156] = b" " * 8
header[148:156] = b"%06o\0 " % sum(header)
more = bytearray(part * 21 + bytes(8))
more[504] = 1
(folder / "sparse-bomb.tar.gz").write_bytes(gzipped(bytes(header) + bytes(more) * (8 << 11)))

# 300 entries, each of which has all that follow for its bytes.
area, listed = b"", b""
for index in range(300):
    name = b"road/%03d" % index
    facts = struct.pack("<3H3L2H", 0, 0, 33, zlib.crc32(area), len(area), len(area), len(name), 0)
    area = b"PK\3\4" + struct.pack("<2H", 20, 0) + facts + name + area
    listed += b"PK\1\2" + struct.pack("<3H", 20, 20, 0) + facts + struct.pack("<3H2L", 0, 0, 0, 0, 38 * (299 - index)) + name
end = b"PK\5\6" + struct.pack("<4H2LH", 0, 0, 300, 300, len(listed), len(area), 0)
(folder / "overlap.zip").write_bytes(area + listed + end)

inner = io.BytesIO()
with zipfile.ZipFile(inner, "w") as target:
    target.writestr(zipfile.ZipInfo("cats/x.jpg"), b"\xff\xd8\xffx")
photos = {"photos/cats/a.jpg": b"\xff\xd8\xffa", "README.md": b"text", "photos/dogs/b.png": b"\x89PNGb",
          "photos/dogs/notes.txt": b"text", "photos/dogs/more.zip": inner.getvalue(),
          "photos/wild/gepardén/c.webp": b"RIFF0000WEBPc"}
with zipfile.ZipFile(folder / "photos.zip", "w", zipfile.ZIP_DEFLATED) as target:
    for path, content in photos.items():
        target.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED)
for mode, suffix in ("w", ".tar"), ("w:gz", ".tar.gz"):
    with tarfile.open(folder / f"photos{suffix}", mode) as target:
        for path, content in photos.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            target.addfile(member, io.BytesIO(content))

with zipfile.ZipFile(folder / "flat.zip", "w") as target:
    for path in "notes.txt", "a.jpg":
        target.writestr(zipfile.ZipInfo(path), b"\xff\xd8\xffa" if path == "a.jpg" else b"text")

# Python does not encrypt; that a file is encrypted is one bit in each of its headers (APPNOTE.TXT 4.4.4).
encrypted = bytearray((folder / "flat.zip").read_bytes())
for signature, offset in (b"PK\x03\x04", 6), (b"PK\x01\x02", 8):
    start = encrypted.find(signature)
    while start >= 0:
        encrypted[start + offset] |= 1
        start = encrypted.find(signature, start + 4)
(folder / "encrypted.zip").write_bytes(encrypted)
