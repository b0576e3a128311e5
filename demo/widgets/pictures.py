"""Pictures that come from a visitor, and pictures that go to the page: files, addresses, tiles of large ones."""

import base64
import math
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import gradio as gr
import numpy as np
from gradio.utils import get_upload_folder

from demo.server.cleanup import note_written
from demo.texts.language import Reader, page_text, text_for
from srcnn.imaging.picture import ImageError, Picture, make_thumbnail, to_pil_image
from srcnn.imaging.reading import open_picture
from srcnn.imaging.writing import encode_png

WHOLE_SIDE_PIXELS = 2040  # larger pictures come to the page reduced, and every pixel of them in tiles
_TILE_PIXELS = 1020 * 1020  # whatever the picture's shape, so that a thin one has no more tiles than a square one
_MAX_TILE_SIDE_PIXELS = 16_000  # what every browser shows


def build_picture_input() -> gr.Image:
    picture = gr.Image(label=page_text("photograph"), type="filepath", sources=["upload", "clipboard"], height=280)
    picture.preprocess = accept_upload
    return picture


def accept_upload(payload) -> str | None:
    """In place of gr.Image's own, which opens the file: `srcnn.imaging.reading` does, with checks and words of its own.

    Gradio takes any path of the server from a request that leaves out what marks it as a file's.
    """
    if not payload:
        return None
    if not was_sent(payload.path or ""):
        raise gr.Error(text_for("not_sent", None), print_exception=False)
    return payload.path


def was_sent(path: str) -> bool:
    """Whether a file lies where those that visitors send do."""
    return Path(path).resolve().is_relative_to(Path(get_upload_folder()).resolve())


def open_upload(file: str | None, max_pixels: int, keep_metadata: bool = False) -> Picture:
    """A picture that a visitor has sent. Raises ImageError where it cannot be used, or was deleted since."""
    if not file:
        raise ImageError("There is no picture yet: upload one or choose an example.")
    if not Path(file).exists():
        raise ImageError(
            "{name} was deleted from the server, as every picture is after an hour; upload it again.",
            name=Path(file).name,
        )
    return open_picture(file, max_pixels, keep_metadata)


@dataclass(frozen=True)
class PictureFile:
    """Where the page finds a picture of `width` x `height` pixels.

    file: a PNG of all of it; reduced, if it is large. tiles: then the folder of its parts "ROW-COLUMN.png", each as
    wide and high as `tile_sides` says or, at the right and below, less.
    """

    file: Path
    width: int
    height: int
    reduced_width: int
    tiles: Path | None = None

    def for_page(self) -> dict:
        """As slider.js takes it."""
        facts = {"source": address_of(self.file), "width": self.width, "height": self.height}
        if self.tiles:
            across, down = tile_sides(self.width, self.height)
            tiles = {"width": across, "height": down, "base": f"{address_of(self.tiles)}/"}
            facts |= {"tiles": tiles, "reduced": self.reduced_width}
        return facts


def tile_sides(width: int, height: int) -> tuple[int, int]:
    """The width and height of the tiles of a picture of `width` x `height` pixels."""
    usual = math.isqrt(_TILE_PIXELS)
    down = min(height, usual)
    across = min(max(_TILE_PIXELS // down, usual), width, _MAX_TILE_SIDE_PIXELS)
    return across, min(max(_TILE_PIXELS // across, usual), height, _MAX_TILE_SIDE_PIXELS)


def write_for_page(picture: Picture, name: str, folder: Path, whole: Path | None = None) -> PictureFile:
    """Write what a page shows of a picture into a folder that Gradio serves. whole: where all of it is already."""
    file = folder / f"{name}.png"
    if max(picture.width, picture.height) <= WHOLE_SIDE_PIXELS:
        if whole:
            return PictureFile(whole, picture.width, picture.height, picture.width)
        save_counted(picture, file)
        return PictureFile(file, picture.width, picture.height, picture.width)
    overview = make_thumbnail(picture, WHOLE_SIDE_PIXELS)
    save_counted(overview, file)
    tiles = folder / f"{name}-tiles"
    tiles.mkdir(exist_ok=True)
    across, down = tile_sides(picture.width, picture.height)
    for row, top in enumerate(range(0, picture.height, down)):
        for column, left in enumerate(range(0, picture.width, across)):
            save_counted(picture.part(np.s_[top : top + down, left : left + across]), tiles / f"{row}-{column}.png")
    return PictureFile(file, picture.width, picture.height, overview.width, tiles)


def reduction_texts(files: Iterable[PictureFile], reader: Reader) -> list[str]:
    """A sentence where one of the pictures is large, and so seen reduced; else none."""
    return [text_for("seen_reduced", reader, most=WHOLE_SIDE_PIXELS)] if any(file.tiles for file in files) else []


def address_of(file: Path) -> str:
    """What the page fetches a file by."""
    return f"gradio_api/file={quote(file.as_posix(), safe='/:')}"


def save_png(picture: Picture, name: str) -> str:
    """Write a PNG where Gradio serves and later deletes it. A file is sent as it is, an array as lossy WebP."""
    path = new_folder() / f"{name}.png"
    save_counted(picture, path)
    return str(path)


def write_small(picture: Picture, name: str, folder: Path) -> PictureFile:
    """As `write_for_page`, of a small picture that many visitors get: without loss, too, and a third smaller, but that
    takes a second."""
    file = folder / f"{name}.webp"
    if not file.exists():
        to_pil_image(picture).save(file, "WEBP", lossless=True, method=3)
    return PictureFile(file, picture.width, picture.height, picture.width)


def save_counted(picture: Picture, path: Path) -> None:
    """Write a picture into the folder of the visitors' files, whose bytes are limited."""
    picture.save(path)
    note_written(path.stat().st_size)


def data_url(picture: Picture | bytes) -> str:
    """A picture, or a PNG file's content, as an address that holds it: for small ones, which then need no file."""
    content = encode_png(picture) if isinstance(picture, Picture) else picture
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def new_folder(prefix: str = "") -> Path:
    """Where Gradio serves and later deletes what is written, under a name that nobody can guess."""
    cache = Path(get_upload_folder())
    cache.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=prefix, dir=cache))
