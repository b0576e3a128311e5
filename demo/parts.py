"""What the tabs share: the settings, sliders, pictures as files, and what a mistake is answered by."""

import base64
import functools
import html
import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
from gradio.components import Component
from gradio.utils import get_upload_folder

from demo import current
from demo.language import label, say, say_error
from srcnn import images, variants
from srcnn.engine import TimeUp
from srcnn.images import ImageError, Picture
from srcnn.variants import ARTICLE, COMMON_MULTIPLE, VariantError, network_name

SHOWN_SIDE = 2040  # larger pictures are shown by their middle; figures and downloads are of the whole
ONE_AT_A_TIME = {"concurrency_id": "inference", "concurrency_limit": 1}  # a picture takes every core, or the GPU
DEFAULT_NETWORK = network_name(ARTICLE)
TOLD = (ImageError, VariantError, TimeUp, OSError)  # what visitors are told: their mistakes, limits, a full disk


@dataclass(frozen=True)
class Settings:
    """The widgets that choose a variant; a tab's functions take their values in this order."""

    scale: gr.Radio
    loss: gr.Dropdown
    ensemble: gr.Checkbox
    network: gr.Radio
    network_chosen: gr.events.Dependency  # after which the losses are those of the network

    @property
    def widgets(self) -> list[Component]:
        return [self.scale, self.loss, self.ensemble, self.network]

    def refreshed(self) -> dict:
        """What the widgets show when other variants are offered."""
        return {
            self.scale: gr.update(**scale_choices()),
            self.loss: gr.update(**loss_choices()),
            self.network: gr.update(**network_choices()),
        }


def settings() -> Settings:
    scale = gr.Radio(**scale_choices(), label=label("scale"))
    scale.api_info = lambda: {"type": "integer", "enum": [value for _, value in scale.choices], "title": "Radio"}
    network = gr.Radio(**network_choices(), label=label("network"), info=label("network_info"))
    loss = gr.Dropdown(**loss_choices(), label=label("loss"))
    ensemble = gr.Checkbox(False, label=label("ensemble"))
    chosen = network.input(
        lambda name, loss: gr.update(**loss_choices(name, loss)), [network, loss], loss, api_visibility="private"
    )
    return Settings(scale, loss, ensemble, network, chosen)


def scale_choices() -> dict:
    scales = sorted({member.model.config.scale for member in current.variants().members.values()})
    return {"choices": [(f"x{scale}", scale) for scale in scales], "value": 3 if 3 in scales else scales[0]}


def network_choices() -> dict:
    networks = variants.networks(current.variants().members)
    return {"choices": networks, "value": DEFAULT_NETWORK if DEFAULT_NETWORK in networks else networks[0]}


def loss_choices(network: str = DEFAULT_NETWORK, chosen: str = "mse") -> dict:
    """The losses that there are for a network; the one that was chosen stays where it can."""
    losses = variants.losses(current.variants().members, network)
    return {"choices": [*losses.items()], "value": chosen if chosen in losses.values() else next(iter(losses.values()))}


def picture_input() -> gr.Image:
    picture = gr.Image(label=label("truth"), type="filepath", sources=["upload", "clipboard"], height=280)
    picture.preprocess = file_as_it_came
    return picture


def file_as_it_came(payload) -> str | None:
    """In place of gr.Image's own, which opens the file: `srcnn.images` does, with checks and words of its own.

    Gradio takes any path of the server from a request that leaves out what marks it as a file's.
    """
    if not payload:
        return None
    if not Path(payload.path or "").resolve().is_relative_to(Path(get_upload_folder()).resolve()):
        raise gr.Error(say("not_sent", None), print_exception=False)
    return payload.path


def files_as_they_came(payload) -> list[str]:
    return [file_as_it_came(each) for each in payload] if payload else []


def slider(title: str) -> gr.ImageSlider:
    return gr.ImageSlider(label=title, type="filepath", format="png", interactive=False, max_height=580)


def opened(file: str | None, max_pixels: int, keep_metadata: bool = False) -> Picture:
    if not file:
        raise ImageError(say("no_picture", None))
    return images.open(file, max_pixels, keep_metadata)


def shown(**pictures: Picture) -> tuple[str, ...]:
    """Files for the sliders, all of the same part of the picture."""
    return tuple(stored(picture.centre(SHOWN_SIDE, COMMON_MULTIPLE), name) for name, picture in pictures.items())


def stored(picture: Picture, name: str) -> str:
    """Write a PNG where Gradio serves and later deletes it. A file is sent as it is, an array as lossy WebP."""
    path = new_folder() / f"{name}.png"
    images.save(picture, path)
    return str(path)


def data_address(picture: Picture | bytes) -> str:
    """A picture, or a PNG file's content, as an address that holds it: for small ones, which then need no file."""
    content = images.png(picture) if isinstance(picture, Picture) else picture
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def new_folder() -> Path:
    """Where Gradio serves and later deletes what is written, under a name that nobody can guess."""
    cache = Path(get_upload_folder())
    cache.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=cache))


def number(value: float, form: str) -> str:
    """A figure for people: infinite where nothing differs, a dash where a picture is too small to tell."""
    if math.isnan(value):
        return "–"
    return "∞" if math.isinf(value) else format(value, form)


def alert(sentence: str, name: str = "") -> str:
    """What went wrong, as HTML; `name` is the file's that it is about."""
    about = f"<b>{html.escape(name)}</b>: " if name else ""
    return f"<p role='alert'>{about}{html.escape(sentence)}</p>"


def remark(sentence: str) -> str:
    """What is not as it was asked for, as HTML."""
    return f"<p class='notice' role='status'>{html.escape(sentence)}</p>"


def drawn(draw: Callable, *arguments: object) -> bytes:
    """What a function of the library draws into a file, as the content of that PNG file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "drawn.png"
        draw(*arguments, file)
        return file.read_bytes()


def on_page(function, instead):
    """For the page: what went wrong is a sentence where the result would be.

    instead: from that sentence as HTML to the outputs, all else empty.
    """

    @functools.wraps(function)
    def wrapped(*args):
        try:
            return function(*args)
        except TOLD as error:
            return instead(alert(say_error(error, request_among(args))))

    return wrapped


def request_among(args: tuple) -> gr.Request | None:
    return next((arg for arg in args if isinstance(arg, gr.Request)), None)


def or_error(function):
    """For the named endpoints, and where no result has a place for it: the sentence is an error of Gradio's.

    A client can catch it, the page shows it in a corner.
    """

    @functools.wraps(function)
    def wrapped(*args):
        try:
            return function(*args)
        except TOLD as error:
            raise gr.Error(say_error(error, request_among(args)), print_exception=False) from None

    return wrapped


def endpoint(function, inputs: list[Component], outputs: list[Component]) -> None:
    """Offer a function to programs, under its own name and with its docstring as documentation."""
    gr.Button(visible=False).click(or_error(function), inputs, outputs, api_name=function.__name__, **ONE_AT_A_TIME)
