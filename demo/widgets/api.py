"""Functions of the demo that programs can call under their own names."""

import gradio as gr
from gradio.components import Component

from demo.catalogue import variants
from demo.job import ONE_AT_A_TIME
from demo.texts.language import label
from demo.widgets.errors import or_error
from demo.widgets.settings import loss_choices, network_choices, scale_choices, usual_network


def endpoint(function, picture: Component, outputs: list[Component]) -> None:
    """Offer a function to programs, under its own name and with its docstring as documentation."""
    inputs = [picture, *any_settings()]
    gr.Button(visible=False).click(or_error(function), inputs, outputs, api_name=function.__name__, **ONE_AT_A_TIME)


def any_settings() -> list[Component]:
    """Widgets that nobody sees, for values as those of the `Settings` are, of every network: what the page offers for
    one network only, programs choose at once."""
    family, network = variants(), usual_network()
    scales = sorted({scale for each in family.networks() for scale in family.scales(each)})
    losses = {title: loss for each in family.networks() for title, loss in family.losses(each).items()}
    scale = gr.Radio(scales, value=scale_choices(network)["value"], label=label("scale"), visible=False)
    scale.api_info = lambda: {"type": "integer", "enum": scales, "title": "Radio"}
    loss = gr.Dropdown([*losses.items()], value=loss_choices(network)["value"], label=label("loss"), visible=False)
    ensemble = gr.Checkbox(False, label=label("ensemble"), visible=False)
    return [scale, loss, ensemble, gr.Radio(**network_choices(), label=label("network"), visible=False)]
