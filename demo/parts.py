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
from srcnn import images
from srcnn.engine import TimeUp
from srcnn.family import ARTICLE, Member
from srcnn.images import ImageError, Picture
from srcnn.variants import COMMON_MULTIPLE, VariantError

SHOWN_SIDE = 2040  # larger pictures are shown by their middle; figures and downloads are of the whole
ONE_AT_A_TIME = {"concurrency_id": "inference", "concurrency_limit": 1}  # a picture takes every core, or the GPU
USUAL_SCALE, USUAL_LOSS = 3, "mse"
TOLD = (ImageError, VariantError, TimeUp, OSError)  # what visitors are told: their mistakes, limits, a full disk


@dataclass(frozen=True)
class Settings:
    """The widgets that choose a variant; a tab's functions take their values in this order."""

    scale: gr.Radio
    loss: gr.Dropdown
    ensemble: gr.Checkbox
    network: gr.Radio
    network_chosen: gr.events.Dependency  # after which the scales and losses are those of the network

    @property
    def widgets(self) -> list[Component]:
        return [self.scale, self.loss, self.ensemble, self.network]

    def refreshed(self) -> dict:
        """What the widgets show when other variants are offered."""
        return {
            self.scale: gr.update(**scale_choices(usual_network())),
            self.loss: gr.update(**loss_choices(usual_network())),
            self.network: gr.update(**network_choices()),
        }


def settings() -> Settings:
    network = gr.Radio(**network_choices(), label=label("network"), info=label("network_info"))
    scale = gr.Radio(**scale_choices(usual_network()), label=label("scale"))
    loss = gr.Dropdown(**loss_choices(usual_network()), label=label("loss"))
    ensemble = gr.Checkbox(False, label=label("ensemble"))
    chosen = network.input(followed, [network, scale, loss], [scale, loss], api_visibility="private")
    return Settings(scale, loss, ensemble, network, chosen)


def followed(network: str, scale: int, loss: str) -> tuple:
    return gr.update(**scale_choices(network, scale)), gr.update(**loss_choices(network, loss))


def usual_network() -> str:
    networks = current.variants().networks()
    return ARTICLE if ARTICLE in networks else networks[0]


def network_choices() -> dict:
    return {"choices": current.variants().networks(), "value": usual_network()}


def scale_choices(network: str, chosen: int | None = None) -> dict:
    """The scales that there are for a network; the one that was chosen stays where it can."""
    scales = current.variants().scales(network)
    return {"choices": [(f"x{scale}", scale) for scale in scales], "value": preferred(scales, chosen, USUAL_SCALE)}


def loss_choices(network: str, chosen: str = USUAL_LOSS) -> dict:
    """As `scale_choices`, of the losses."""
    losses = current.variants().losses(network)
    return {"choices": [*losses.items()], "value": preferred([*losses.values()], chosen)}


def preferred(offered: list, *wishes: object):
    """The first wish that is offered, else the first offer; None where nothing is offered."""
    return next((each for each in (*wishes, *offered) if each in offered), None)


def kind_of(members: list[Member]) -> str:
    """SRCNN, VDSR or EDSR, of the members of one network."""
    return next((member.model.config.architecture.upper() for member in members), "SRCNN")


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


def beside(pair: tuple[str, str], left: str, right: str):
    """A slider with two files and their titles: which network they are of depends on what was chosen."""
    return gr.update(value=pair, label=f"{left} | {right}")


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


def endpoint(function, picture: Component, outputs: list[Component]) -> None:
    """Offer a function to programs, under its own name and with its docstring as documentation."""
    inputs = [picture, *any_settings()]
    gr.Button(visible=False).click(or_error(function), inputs, outputs, api_name=function.__name__, **ONE_AT_A_TIME)


def any_settings() -> list[Component]:
    """Widgets that nobody sees, for values as those of the `Settings` are, of every network: what the page offers for
    one network only, programs choose at once."""
    family, network = current.variants(), usual_network()
    scales = sorted({scale for each in family.networks() for scale in family.scales(each)})
    losses = {title: loss for each in family.networks() for title, loss in family.losses(each).items()}
    scale = gr.Radio(scales, value=scale_choices(network)["value"], label=label("scale"), visible=False)
    scale.api_info = lambda: {"type": "integer", "enum": scales, "title": "Radio"}
    loss = gr.Dropdown([*losses.items()], value=loss_choices(network)["value"], label=label("loss"), visible=False)
    ensemble = gr.Checkbox(False, label=label("ensemble"), visible=False)
    return [scale, loss, ensemble, gr.Radio(**network_choices(), label=label("network"), visible=False)]
