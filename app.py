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
