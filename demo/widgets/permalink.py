"""The page's address carries what is chosen: /?picture=chelsea&scale=4&loss=l1&network=9-1-5&ensemble=1&as_is=1."""

import gradio as gr
from gradio.components import Component

from demo.catalogue import current_namespace
from demo.static import read_static
from demo.texts.language import page_text, text_for
from demo.widgets.examples import example_files_json
from demo.widgets.settings import list_offers

_WRITE_SCRIPT = read_static("permalink.js")
_COPY_SCRIPT = "() => navigator.clipboard?.writeText(location.href)"


def set_from_link(demo: gr.Blocks, widgets: list[Component], offers: gr.JSON):
    """Set the widgets of Compare as the address says when the page opens, by what is offered now; gives that event."""
    script, private = (
        read_static("link.js").replace("EXAMPLES", f"({example_files_json()})"),
        {"api_visibility": "private"},
    )
    inputs = [*widgets, offers]
    if not current_namespace():
        return demo.load(None, inputs, widgets, js=script, **private)
    offered = demo.load(list_offers, None, offers, show_progress="hidden", **private)
    return offered.then(None, inputs, widgets, js=script, **private)


def build_link_button(widgets: list[Component]) -> None:
    """The address follows the widgets; a button copies it."""
    gr.on([each.change for each in widgets], None, widgets, js=_WRITE_SCRIPT, api_visibility="private")
    button = gr.Button(page_text("copy_link"), size="sm")
    button.click(confirm_copy, None, None, js=_COPY_SCRIPT, api_visibility="private")


def confirm_copy(request: gr.Request) -> None:
    gr.Info(text_for("link_copied", request), duration=3)
