"""Open every file of a folder in a process of its own: python -m tests.support.hostile_run FOLDER MAX_PIXELS.

It prints a line of JSON for each. The last line is the memory: how far its peak lies above what the process took
before, in MB.
"""

import contextlib
import ctypes
import io
import json
import resource
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from srcnn.imaging.file_formats.decompression_bombs import JPEG
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture

M_PERTURB = -6  # of glibc: which byte fills memory that is given and returned
JPEG_END = b"\xff\xd9"
ADDRESSES = 8_000_000_000  # bytes: the machine that tests must survive what they look for

mallopt = ctypes.CDLL(None).mallopt


def peak() -> float:
    """In MB. (getrusage would count the parent's memory, too.)"""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM"))


def looked_at(file: Path, max_pixels: int) -> dict:
    """What became of a file: as it is measured and as it is enlarged."""
    begin = time.perf_counter()
    outcomes = [opened(file, max_pixels, keep_metadata) for keep_metadata in (False, True)]
    seconds = time.perf_counter() - begin
    faults = [fault for outcome in outcomes if (fault := fault_of(outcome, file, max_pixels))]
    first = outcomes[0]
    if not faults and isinstance(first, Picture):
        if first.pixels.size < 1_000_000 and holds_memory(first, file):
            faults.append("pixels that are no part of the file")
        elif file.parent.name == "plain" and not agrees(first, file):
            faults.append("other pixels than Pillow's")
    told = None if isinstance(first, Picture) else str(first)
    return {"name": f"{file.parent.name}/{file.name}", "faults": faults, "refused": told, "seconds": seconds}


def holds_memory(picture: Picture, file: Path) -> bool:
    """Whether the pixels depend on what was in the memory where they were decoded."""
    for filling in (1, 254):
        mallopt(M_PERTURB, filling)
        again = opened(file, picture.pixels.size)
        mallopt(M_PERTURB, 0)
        if not isinstance(again, Picture) or not np.array_equal(again.pixels, picture.pixels):
            return True
    return False


def opened(file: Path, max_pixels: int, keep_metadata: bool = False) -> Picture | Exception:
    try:
        return open_picture(file, max_pixels, keep_metadata)
    except Exception as error:
        error.__cause__ = error.__context__ = None  # their frames would keep the memory of the picture
        return error.with_traceback(None)


def fault_of(outcome: Picture | Exception, file: Path, max_pixels: int) -> str | None:
    if isinstance(outcome, Picture):
        shape, kind = outcome.pixels.shape, outcome.pixels.dtype
        return None if is_well_formed(outcome, max_pixels) else f"ill-formed: {shape} {kind}"
    if not isinstance(outcome, ImageError):
        return f"raised {outcome!r}"
    sentence = str(outcome)
    plain = sentence.endswith(".") and sentence.isprintable() and len(sentence) < 200
    return None if plain and str(file.parent) not in sentence else f"says {sentence!r}"


def is_well_formed(picture: Picture, max_pixels: int) -> bool:
    pixels, alpha = picture.pixels, picture.alpha
    channels = pixels.shape[2:] in ((), (3,))
    same = alpha is None or (alpha.shape == pixels.shape[:2] and alpha.dtype == pixels.dtype)
    return channels and same and pixels.dtype in (np.uint8, np.uint16) and 0 < pixels[..., :1].size <= max_pixels


def agrees(picture: Picture, file: Path) -> bool:
    """With Pillow, asked in another way; where a profile changes colours, in the size only."""
    content = file.read_bytes()
    if content.startswith(JPEG):
        content += JPEG_END  # which may be all that it lacks
    with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(content)) as image:
        image.load()
        with contextlib.suppress(Exception):  # malformed EXIF says nothing about the orientation
            image = ImageOps.exif_transpose(image)
        if image.info.get("icc_profile"):
            return image.size == (picture.width, picture.height)
        if image.mode.startswith("I"):
            return np.array_equal(np.asarray(image), picture.pixels)
        expected = np.asarray(image.convert("RGBA"))
    alpha = 255 if picture.alpha is None else picture.alpha
    colours = picture.pixels if picture.pixels.ndim == 3 else picture.pixels[..., None]
    return np.array_equal(expected[..., :3], np.broadcast_to(colours, expected[..., :3].shape)) and bool(
        np.all(expected[..., 3] == alpha)
    )


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    before = peak()
    for file in sorted(Path(sys.argv[1]).glob("*/*")):
        print(json.dumps(looked_at(file, int(sys.argv[2]))), flush=True)
    print(peak() - before)


if __name__ == "__main__":
    main()
