"""Pictures in formats that are not opened here: by what they are known, and how that is told."""

import contextlib
import os
import re
from pathlib import Path

from srcnn.atomic_files import is_pipe_or_device
from srcnn.imaging.picture import ImageError

# By name, as the beginning of many of them is that of a TIFF or an MP4.
_OTHER_SUFFIXES = """
    3fr ai arw bpg bw cr2 cr3 crw cur dcr dcx dds dng emf eps erf exr fff fit fits flif gbr hdp hdr heic heics heif
    heifs hif icns ico iiq jbig jbig2 jls jxl jxr k25 kdc kra mef mos mrw nef nrw orf pcx pef psb psd qoi raf ras raw
    rgb rgba rw2 rwl sgi sr2 srf srw svg svgz wdp wmf x3f xbm xcf xpm
""".split()  # noqa: SIM905 (a list would fill a page)
# By the first bytes: files without a suffix, or with that of another format, as photographs of phones have it.
_OTHER_BEGINNINGS = {
    ".heic": re.compile(rb"(?s)....ftyp(?:he[iv][cmsx]|m[is]f1(?!.*avi[fs]).*he[iv][cmsx])"),
    ".cr3": re.compile(rb"(?s)....ftypcrx "),
    ".jxl": re.compile(rb"\xff\n|\0\0\0\x0cJXL \r\n\x87\n"),
    ".psd": re.compile(rb"8BPS\x00[\x01\x02]"),
    ".exr": re.compile(rb"v/1\x01"),
    ".qoi": re.compile(rb"qoif\0"),
    ".dds": re.compile(rb"DDS \x7c\0\0\0"),
    ".xcf": re.compile(rb"gimp xcf "),
    ".raf": re.compile(rb"FUJIFILMCCD-RAW"),
}
# What the formats begin with whose first letters any text may have: BMP with the size of its second header, and PPM.
_BMP_OR_PPM = re.compile(rb"(?s)BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0|P[1-6f](?:\s+\d+\s+\d+\s|\r?\n#)")
HEAD_BYTES = 64  # of a file that tell its format


def check_other_format(path: str | os.PathLike) -> None:
    """Raises ImageError for a file of a format that is not opened here, as its suffix or its first bytes tell."""
    suffix = Path(path).suffix.lower()
    if suffix[1:] not in _OTHER_SUFFIXES:
        head = read_head(path)
        suffix = next((each for each, beginning in _OTHER_BEGINNINGS.items() if beginning.match(head)), "")
    if suffix:
        raise ImageError(
            "Pictures of the format {suffix} are not supported; save it as PNG, JPEG or WebP.", suffix=suffix
        )


def is_camera_file(path: str | os.PathLike) -> bool:
    """Whether a file is by its suffix of another format and begins as a TIFF, which would open as a small preview."""
    return Path(path).suffix.lower()[1:] in _OTHER_SUFFIXES and read_head(path).startswith((b"II", b"MM"))


def is_bmp_or_ppm(head: bytes) -> bool:
    """Whether a file of which this is the head is a BMP or of the family of PPM."""
    return bool(_BMP_OR_PPM.match(head))


def read_head(path: str | os.PathLike) -> bytes:
    """The first bytes of a file; none of what cannot be read, or is no file and would be waited for."""
    with contextlib.suppress(OSError, ValueError):  # a name may hold what no name can
        if not is_pipe_or_device(path):
            with open(path, "rb") as file:
                return file.read(HEAD_BYTES)
    return b""
