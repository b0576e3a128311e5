"""The example photographs, to be chosen by a click: scikit-image's, which are in the public domain."""

import functools
import json
from pathlib import Path

import gradio as gr
import skimage.data
from gradio.utils import get_upload_folder

from demo.texts.language import page_text
from demo.widgets.pictures import address_of
from srcnn.imaging.picture import Picture, make_thumbnail

EXAMPLE_NAMES = ("astronaut", "chelsea", "coffee", "rocket", "camera")
EXAMPLES_FOLDER = "examples"  # below the folder of the visitors' files, whose names are other ones
_THUMBNAIL_PIXELS = 160
_PREVIEW_PIXELS = 400
_CLICK_SCRIPT = """element.addEventListener('click', event => {
  const button = event.target.closest('button');
  if (!button) return;
  demo.example = button.value;
  trigger('select');
});"""


def build_example_buttons(picture: gr.Image | gr.File):
    """A row of small photographs; the one that is clicked goes into `picture`, at once. Gives that event."""
    buttons = "".join(
        f"<button type='button' value='{name}' aria-label='{name}' title='{name}'>"
        f"<img src='{address_of(write_thumbnail(name))}' alt='' loading='lazy'></button>"
        for name in EXAMPLE_NAMES
    )
    gr.Markdown(page_text("examples"))
    row = gr.HTML(f"<div class='examples'>{buttons}</div>", js_on_load=_CLICK_SCRIPT, padding=False)
    script = f"() => ({example_files_json()})[demo.example]"
    if isinstance(picture, gr.File):
        script = f"() => [[({example_files_json()})[demo.example]]]"
    return row.select(None, None, picture, js=script, api_visibility="private")


def examples_folder() -> Path:
    """Where lies what is of the app itself and of no visitor."""
    folder = Path(get_upload_folder()) / EXAMPLES_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_example(name: str) -> str:
    """The file of an example, where Gradio serves it."""
    return str(_write_once(name, f"{name}.png", open_example))


def write_thumbnail(name: str, side: int = _THUMBNAIL_PIXELS) -> Path:
    return _write_once(name, f"{name}-{side}.webp", lambda name: make_thumbnail(open_example(name), side))


def _write_once(name: str, file: str, make) -> Path:
    path = examples_folder() / file
    if not path.exists():
        make(name).save(path)
    return path


def example_files_json() -> str:
    """The examples by name, for the page's scripts."""
    return json.dumps({name: _file_data(write_example(name)) for name in EXAMPLE_NAMES})


def _file_data(path: str) -> dict:
    """As Gradio's widgets have a file of the server."""
    return {
        "path": path,
        "url": address_of(write_thumbnail(Path(path).stem, _PREVIEW_PIXELS)),  # all of it is in the sliders
        "orig_name": Path(path).name,
        "size": Path(path).stat().st_size,
        "meta": {"_type": "gradio.FileData"},
    }


@functools.cache
def open_example(name: str) -> Picture:
    return Picture(getattr(skimage.data, name)())
