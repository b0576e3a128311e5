"""The example photographs, to be chosen by a click: scikit-image's, which are in the public domain."""

import functools

import gradio as gr
import skimage.data

from demo.texts.language import label
from demo.widgets.errors import or_error
from demo.widgets.pictures import data_address, new_folder
from srcnn.imaging.picture import Picture, encode_png, thumbnail

NAMES = ("astronaut", "chelsea", "coffee", "rocket", "camera")
THUMBNAIL = 160  # pixels
TELL = """element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (button) trigger('select', {name: button.value});
});"""


def example_buttons(picture: gr.Image | gr.File):
    """A row of small photographs; the one that is clicked goes into `picture`. Gives that event."""
    buttons = "".join(
        f"<button type='button' value='{name}' aria-label='{name}' title='{name}'>"
        f"<img src='{data_address(thumbnail(example(name), THUMBNAIL))}' alt=''></button>"
        for name in NAMES
    )
    gr.Markdown(label("examples"))
    row = gr.HTML(f"<div class='examples'>{buttons}</div>", js_on_load=TELL, padding=False)
    return row.select(or_error(picked), None, picture, api_visibility="private", show_progress="hidden")


def picked(event: gr.EventData, request: gr.Request) -> str | None:
    return example_file(event.name) if event.name in NAMES else None


def example_file(name: str) -> str:
    """A file of an example where Gradio serves and later deletes it."""
    path = new_folder() / f"{name}.png"
    path.write_bytes(encoded(name))
    return str(path)


@functools.cache
def encoded(name: str) -> bytes:
    """Every visitor begins with an example: its PNG is made once."""
    return encode_png(example(name))


def example(name: str) -> Picture:
    return Picture(getattr(skimage.data, name)())
