"""The example photographs, to be chosen by a click: scikit-image's, which are in the public domain."""

import functools

import gradio as gr
import skimage.data

from demo.texts.language import page_text
from demo.widgets.errors import errors_as_toast
from demo.widgets.pictures import data_url, new_folder
from srcnn.imaging.picture import Picture, make_thumbnail
from srcnn.imaging.writing import encode_png

EXAMPLE_NAMES = ("astronaut", "chelsea", "coffee", "rocket", "camera")
_THUMBNAIL_PIXELS = 160  # pixels
_CLICK_SCRIPT = """element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (button) trigger('select', {name: button.value});
});"""


def build_example_buttons(picture: gr.Image | gr.File):
    """A row of small photographs; the one that is clicked goes into `picture`. Gives that event."""
    buttons = "".join(
        f"<button type='button' value='{name}' aria-label='{name}' title='{name}'>"
        f"<img src='{data_url(make_thumbnail(open_example(name), _THUMBNAIL_PIXELS))}' alt=''></button>"
        for name in EXAMPLE_NAMES
    )
    gr.Markdown(page_text("examples"))
    row = gr.HTML(f"<div class='examples'>{buttons}</div>", js_on_load=_CLICK_SCRIPT, padding=False)
    return row.select(errors_as_toast(_pick_example), None, picture, api_visibility="private", show_progress="hidden")


def _pick_example(event: gr.EventData, request: gr.Request) -> str | None:
    return write_example(event.name) if event.name in EXAMPLE_NAMES else None


def write_example(name: str) -> str:
    """A file of an example where Gradio serves and later deletes it."""
    path = new_folder() / f"{name}.png"
    path.write_bytes(_encode_example(name))
    return str(path)


@functools.cache
def _encode_example(name: str) -> bytes:
    """Every visitor begins with an example: its PNG is made once."""
    return encode_png(open_example(name))


def open_example(name: str) -> Picture:
    return Picture(getattr(skimage.data, name)())
