"""What is kept of a picture, format by format, measured: python -m tests.support.picture_table writes docs/pictures.md.

Each cell stands for a file that was written, read again and compared.
"""

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image

from srcnn.imaging.color_profiles import ADOBE_RGB, build_profile
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture
from tests.support.project import PROJECT

DOCUMENT = PROJECT / "docs" / "pictures.md"
FORMATS = {"PNG": "png", "TIFF": "tif", "JPEG": "jpg", "WebP": "webp", "AVIF": "avif", "PPM": "ppm", "BMP": "bmp"}
FORMATS |= {"GIF": "gif", "JPEG 2000": "jp2", "TGA": "tga"}
COLUMNS = ("bits", "alpha", "ICC", "EXIF", "XMP", "IPTC", "text", "dpi")
RGB = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
ALPHA = np.tile(np.arange(0, 256, 16, dtype=np.uint8), (16, 1))
PROFILE = build_profile(ADOBE_RGB)
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>Harbour</x:xmpmeta>"
IPTC = b"\x1c\x02\x78\x00\x07Harbour"
INTRODUCTION = """# Pictures

What is kept of a picture, format by format. `tests/support/picture_table.py`, run as a module, writes the tables from
what it measures, and a test compares them.

- Reading takes the first frame or page, turns it upright by EXIF and says how many there are.
- Colours that a file tells without an ICC profile, by PNG's cICP, gAMA and cHRM, AVIF's nclx or EXIF's colour space,
  become a profile. Where the result's format holds none, they are converted to sRGB. The
  profile of HDR (PQ and HLG) shows all above white, 203 cd/m2, as white; a line says so, and the levels stay.
- What a result lacks of its picture is named. A picture whose transparency does not fit into the format is refused.
- AVIF and JPEG 2000 of more than 8 bits in colour are reduced to 8, and a line says so.
"""


def keeps(suffix: str, **parts) -> Picture | None:
    """A picture with these parts, written and read again; None where it is refused."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"a.{suffix}")
        try:
            Picture(**{"pixels": RGB} | parts).save(file)
        except ImageError:
            return None
        return open_picture(file, keep_metadata=True)


def measure_written(suffix: str) -> Iterator[str]:
    """The cells of a row: what a file of this suffix keeps of what is written into it."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Maker"
    yield "16" if keeps(suffix, pixels=RGB.astype(np.uint16) * 257).pixels.dtype == np.uint16 else "8"
    binary = np.where(ALPHA > 99, 255, 0).astype(np.uint8)
    found = [keeps(suffix, alpha=alpha) for alpha in (ALPHA, binary)]
    yield "yes" if found[0] else "on or off" if found[1] and not found[1].alpha.all() else "no"
    yield "yes" if keeps(suffix, profile=PROFILE).profile == PROFILE else "to sRGB"
    yield tell(b"Maker" in (keeps(suffix, exif=exif.tobytes()).exif or b""))
    yield tell(keeps(suffix, xmp=XMP).xmp == XMP)
    yield tell(keeps(suffix, iptc=IPTC).iptc == IPTC)
    yield tell(keeps(suffix, text=(("parameters", "Steps: 20"),)).text == (("parameters", "Steps: 20"),))
    dpi = keeps(suffix, dpi=(300.0, 300.0)).dpi
    yield tell(dpi is not None and abs(dpi[0] - 300) < 1)


def measure_read(suffix: str) -> Iterator[str]:
    """The cells of a row: what is read of a file that Pillow has written; a dash for what it cannot write."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Maker"
    yield read_of(suffix, {"icc_profile": PROFILE}, lambda picture: picture.profile == PROFILE)
    yield read_of(suffix, {"exif": exif.tobytes()}, lambda picture: b"Maker" in (picture.exif or b""))
    yield read_of(suffix, {"xmp": XMP}, lambda picture: picture.xmp == XMP)
    yield read_of(suffix, {"dpi": (300, 300)}, lambda picture: picture.dpi and abs(picture.dpi[0] - 300) < 1)
    more = {"save_all": True, "append_images": [Image.fromarray(255 - RGB)]}
    yield read_of(
        suffix, more, lambda picture: any("frames" in str(remark) for remark in picture.remarks), "first, told"
    )


def read_of(suffix: str, settings: dict, is_kept, word: str = "yes") -> str:
    """Whether something is read; a dash where the file is the same without it, because Pillow does not write it."""
    contents = []
    for given in ({}, settings):
        buffer, kind = io.BytesIO(), Image.registered_extensions()[f".{suffix}"]
        if "save_all" in given and kind not in Image.SAVE_ALL:
            return "–"
        Image.fromarray(RGB).save(buffer, kind, **given)
        contents.append(buffer.getvalue())
    if contents[0] == contents[1]:
        return "–"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"a.{suffix}")
        file.write_bytes(contents[1])
        return word if is_kept(open_picture(file, keep_metadata=True)) else "no"


def tell(kept: object) -> str:
    return "yes" if kept else "no"


def table(columns: tuple[str, ...], measure) -> str:
    rows = [("format", *columns), ["---"] * (len(columns) + 1)]
    rows += [(name, *measure(suffix)) for name, suffix in FORMATS.items()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def compose() -> str:
    """The whole document."""
    written = table(COLUMNS, measure_written)
    read = table(("ICC", "EXIF", "XMP", "dpi", "several frames or pages"), measure_read)
    return (
        f"{INTRODUCTION}\n## Writing\n\nWritten by `Picture.save`, and read again.\n\n{written}\n"
        f"\n## Reading\n\nOf files that Pillow writes; a dash stands for what it cannot write.\n\n{read}\n"
    )


if __name__ == "__main__":
    DOCUMENT.write_text(compose(), "utf-8")
