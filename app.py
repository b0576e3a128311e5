"""The web demo: bicubic, SRCNN and ground truth side by side. Start it with `python app.py`."""

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # the page talks to nobody but its visitor

import argparse
import functools
import tempfile
from pathlib import Path

import gradio as gr
import skimage.data

from srcnn import SRCNN, evaluate, images, upscale, variants
from srcnn.images import ImageError, Picture

MAX_FILE_SIZE = "50mb"
MAX_COMPARED = 16_000_000  # pixels of a ground truth
MAX_ENLARGED = 64_000_000  # pixels of an enlarged picture
SHOWN_SIDE = 2048  # larger pictures are shown by their middle; figures and downloads are of the whole
KEPT_SECONDS = 3600  # how long uploaded and produced files stay on the server
EXAMPLES = ("astronaut", "chelsea", "coffee", "rocket", "camera")  # scikit-image's public-domain photographs

INTRODUCTION = """\
# SRCNN
Three convolutions that started deep super-resolution. A photograph is reduced, enlarged again by bicubic interpolation and by
[SRCNN](https://arxiv.org/abs/1501.00092), and measured against the original.
"""
PROTOCOL = """\
PSNR and SSIM are those of the papers: luminance only (BT.601), MATLAB's bicubic reduction, a border as wide as the scale left out.
"""
CSS = """
.gradio-container { max-width: 1400px !important; margin: 0 auto !important; }
table.scores { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
table.scores th, table.scores td { padding: .5em .75em; text-align: right; border-bottom: 1px solid var(--border-color-primary); }
table.scores th:first-child { text-align: left; }
table.scores tr.gain td, table.scores tr.gain th { font-weight: 600; border-bottom: none; }
"""


class PictureFile(gr.Image):
    """An upload field that hands over the file as it came: `srcnn.images` opens it, with its own checks and messages."""

    is_template = True  # for the page it is a plain gr.Image

    def __init__(self, **kwargs) -> None:
        super().__init__(type="filepath", image_mode=None, sources=["upload", "clipboard"], **kwargs)

    def preprocess(self, payload) -> str | None:
        return payload.path if payload else None


@functools.cache
def model_of(scale: int, loss: str) -> SRCNN:
    return variants.load(variants.name_of(scale, loss)).to(upscale.best_device())


def compare(file: str | None, scale: int, loss: str):
    """Reduce a picture, enlarge it again by bicubic and by SRCNN, and measure both against the picture itself.

    Args:
        file: the ground truth, a picture of any common format.
        scale: how many times to reduce and enlarge it: 2, 3 or 4.
        loss: the loss that the network was trained with.
    """
    result = evaluate.compare(opened(file, MAX_COMPARED), model_of(scale, loss))
    bicubic, srcnn, truth = (store(picture.centre(SHOWN_SIDE), name) for name, picture in parts(result))
    return (bicubic, srcnn), (srcnn, truth), score_table(result), figures(result, scale, loss)


def parts(result: evaluate.Comparison) -> list[tuple[str, Picture]]:
    return [("bicubic", result.bicubic), ("srcnn", result.srcnn), ("ground-truth", result.truth)]


def enlarge(file: str | None, scale: int, loss: str):
    """Enlarge a picture by SRCNN.

    Args:
        file: a picture of any common format.
        scale: how many times to enlarge it: 2, 3 or 4.
        loss: the loss that the network was trained with.
    """
    picture = opened(file, MAX_ENLARGED // scale**2)
    srcnn = upscale.upscale(picture, model_of(scale, loss))
    bicubic = upscale.upscale_bicubic(picture, scale)
    download = store(srcnn, f"{Path(file).stem}-x{scale}")
    shown = tuple(store(part.centre(SHOWN_SIDE), name) for name, part in (("bicubic", bicubic), ("srcnn", srcnn)))
    return shown, gr.DownloadButton(value=download, interactive=True), size_note(picture, srcnn)


def opened(file: str | None, max_pixels: int) -> Picture:
    if not file:
        raise gr.Error("There is no picture yet: upload one or choose an example.", title="No picture")
    return images.open(file, max_pixels)


def store(picture: Picture, name: str) -> str:
    """Write a PNG where Gradio serves and later deletes it. As a file it is sent as it is: lossless."""
    cache = Path(gr.Image.GRADIO_CACHE)
    cache.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(dir=cache)) / f"{name}.png"
    images.save(picture, path)
    return str(path)


def score_table(result: evaluate.Comparison) -> str:
    """The figures as a table. Built from numbers only, so nothing a visitor sends becomes HTML."""
    rows = [("Bicubic", result.bicubic_score), ("SRCNN", result.srcnn_score)]
    lines = [f"<tr><th scope=row>{name}</th><td>{s.psnr:.2f}</td><td>{s.ssim:.4f}</td></tr>" for name, s in rows]
    gain_ssim = result.srcnn_score.ssim - result.bicubic_score.ssim
    lines.append(f"<tr class=gain><th scope=row>Gain</th><td>{result.gain:+.2f}</td><td>{gain_ssim:+.4f}</td></tr>")
    head = "<tr><th scope=col>Against the original</th><th scope=col>PSNR-Y, dB</th><th scope=col>SSIM</th></tr>"
    return f"<table class=scores><thead>{head}</thead><tbody>{''.join(lines)}</tbody></table>"


