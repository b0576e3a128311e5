"""Models: the variants that the demo runs, their figures, where each comes from, and all about one of them."""

from pathlib import Path

import gradio as gr

from demo import current
from demo.language import label
from demo.parts import ONE_AT_A_TIME, Settings, remark
from demo.table import TESTS, table_html
from demo.variant import code, default, download, gains_html, pictures_html
from srcnn.model import parameter_count
from srcnn.variants import network_name

SORT = Path(__file__).with_name("sort.js").read_text("utf-8")


def variants() -> list[dict]:
    """The variants that this demo runs.

    name, network ("9-1-5", the sizes of its kernels), scale, loss, parameters (how many), size (bytes of
    model.safetensors), repository and commit on the Hub (null: bundled), results (by test set: psnr in dB, ssim,
    perhaps distance, as in its card; empty where it has none).
    """
    return [
        {
            "name": member.name,
            "network": network_name(member.model.config.kernel_sizes),
            "scale": member.model.config.scale,
            "loss": member.model.config.loss,
            "parameters": parameter_count(member.model),
            "size": member.size,
            "repository": member.repository or None,
            "commit": member.commit or None,
            "results": member.results,
        }
        for member in current.variants().members.values()
    ]


def models_tab(demo: gr.Blocks, tab: gr.Tab, notice: gr.HTML, tabs: list[Settings]) -> None:
    """`tabs`: the settings of the other tabs, whose choices follow what is offered.

    Nothing is drawn or copied before a visitor opens the tab.
    """
    gr.Markdown(label("models_hint"))
    table = gr.HTML(table_html(None), label=label("models"), padding=False, js_on_load=SORT)
    button = gr.Button(label("models_refresh"), size="md", elem_classes="refresh", visible=bool(current.namespace()))
    gr.Markdown(label("models_gain_text"))
    test = gr.Radio(TESTS, value=TESTS[0], label=label("models_test"))
    gain = gr.HTML(label=label("models_test"), padding=False)
    gr.Markdown(label("models_one_text"))
    shown_only = {"interactive": False, "wrap_lines": True, "show_line_numbers": False}
    with gr.Row():
        with gr.Column(scale=2, min_width=320):
            variant = gr.Dropdown(**choices(), label=label("models_variant"))
            python = gr.Code(label="Python", language=None, lines=6, **shown_only)
            shell = gr.Code(label=label("models_shell"), language=None, lines=1, **shown_only)
            file = gr.DownloadButton(label("models_download"), size="md", interactive=False)
        with gr.Column(scale=3, min_width=320):
            pictures = gr.HTML(label=label("models_one"), padding=False)

    quiet = {"api_visibility": "private", "show_progress": "hidden"}
    drawing = {"api_visibility": "private", **ONE_AT_A_TIME}
    steps = [
        ((lambda name: (*code(name), download(name))), variant, [python, shell, file], quiet),
        (gains_html, test, gain, drawing),
        (pictures_html, variant, pictures, drawing),
    ]
    tab.select(table_html, None, table, **quiet)
    for function, choice, outputs, how in steps:
        gr.on([tab.select, choice.input], function, choice, outputs, trigger_mode="always_last", **how)
    if current.namespace():
        shown = [notice, table, variant, *(widget for each in tabs for widget in each.refreshed())]

        def state(request: gr.Request) -> dict:
            return {
                notice: notice_text(),
                table: table_html(request),
                variant: gr.update(**choices()),
                **{widget: update for each in tabs for widget, update in each.refreshed().items()},
            }

        def refresh(request: gr.Request) -> dict:
            current.refresh()
            return state(request)

        refreshed = button.click(refresh, None, shown, api_visibility="private")
        for function, choice, outputs, how in steps:
            refreshed.then(function, choice, outputs, **how)
        demo.load(state, None, shown, **quiet)  # somebody may have asked since the page was built


def choices() -> dict:
    return {"choices": sorted(current.variants().members), "value": default()}


def notice_text() -> str:
    """What is not as it was asked for, for the head of the page; empty where all is well."""
    told = current.variants().notice
    return remark(told) if told else ""
