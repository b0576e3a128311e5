"""The address of the page carries what is chosen on it: /?picture=chelsea&scale=4&loss=l1&network=9-1-5&ensemble=1."""

import gradio as gr

from demo.catalogue import current_namespace
from demo.static import read_static
from demo.texts.language import page_text, text_for
from demo.widgets.examples import example_files_json
from demo.widgets.settings import Settings, list_offers

_WRITE_SCRIPT = read_static("permalink.js")
_COPY_SCRIPT = "() => navigator.clipboard?.writeText(location.href)"


def set_from_link(demo: gr.Blocks, picture: gr.Image, choices: Settings):
    """Set the widgets as the address says when the page opens, by what is offered now; gives that event."""
    script, private = (
        read_static("link.js").replace("EXAMPLES", f"({example_files_json()})"),
        {"api_visibility": "private"},
    )
    inputs, outputs = [picture, *choices.widgets, choices.offers], [picture, *choices.widgets]
    if not current_namespace():
        return demo.load(None, inputs, outputs, js=script, **private)
    offered = demo.load(list_offers, None, choices.offers, show_progress="hidden", **private)
    return offered.then(None, inputs, outputs, js=script, **private)


def build_link_button(picture: gr.Image, choices: Settings) -> None:
    """The address follows the widgets; a button copies it."""
    inputs = [picture, *choices.widgets]
    gr.on([each.change for each in inputs], None, inputs, js=_WRITE_SCRIPT, api_visibility="private")
    button = gr.Button(page_text("copy_link"), size="sm")
    button.click(_confirm_copy, None, None, js=_COPY_SCRIPT, api_visibility="private")


def _confirm_copy(request: gr.Request) -> None:
    gr.Info(text_for("link_copied", request), duration=3)
