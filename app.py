"""The web demo: bicubic, SRCNN and ground truth side by side. Start it with `python app.py`."""

import os
import tempfile
from pathlib import Path

from demo.server.folder import claim_folder  # which imports nothing that reads these variables
from srcnn.cli.stopping import tell_ctrl_c

tell_ctrl_c()

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # the page talks to nobody but its visitor
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")  # of small files, in a log that nobody watches
os.environ.setdefault("HF_HUB_VERBOSITY", "error")  # what goes wrong is told on the page and in the log, in a sentence
# A folder of our own: what lies there is deleted in the end. Gradio reads the variable when it is imported.
os.environ["GRADIO_TEMP_DIR"] = str(claim_folder(Path(os.environ.get("GRADIO_TEMP_DIR") or tempfile.gettempdir())))

import spaces  # noqa: F401, I001  on a ZeroGPU Space it must come before torch, elsewhere it does nothing

import argparse
import shutil
import sys
from functools import partial

import gradio as gr
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from demo.catalogue import start_catalogue
from demo.server.agents import adapt_tools
from demo.server.cleanup import delete_trainings, start_sweeping
from demo.server.connections import limit_connections
from demo.server.fair_queue import take_turns
from demo.server.guard import Guard, refuse_addresses
from demo.server.head import Head
from demo.server.shutdown import Traffic, shut_down_on_sigterm
from demo.static import STYLE_SHEETS
from demo.tabs.compare import build_compare_tab, preview_html
from demo.tabs.enlarge import build_enlarge_tab
from demo.tabs.learn import build_learn_tab
from demo.tabs.models import build_models_tab, notice_html, variants
from demo.tabs.train import build_train_tab
from demo.texts.language import I18N, page_text
from srcnn.hub.errors import HubError
from srcnn.hub.names import space_address
from srcnn.variants.catalogue import NAMESPACE_VARIABLE

BROWSER_SPACE_VARIABLE = "SRCNN_BROWSER_SPACE"  # of the environment: the Space with the page without a server
NO_TRAINING_VARIABLE = "SRCNN_NO_TRAINING"  # of the environment: not empty where visitors are not to train
FOLDER = Path(os.environ["GRADIO_TEMP_DIR"])
MAX_FILE_SIZE = "50mb"
MAX_WAITING = 64  # jobs in the queue
MAX_STORED = 5_000_000_000  # bytes of uploaded and produced files; beyond, the oldest are deleted early
KEPT_SECONDS, SWEEP_SECONDS = 3600, 600  # how long uploaded and produced files stay on the server; how often it looks
# Gradio's own are too pale to be read by everybody, and its fonts come from Google.
THEME = gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]).set(
    body_text_color_subdued="*neutral_600",
    body_text_color_subdued_dark="*neutral_300",
    block_info_text_color="*neutral_600",
    block_info_text_color_dark="*neutral_300",
    button_primary_background_fill="*primary_700",
    button_primary_background_fill_hover="*primary_800",
    button_primary_background_fill_dark="*primary_700",
    button_primary_background_fill_hover_dark="*primary_800",
    button_transition="none",  # half way from one look to another, no text can be read
)


def build(browser_page: str = "", trains: bool = True) -> gr.Blocks:
    """The page; `browser_page` is the address of the one without a server, if there is one.

    trains: whether visitors can train.
    """
    with gr.Blocks(title="SRCNN", delete_cache=(SWEEP_SECONDS, KEPT_SECONDS)) as demo:
        gr.Markdown(page_text("title"))
        if browser_page:
            gr.Button(page_text("browser_page"), link=browser_page, link_target="_blank", size="sm")
        notice = gr.HTML(notice_html(), padding=False)
        with gr.Tab(page_text("compare"), id="compare"):
            compared = build_compare_tab(demo)
        with gr.Tab(page_text("enlarge"), id="enlarge"):
            enlarged = build_enlarge_tab()
        with gr.Tab(page_text("models"), id="models") as models:
            build_models_tab(demo, models, notice, [compared, enlarged])
        if trains:
            with gr.Tab(page_text("train"), id="train", elem_id="train-tab") as train:
                build_train_tab(demo, train, [compared, enlarged])
        with gr.Tab(page_text("learn"), id="learn") as learn:
            build_learn_tab(learn)
        gr.Markdown(page_text("kept"), elem_classes="quiet")
        gr.api(variants)
    return demo


def _tab_names(demo: gr.Blocks) -> tuple[str, ...]:
    """The ids of the page's tabs, in order."""
    return tuple(block.id for block in demo.blocks.values() if isinstance(block, gr.Tab))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default=os.environ.get("GRADIO_SERVER_NAME"), help="address to listen on")
    parser.add_argument("--port", type=int, help="port to listen on; default: the first free one from 7860")
    parser.add_argument("--share", action="store_true", help="make a public link through Gradio's servers")
    parser.add_argument(
        "--namespace",
        default=os.environ.get(NAMESPACE_VARIABLE, ""),
        help="user or organisation of the Hub whose variants to show (default: the bundled ones)",
    )
    parser.add_argument(
        "--features",
        default=os.environ.get("SRCNN_FEATURES", ""),
        help="VGG-19 weights for perceptual distances, a safetensors file or a Hub repository (default: none measured)",
    )
    parser.add_argument(
        "--browser-space",
        metavar="NAMESPACE/NAME",
        default=os.environ.get(BROWSER_SPACE_VARIABLE, ""),
        help="Space of the Hub with the page without a server, to link to (default: no link)",
    )
    parser.add_argument(
        "--no-training",
        action="store_true",
        default=bool(os.environ.get(NO_TRAINING_VARIABLE)),
        help="leave out the tab in which visitors train networks",
    )
    args = parser.parse_args()
    try:
        browser_page = space_address(args.browser_space) if args.browser_space else ""
        start_catalogue(args.namespace, args.features)
    except HubError as error:
        sys.exit(str(error))
    refuse_addresses()
    adapt_tools()
    delete_trainings(FOLDER)
    start_sweeping(FOLDER, KEPT_SECONDS, MAX_STORED, SWEEP_SECONDS)
    demo = build(browser_page, not args.no_training).queue(max_size=MAX_WAITING, api_open=False)
    take_turns(demo)
    demo.launch(
        prevent_thread_lock=True,
        app_kwargs={
            "middleware": [
                Middleware(Traffic),
                Middleware(Guard),
                Middleware(GZipMiddleware),
                Middleware(Head, preview=partial(preview_html, tabs=_tab_names(demo))),
            ]
        },
        server_name=args.host,
        server_port=args.port,
        share=args.share,
        max_file_size=MAX_FILE_SIZE,
        theme=THEME,
        css_paths=STYLE_SHEETS,
        ssr_mode=False,
        footer_links=["api", "settings"],
        i18n=I18N,
        mcp_server=True,
        run_history=False,
        enable_monitoring=False,
    )
    limit_connections(demo)
    shut_down_on_sigterm(demo, FOLDER)
    demo.block_thread()
    shutil.rmtree(FOLDER, ignore_errors=True)


if __name__ == "__main__":
    main()
