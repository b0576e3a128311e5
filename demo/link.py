"""The address of the page carries what is chosen on it: /?picture=chelsea&scale=4&loss=l1&network=9-1-5&ensemble=1."""

from pathlib import Path

import gradio as gr

from demo.examples import NAMES, example_file
from demo.language import label, say
from demo.parts import DEFAULT_NETWORK, Settings, loss_choices, network_choices, or_error, scale_choices

WRITE = Path(__file__).with_name("link.js").read_text("utf-8").replace("EXAMPLES", str(list(NAMES)))
COPY = "() => navigator.clipboard?.writeText(location.href)"


def from_link(demo: gr.Blocks, picture: gr.Image, choices: Settings):
    """Set the widgets as the address says when the page opens; gives that event."""
    return demo.load(or_error(asked), None, [picture, *choices.widgets], api_visibility="private", queue=False)


def asked(request: gr.Request) -> list:
    """The widgets' values by the page's address; what it does not say, or cannot mean, stays as it is."""
    query, offered = request.query_params, scale_choices()
    name, scale, network = query.get("picture"), query.get("scale"), query.get("network")
    network = network if network in network_choices()["choices"] else DEFAULT_NETWORK
    return [
        example_file(name if name in NAMES else NAMES[0]),
        int(scale) if scale in {str(each) for _, each in offered["choices"]} else offered["value"],
        gr.update(**loss_choices(network, query.get("loss", "mse"))),
        query.get("ensemble") == "1",
        network,
    ]


def link_button(picture: gr.Image, choices: Settings) -> None:
    """The address follows the widgets; a button copies it."""
    inputs = [picture, *choices.widgets]
    gr.on([each.change for each in inputs], None, inputs, js=WRITE, api_visibility="private")
    button = gr.Button(label("copy_link"), size="sm")
    button.click(tell, None, None, js=COPY, api_visibility="private")


def tell(request: gr.Request) -> None:
    gr.Info(say("link_copied", request), duration=3)
