"""Models: the variants that the demo runs, their figures, where each comes from, and all about one of them."""

import gradio as gr

from demo.catalogue import current_catalogue, current_namespace, refresh_catalogue
from demo.job import ONE_JOB_AT_A_TIME
from demo.static import read_static
from demo.tabs.models_gains import gains_html
from demo.tabs.models_speed import measure_next
from demo.tabs.models_table import TEST_SETS, models_table_html
from demo.tabs.models_variant import code_samples, default_variant, offer_download, variant_pictures_html
from demo.texts.language import page_text
from demo.widgets.html import notice
from demo.widgets.settings import Settings
from srcnn.networks.base import count_parameters

_SORT_SCRIPT = read_static("sort.js")


def variants() -> list[dict]:
    """The variants that this demo runs, one that serves several scales once for each of them.

    name, network ("9-1-5", "VDSR": what the argument `network` of /compare and /enlarge takes), scale, loss,
    parameters (how many), multiply_adds (multiplications with a weight for each pixel of the result), size (bytes of
    model.safetensors), repository and commit on the Hub (null: bundled), results (by test set at this scale: psnr in
    dB, ssim, perhaps distance, as in its card; empty where it has none).
    """
    return [
        {
            "name": member.name,
            "network": member.model.config.title,
            "scale": scale,
            "loss": member.model.config.loss,
            "parameters": count_parameters(member.model),
            "multiply_adds": member.model.config.multiply_adds(scale),
            "size": member.size,
            "repository": member.repository or None,
            "commit": member.commit or None,
            "results": member.results.get(scale, {}),
        }
        for member in current_catalogue().members.values()
        for scale in member.model.config.scales
    ]


def build_models_tab(demo: gr.Blocks, tab: gr.Tab, notice: gr.HTML, tabs: list[Settings]) -> None:
    """`tabs`: the settings of Compare and of Enlarge, whose choices follow what is offered.

    Nothing is drawn, copied or measured before a visitor opens the tab.
    """
    gr.Markdown(page_text("models_hint"))
    scales = sorted({scale for member in current_catalogue().members.values() for scale in member.model.config.scales})
    every = [(page_text("models_every_scale"), ""), *((f"x{scale}", str(scale)) for scale in scales)]
    shown = gr.Radio(every, value="", label=page_text("scale"))
    shown.input(None, shown, None, js="scale => filterModels(scale)", api_visibility="private")
    table = gr.HTML(models_table_html(None), label=page_text("models"), padding=False, js_on_load=_SORT_SCRIPT)
    button = gr.Button(
        page_text("models_refresh"), size="md", elem_classes="refresh", visible=bool(current_namespace())
    )
    gr.Markdown(page_text("models_gain_text"))
    test = gr.Radio(TEST_SETS, value=TEST_SETS[0], label=page_text("models_test"))
    gain = gr.HTML(label=page_text("models_test"), padding=False)
    gr.Markdown(page_text("models_one_text"))
    shown_only = {"interactive": False, "wrap_lines": True, "show_line_numbers": False}
    with gr.Row():
        with gr.Column(scale=2, min_width=320):
            variant = gr.Dropdown(**_variant_choices(), label=page_text("models_variant"))
            python = gr.Code(label="Python", language=None, lines=6, **shown_only)
            shell = gr.Code(label=page_text("models_shell"), language=None, lines=1, **shown_only)
            file = gr.DownloadButton(page_text("models_download"), size="md", interactive=False)
        with gr.Column(scale=3, min_width=320):
            pictures = gr.HTML(label=page_text("models_one"), padding=False)

    quiet = {"api_visibility": "private", "show_progress": "hidden"}
    drawing = {"api_visibility": "private", **ONE_JOB_AT_A_TIME}
    steps = [
        ((lambda name: (*code_samples(name), offer_download(name))), variant, [python, shell, file], quiet),
        (gains_html, test, gain, drawing),
        (variant_pictures_html, variant, pictures, drawing),
    ]
    tab.select(models_table_html, None, table, **quiet)
    # One network after another, so that the jobs of other visitors come between them.
    left = gr.State(0)
    gr.on([tab.select, left.change], _measure_one_more, None, [table, left], trigger_mode="multiple", **drawing | quiet)
    for function, choice, outputs, how in steps:
        gr.on([tab.select, choice.input], function, choice, outputs, trigger_mode="always_last", **how)
    if current_namespace():
        compared, enlarged = tabs
        shown = [notice, table, variant, *compared.update_widgets(), *enlarged.update_widgets()]

        def state(request: gr.Request) -> dict:
            """But for Compare, where a page that opens shows what its address says."""
            told = {notice: notice_html(), table: models_table_html(request), variant: gr.update(**_variant_choices())}
            return told | enlarged.update_widgets()

        def refresh(request: gr.Request) -> dict:
            refresh_catalogue()
            return state(request) | compared.update_widgets()

        refreshed = button.click(refresh, None, shown, api_visibility="private")
        refreshed.then(_measure_one_more, None, [table, left], **drawing | quiet)
        for function, choice, outputs, how in steps:
            refreshed.then(function, choice, outputs, **how)
        demo.load(state, None, shown, **quiet)  # somebody may have asked since the page was built


def _measure_one_more(request: gr.Request) -> tuple[str, int]:
    """The table with one more time, and how many are missing."""
    left = measure_next()
    return models_table_html(request), left


def _variant_choices() -> dict:
    return {"choices": sorted(current_catalogue().members), "value": default_variant()}


def notice_html() -> str:
    """What is not as it was asked for, for the head of the page; empty where all is well."""
    told = current_catalogue().notice
    return notice(told) if told else ""
