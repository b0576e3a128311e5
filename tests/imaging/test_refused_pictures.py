"""Files that are no pictures, or pictures that cannot be read, are refused by one sentence."""

import io
import os

import numpy as np
import pytest
from PIL import Image

from srcnn.imaging.picture import ImageError
from srcnn.imaging.reading import open_picture

needs_pipes = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


def text_named_png(folder):
    (folder / "a.png").write_text("This is no picture.")


def empty(folder):
    (folder / "a.png").touch()


def truncated_jpeg(folder):
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    Image.fromarray(noise).save(buffer, "JPEG")
    (folder / "a.png").write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])


def too_large(folder):
    Image.new("1", (12000, 12000)).save(folder / "a.png")


def floating_point(folder):
    Image.new("F", (5, 5)).save(folder / "a.png", format="TIFF")


def svg(folder):
    (folder / "a.png").write_text("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")


def folder_named_png(folder):
    (folder / "a.png").mkdir()


def pipe_named_png(folder):
    os.mkfifo(folder / "a.png")


def link_to_a_device(folder):
    (folder / "a.png").symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (text_named_png, "not a picture"),
        (empty, "not a picture"),
        (svg, "not a picture"),
        (truncated_jpeg, "damaged or cut off"),
        (folder_named_png, "is a folder"),
        pytest.param(pipe_named_png, "a.png is a pipe or a device", marks=needs_pipes),
        pytest.param(link_to_a_device, "a.png is a pipe or a device", marks=needs_pipes),
        (too_large, "144.0 megapixels"),
        (floating_point, "floating-point"),
        (lambda folder: None, "no file a.png"),
    ],
)
def test_bad_files_are_refused_by_one_sentence(tmp_path, make, words):
    make(tmp_path)
    with pytest.raises(ImageError, match=words) as caught:
        open_picture(tmp_path / "a.png")
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError(13, "Permission denied"), "no permission to read a.png"),
        (OSError(5, "Input/output error"), r"a.png cannot be read \(Input/output error\)"),
        (OSError(116, "Stale file handle"), "a.png cannot be read"),
        (MemoryError(), "memory does not suffice"),
        (OSError("image file is truncated"), "damaged or cut off"),
    ],
)
@pytest.mark.parametrize("when", ["check_structure", "_load"])
def test_the_reason_is_the_right_one(tmp_path, monkeypatch, error, words, when):
    def fail(*_):
        raise error

    path = tmp_path / "a.png"
    Image.new("RGB", (9, 7)).save(path)
    monkeypatch.setattr(f"srcnn.imaging.reading.{when}", fail)
    with pytest.raises(ImageError, match=words) as caught:
        open_picture(path)
    assert str(tmp_path) not in str(caught.value)


PHOTO = (128 + 100 * np.sin(np.arange(96 * 96 * 3).reshape(96, 96, 3) / 500)).astype(np.uint8)


JPEGS = {
    "baseline": {},
    "progressive": {"progressive": True},
    "optimized": {"optimize": True},
    "restarting": {"restart_marker_rows": 1},
    "grey": {},
}


def jpeg(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(PHOTO[..., 0] if kind == "grey" else PHOTO).save(buffer, "JPEG", quality=95, **JPEGS[kind])
    return buffer.getvalue()


@pytest.mark.parametrize("kind", JPEGS)
@pytest.mark.parametrize("end", [b"", b"\xff", b"\0" * 500], ids=["nothing", "half of it", "zeros"])
def test_a_jpeg_that_lacks_only_its_end_is_opened_whole(tmp_path, kind, end):
    whole = jpeg(kind)
    assert whole.endswith(b"\xff\xd9")
    (tmp_path / "whole.jpg").write_bytes(whole)
    (tmp_path / "a.jpg").write_bytes(whole[:-2] + end)
    assert np.array_equal(open_picture(tmp_path / "a.jpg").pixels, open_picture(tmp_path / "whole.jpg").pixels)


@pytest.mark.parametrize("kind", JPEGS)
@pytest.mark.parametrize("lost", [12, 40, 400])
def test_a_jpeg_that_lacks_pixels_is_refused(tmp_path, kind, lost):
    (tmp_path / "a.jpg").write_bytes(jpeg(kind)[:-lost])
    with pytest.raises(ImageError, match="cut off"):
        open_picture(tmp_path / "a.jpg")
