"""Strips of small pictures side by side, which the style sheet magnifies without smoothing."""

import html
from collections.abc import Iterable

from demo.texts.language import Reader, text_for
from demo.widgets.html import format_figure
from demo.widgets.pictures import data_url
from srcnn.imaging.picture import Picture
from srcnn.visuals.crops import Detail


def detail_strip(
    detail: Detail, reader: Reader, subject: str = "", scale: int | None = None, kind: str = "SRCNN"
) -> str:
    """A detail four times: low resolution, bicubic, network and truth, the results with their PSNR.

    subject: what it shows, for those who do not see it. scale: to be named with the low resolution. kind: of network.
    """
    low = text_for("low_resolution", reader)
    if scale:
        subject, low = f"{subject} x{scale}", f"{low} x{scale}"
    four = (
        magnified_figure(detail.low, low, subject=subject),
        magnified_figure(detail.bicubic, text_for("bicubic", reader), psnr_text(detail.bicubic_psnr), subject),
        magnified_figure(detail.srcnn, kind, psnr_text(detail.srcnn_psnr), subject),
        magnified_figure(detail.truth, text_for("truth", reader), subject=subject),
    )
    return strip_html(four)


def strip_html(pictures: Iterable[str]) -> str:
    return f"<div class='strip'>{''.join(pictures)}</div>"


def magnified_figure(picture: Picture, title: str, psnr: str = "", subject: str = "") -> str:
    """One picture of a strip."""
    return figure_html(picture, f"{subject}: {title}" if subject else title, f"{title} <span>{psnr}</span>")


def figure_html(picture: Picture, alt: str, caption: str) -> str:
    image = f'<img src="{data_url(picture)}" alt="{html.escape(alt)}">'
    return f"<figure>{image}<figcaption>{caption}</figcaption></figure>"


def psnr_text(psnr: float) -> str:
    return f"{format_figure(psnr, '.2f')} dB"
