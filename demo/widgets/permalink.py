"""The address of the page carries what is chosen on it: /?picture=chelsea&scale=4&loss=l1&network=9-1-5&ensemble=1."""

import gradio as gr

from demo.static import read_static
from demo.texts.language import label, say
from demo.widgets.errors import or_error
from demo.widgets.examples import NAMES, example_file
from demo.widgets.settings import USUAL_LOSS, Settings, loss_choices, network_choices, preferred, scale_choices

WRITE = read_static("permalink.js").replace("EXAMPLES", str(list(NAMES)))
COPY = "() => navigator.clipboard?.writeText(location.href)"


def from_link(demo: gr.Blocks, picture: gr.Image, choices: Settings):
    """Set the widgets as the address says when the page opens; gives that event."""
    return demo.load(or_error(asked), None, [picture, *choices.widgets], api_visibility="private", queue=False)


def asked(request: gr.Request) -> list:
    """The widgets with what there is to choose from now, and their values by the page's address; what it does not say,
    or cannot mean, is as on a page without."""
    query, networks = request.query_params, network_choices()
    network = preferred(networks["choices"], query.get("network"), networks["value"])
    scales = scale_choices(network)
    scale = next((each for _, each in scales["choices"] if str(each) == query.get("scale")), scales["value"])
    return [
        example_file(preferred(NAMES, query.get("picture"))),
        gr.update(**scales | {"value": scale}),
        gr.update(**loss_choices(network, query.get("loss", USUAL_LOSS))),
        query.get("ensemble") == "1",
        gr.update(**networks | {"value": network}),
    ]


def link_button(picture: gr.Image, choices: Settings) -> None:
    """The address follows the widgets; a button copies it."""
    inputs = [picture, *choices.widgets]
    gr.on([each.change for each in inputs], None, inputs, js=WRITE, api_visibility="private")
    button = gr.Button(label("copy_link"), size="sm")
    button.click(tell, None, None, js=COPY, api_visibility="private")


def tell(request: gr.Request) -> None:
    gr.Info(say("link_copied", request), duration=3)
