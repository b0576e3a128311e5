"""Pictures that come from a visitor, and pictures that go to the page: files, sliders, addresses."""

import base64
import tempfile
from pathlib import Path

import gradio as gr
from gradio.utils import get_upload_folder

from demo.texts.language import page_text, text_for
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture
from srcnn.imaging.writing import encode_png
from srcnn.naming import COMMON_MULTIPLE

SHOWN_SIDE_PIXELS = 2040  # larger pictures are shown by their middle; figures and downloads are of the whole


def build_picture_input() -> gr.Image:
    picture = gr.Image(label=page_text("truth"), type="filepath", sources=["upload", "clipboard"], height=280)
    picture.preprocess = accept_upload
    return picture


def accept_upload(payload) -> str | None:
    """In place of gr.Image's own, which opens the file: `srcnn.images` does, with checks and words of its own.

    Gradio takes any path of the server from a request that leaves out what marks it as a file's.
    """
    if not payload:
        return None
    if not Path(payload.path or "").resolve().is_relative_to(Path(get_upload_folder()).resolve()):
        raise gr.Error(text_for("not_sent", None), print_exception=False)
    return payload.path


def accept_uploads(payload) -> list[str]:
    return [accept_upload(each) for each in payload] if payload else []


def build_slider(title: str) -> gr.ImageSlider:
    return gr.ImageSlider(label=title, type="filepath", format="png", interactive=False, max_height=580)


def slider_update(pair: tuple[str, str], left: str, right: str):
    """A slider with two files and their titles: which network they are of depends on what was chosen."""
    return gr.update(value=pair, label=f"{left} | {right}")


def open_upload(file: str | None, max_pixels: int, keep_metadata: bool = False) -> Picture:
    if not file:
        raise ImageError(text_for("no_picture", None))
    return open_picture(file, max_pixels, keep_metadata)


def save_for_slider(**pictures: Picture) -> tuple[str, ...]:
    """Files for the sliders, all of the same part of the picture."""
    return tuple(
        save_png(picture.centre(SHOWN_SIDE_PIXELS, COMMON_MULTIPLE), name) for name, picture in pictures.items()
    )


def save_png(picture: Picture, name: str) -> str:
    """Write a PNG where Gradio serves and later deletes it. A file is sent as it is, an array as lossy WebP."""
    path = new_folder() / f"{name}.png"
    picture.save(path)
    return str(path)


def data_url(picture: Picture | bytes) -> str:
    """A picture, or a PNG file's content, as an address that holds it: for small ones, which then need no file."""
    content = encode_png(picture) if isinstance(picture, Picture) else picture
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def new_folder() -> Path:
    """Where Gradio serves and later deletes what is written, under a name that nobody can guess."""
    cache = Path(get_upload_folder())
    cache.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=cache))
