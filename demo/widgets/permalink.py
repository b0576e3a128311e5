"""The address of the page carries what is chosen on it: /?picture=chelsea&scale=4&loss=l1&network=9-1-5&ensemble=1."""

import gradio as gr

from demo.static import read_static
from demo.texts.language import page_text, text_for
from demo.widgets.errors import errors_as_toast
from demo.widgets.examples import EXAMPLE_NAMES, write_example
from demo.widgets.settings import DEFAULT_LOSS, Settings, first_offered, loss_choices, network_choices, scale_choices

_WRITE_SCRIPT = read_static("permalink.js").replace("EXAMPLES", str(list(EXAMPLE_NAMES)))
_COPY_SCRIPT = "() => navigator.clipboard?.writeText(location.href)"


def set_from_link(demo: gr.Blocks, picture: gr.Image, choices: Settings):
    """Set the widgets as the address says when the page opens; gives that event."""
    return demo.load(
        errors_as_toast(_read_link), None, [picture, *choices.widgets], api_visibility="private", queue=False
    )


def _read_link(request: gr.Request) -> list:
    """The widgets with what there is to choose from now, and their values by the page's address; what it does not say,
    or cannot mean, is as on a page without."""
    query, networks = request.query_params, network_choices()
    network = first_offered(networks["choices"], query.get("network"), networks["value"])
    scales = scale_choices(network)
    scale = next((each for _, each in scales["choices"] if str(each) == query.get("scale")), scales["value"])
    return [
        write_example(first_offered(EXAMPLE_NAMES, query.get("picture"))),
        gr.update(**scales | {"value": scale}),
        gr.update(**loss_choices(network, query.get("loss", DEFAULT_LOSS))),
        query.get("ensemble") == "1",
        gr.update(**networks | {"value": network}),
    ]


def build_link_button(picture: gr.Image, choices: Settings) -> None:
    """The address follows the widgets; a button copies it."""
    inputs = [picture, *choices.widgets]
    gr.on([each.change for each in inputs], None, inputs, js=_WRITE_SCRIPT, api_visibility="private")
    button = gr.Button(page_text("copy_link"), size="sm")
    button.click(_confirm_copy, None, None, js=_COPY_SCRIPT, api_visibility="private")


def _confirm_copy(request: gr.Request) -> None:
    gr.Info(text_for("link_copied", request), duration=3)
