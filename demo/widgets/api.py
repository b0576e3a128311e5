"""Functions of the demo that programs can call under their own names."""

import gradio as gr
from gradio.components import Component

from demo.catalogue import current_catalogue
from demo.job import ONE_JOB_AT_A_TIME
from demo.texts.language import page_text
from demo.widgets.errors import errors_as_toast
from demo.widgets.settings import default_losses, default_network, network_choices, scale_choices


def add_endpoint(function, picture: Component, outputs: list[Component]) -> None:
    """Offer a function to programs, under its own name and with its docstring as documentation."""
    inputs = [picture, *_hidden_settings()]
    gr.Button(visible=False).click(
        errors_as_toast(function), inputs, outputs, api_name=function.__name__, **ONE_JOB_AT_A_TIME
    )


def _hidden_settings() -> list[Component]:
    """Widgets that nobody sees, for values as those of the `Settings` are, of every network: what the page offers for
    one network only, programs choose at once."""
    family, network = current_catalogue(), default_network()
    scales = sorted({scale for each in family.networks() for scale in family.scales(each)})
    losses = {title: loss for each in family.networks() for title, loss in family.losses(each).items()}
    scale = gr.Radio(scales, value=scale_choices(network)["value"], label=page_text("scale"), visible=False)
    scale.api_info = lambda: {"type": "integer", "enum": scales, "title": "Radio"}
    loss = gr.Dropdown([*losses.items()], value=default_losses()["value"], label=page_text("loss"), visible=False)
    ensemble = gr.Checkbox(False, label=page_text("ensemble"), visible=False)
    return [scale, loss, ensemble, gr.Radio(**network_choices(), label=page_text("network"), visible=False)]
