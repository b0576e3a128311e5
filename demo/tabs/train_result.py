"""What can be done with what was trained: tried in Compare and in Enlarge, downloaded, trained again on a real set."""

import gradio as gr

from demo.job import ONE_JOB_AT_A_TIME
from demo.tabs.train_view import trained_name
from demo.texts.language import page_text
from demo.training.results import command_for, find_variant, pack_variant
from demo.widgets.errors import errors_as_toast
from demo.widgets.permalink import confirm_copy
from demo.widgets.pictures import address_of
from demo.widgets.settings import Settings
from srcnn.naming import LOSS_TITLES


def build_result_buttons(tabs: list[Settings]) -> None:
    """`tabs`: the settings of Compare and of Enlarge."""
    private = {"api_visibility": "private"}
    key, address = gr.Textbox(visible=False), gr.Textbox(visible=False)
    with gr.Row(elem_id="train-results"):
        # Each is wide enough for its words on one line. train.js switches on what can be pressed.
        compare, enlarge, download = (
            gr.Button(page_text(name), interactive=False, size="md", min_width=195)
            for name in ("train_compare", "train_enlarge", "train_download")
        )
        link = gr.Button(page_text("copy_link"), size="md", min_width=260)
    with gr.Accordion(page_text("train_command"), open=False) as shown:
        gr.Markdown(page_text("train_command_text"))
        command = gr.Code(language=None, interactive=False, wrap_lines=True, show_line_numbers=False, show_label=False)
    for number, button in enumerate((compare, enlarge)):
        settings = tabs[number]
        outputs = [settings.offers, settings.network, settings.scale, settings.loss]
        chosen = button.click(None, None, key, js="() => train.resultKey()", **private)
        offered = chosen.then(errors_as_toast(_offer), [key, settings.offers], outputs, **private)
        offered.success(None, None, None, js=f"() => train.openTab({number})", **private)
    chosen = download.click(None, None, key, js="() => train.resultKey()", **private)
    packed = chosen.then(errors_as_toast(_pack), key, address, **private, **ONE_JOB_AT_A_TIME)
    packed.success(None, address, None, js="address => train.download(address)", **private)
    chosen = shown.expand(None, None, key, js="() => train.resultKey()", **private)
    chosen.then(errors_as_toast(_show_command), key, command, **private)
    link.click(confirm_copy, None, None, js="() => train.copyLink()", **private)


def _offer(key: str, offers: dict, request: gr.Request) -> tuple:
    """Compare's or Enlarge's choices with what was trained among them, and chosen."""
    training, network, _ = find_variant(key)
    settings = training.settings
    scale, loss = [(f"x{settings.scale}", settings.scale)], [(LOSS_TITLES[settings.loss], settings.loss)]
    offers = offers | {network: {"name": trained_name(settings), "scale": scale, "loss": loss}}
    networks = [(offer["name"], title) for title, offer in offers.items()]
    return (
        offers,
        gr.update(choices=networks, value=network),
        gr.update(choices=scale, value=settings.scale),
        gr.update(choices=loss, value=settings.loss),
    )


def _pack(key: str, request: gr.Request) -> str:
    return address_of(pack_variant(key))


def _show_command(key: str, request: gr.Request) -> str:
    return command_for(find_variant(key)[2])
