"""What the tabs share: picture and settings, sliders, pictures as files, and what a mistake is answered by."""

import functools
import html
import tempfile
from pathlib import Path

import gradio as gr
import skimage.data
from gradio.utils import get_upload_folder

from demo import current
from srcnn import images, variants
from srcnn.images import ImageError, Picture
from srcnn.variants import VariantError

SHOWN_SIDE = 2048  # larger pictures are shown by their middle; figures and downloads are of the whole
ONE_AT_A_TIME = {"concurrency_id": "inference", "concurrency_limit": 1}  # a picture takes every core, or the GPU
EXAMPLES = ("astronaut", "chelsea", "coffee", "rocket", "camera")  # scikit-image's public-domain photographs
NO_PICTURE = "There is no picture yet: upload one or choose an example."


def opened(file: str | None, max_pixels: int) -> Picture:
    if not file:
        raise ImageError(NO_PICTURE)
    return images.open(file, max_pixels)


def shown(**pictures: Picture) -> tuple[str, ...]:
    """Files for the sliders, all of the same part of the picture."""
    return tuple(stored(picture.centre(SHOWN_SIDE), name) for name, picture in pictures.items())


def stored(picture: Picture, name: str) -> str:
    """Write a PNG where Gradio serves and later deletes it. A file is sent as it is, an array as lossy WebP."""
    cache = Path(get_upload_folder())
    cache.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(dir=cache)) / f"{name}.png"
    images.save(picture, path)
    return str(path)


def answered(function, answer):
    """What a visitor did wrong goes to `answer` as one sentence, and nothing else breaks."""

    @functools.wraps(function)
    def wrapped(*args):
        try:
            return function(*args)
        except (ImageError, VariantError) as error:
            return answer(str(error))

    return wrapped


def on_page(function, outputs: list):
    """For the page: the sentence stands where the result would be."""
    return answered(function, lambda text: nothing(f"<p role='alert'>{html.escape(text)}</p>")[: len(outputs)])


def refuse(text: str) -> None:
    """For the named endpoints: the sentence is an error that a client can catch."""
    raise gr.Error(text, print_exception=False)


def nothing(text: str) -> tuple:
    """Both tabs without a result: two empty outputs, then the text, then, of Compare, no figures."""
    return None, None, text, None


def example_files(folder: Path) -> list[str]:
    """scikit-image's photographs as PNG files."""
    for name in EXAMPLES:
        images.save(Picture(getattr(skimage.data, name)()), folder / f"{name}.png")
    return [str(folder / f"{name}.png") for name in EXAMPLES]


def controls(label: str, examples: list[str], first: str | None):
    """The column that both tabs have: the picture and the settings; and the event of a chosen example."""
    picture = gr.Image(first, label=label, type="filepath", sources=["upload", "clipboard"], height=280)
    picture.preprocess = file_as_it_came
    scale = gr.Radio(**scale_choices(), label="Scale")
    loss = gr.Dropdown(**loss_choices(), label="Trained with the loss")
    ensemble = gr.Checkbox(False, label="Self-ensemble: slower, better")
    chosen = gr.Examples(examples, inputs=picture, label="Example photographs").load_input_event
    return [picture, scale, loss, ensemble], chosen


def scale_choices() -> dict:
    scales = sorted({member.model.config.scale for member in current.variants().members.values()})
    return {"choices": [(f"x{scale}", scale) for scale in scales], "value": 3 if 3 in scales else scales[0]}


def loss_choices() -> dict:
    losses = variants.losses(current.variants().members)
    return {"choices": [*losses.items()], "value": "mse" if "mse" in losses.values() else next(iter(losses.values()))}


def file_as_it_came(payload) -> str | None:
    """In place of gr.Image's own, which opens the file: `srcnn.images` does, with checks and words of its own."""
    return payload.path if payload else None


def compute_on_change(function, inputs: list, chosen, outputs: list, empty: str) -> None:
    """A visitor presses no button: every choice shows its result. The named endpoint runs the same function."""
    picture, *settings = inputs
    run = on_page(function, outputs)
    triggers = [picture.upload, *(setting.input for setting in settings)]
    gr.Button(visible=False).click(
        answered(function, refuse), inputs, outputs, api_name=function.__name__, **ONE_AT_A_TIME
    )
    gr.on(triggers, run, inputs, outputs, api_visibility="private", trigger_mode="always_last", **ONE_AT_A_TIME)
    chosen.success(run, inputs, outputs, api_visibility="private", **ONE_AT_A_TIME)
    picture.clear(lambda: nothing(empty)[: len(outputs)], None, outputs, api_visibility="private")


def slider(label: str) -> gr.ImageSlider:
    return gr.ImageSlider(label=label, type="filepath", format="png", interactive=False, max_height=580)