def figures(result: evaluate.Comparison, scale: int, loss: str) -> dict:
    return {
        "model": variants.name_of(scale, loss),
        "scale": scale,
        "width": result.truth.width,
        "height": result.truth.height,
        "bicubic": result.bicubic_score.rounded(),
        "srcnn": result.srcnn_score.rounded(),
    }


def size_note(before: Picture, after: Picture) -> str:
    note = f"{before.width} x {before.height} became {after.width} x {after.height} pixels."
    if max(after.width, after.height) > SHOWN_SIDE:
        note += f" The slider shows the middle {SHOWN_SIDE} pixels, the download is the whole picture."
    return note


def with_messages(function):
    """What a visitor did wrong appears as one sentence on the page; the page goes on working."""

    @functools.wraps(function)
    def wrapped(*args):
        try:
            return function(*args)
        except ImageError as error:
            raise gr.Error(str(error), title="This picture cannot be used") from error
        except variants.VariantError as error:
            raise gr.Error(str(error), title="This variant cannot be used") from error

    return wrapped


def example_files() -> list[str]:
    """scikit-image's photographs as PNG files, written once a start."""
    folder = Path(tempfile.mkdtemp(prefix="srcnn-examples-"))
    for name in EXAMPLES:
        images.save(Picture(getattr(skimage.data, name)()), folder / f"{name}.png")
    return [str(folder / f"{name}.png") for name in EXAMPLES]


def build() -> gr.Blocks:
    examples = example_files()
    with gr.Blocks(title="SRCNN", delete_cache=(600, KEPT_SECONDS)) as demo:
        gr.Markdown(INTRODUCTION)
        with gr.Tab("Compare"):
            compare_tab(demo, examples)
        with gr.Tab("Enlarge"):
            enlarge_tab(examples)
    return demo


def choices(label: str, examples: list[str], first: str | None) -> tuple[PictureFile, gr.Radio, gr.Dropdown]:
    """The column that both tabs have: the picture, the scale and the loss."""
    picture = PictureFile(value=first, label=label, height=280)
    scale = gr.Radio([(f"x{n}", n) for n in (2, 3, 4)], value=3, label="Scale")
    losses = sorted({name.split("-")[-1] for name in variants.bundled()})
    loss = gr.Dropdown([(name.upper(), name) for name in losses], value="mse", label="Trained with the loss")
    gr.Examples(examples, inputs=picture, label="Example photographs")
    return picture, scale, loss


def compare_tab(demo: gr.Blocks, examples: list[str]) -> None:
    with gr.Row():
        with gr.Column(scale=1, min_width=300):
            picture, scale, loss = choices("Ground truth", examples, first=examples[0])
        with gr.Column(scale=3):
            with gr.Row():
                left = slider("Bicubic | SRCNN")
                right = slider("SRCNN | Ground truth")
            table = gr.HTML()
            gr.Markdown(PROTOCOL)
    data = gr.JSON(visible=False)
    inputs, outputs = [picture, scale, loss], [left, right, table, data]
    run = with_messages(compare)
    demo.load(run, inputs, outputs, api_visibility="private")
    gr.on(
        [picture.upload, picture.change, scale.change, loss.change],
        run, inputs, outputs, api_name="compare", trigger_mode="always_last",
    )


def enlarge_tab(examples: list[str]) -> None:
    with gr.Row():
        with gr.Column(scale=1, min_width=300):
            picture, scale, loss = choices("Picture to enlarge", examples, first=None)
        with gr.Column(scale=3):
            shown = slider("Bicubic | SRCNN")
            note = gr.Markdown()
            download = gr.DownloadButton("Download PNG", interactive=False)
    gr.on(
        [picture.change, scale.change, loss.change],
        with_messages(enlarge), [picture, scale, loss], [shown, download, note],
        api_name="enlarge", trigger_mode="always_last",
    )


def slider(label: str) -> gr.ImageSlider:
    return gr.ImageSlider(label=label, format="png", interactive=False, max_height=720)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"), help="address to listen on")
    parser.add_argument("--port", type=int, help="default: 7860, or the next free one")
    parser.add_argument("--share", action="store_true", help="make a public link through Gradio's servers")
    args = parser.parse_args()
    theme = gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
    build().queue(max_size=64).launch(
        server_name=args.host, server_port=args.port, share=args.share, max_file_size=MAX_FILE_SIZE,
        theme=theme, css=CSS, ssr_mode=False, footer_links=["api"], show_error=False,
    )


if __name__ == "__main__":
    main()
