"""Strips of small pictures side by side, which the style sheet magnifies without smoothing."""

import html
from collections.abc import Iterable

import gradio as gr

from demo.texts.language import say
from demo.widgets.html import number
from demo.widgets.pictures import data_address
from srcnn.imaging.picture import Picture
from srcnn.visuals.crops import Detail


def panels(
    detail: Detail, request: gr.Request, subject: str = "", scale: int | None = None, kind: str = "SRCNN"
) -> str:
    """A detail four times: low resolution, bicubic, network and truth, the results with their PSNR.

    subject: what it shows, for those who do not see it. scale: to be named with the low resolution. kind: of network.
    """
    low = say("low_resolution", request)
    if scale:
        subject, low = f"{subject} x{scale}", f"{low} x{scale}"
    four = (
        pixels(detail.low, low, subject=subject),
        pixels(detail.bicubic, say("bicubic", request), decibels(detail.bicubic_psnr), subject),
        pixels(detail.srcnn, kind, decibels(detail.srcnn_psnr), subject),
        pixels(detail.truth, say("truth", request), subject=subject),
    )
    return strip(four)


def strip(pictures: Iterable[str]) -> str:
    return f"<div class='strip'>{''.join(pictures)}</div>"


def pixels(picture: Picture, title: str, psnr: str = "", subject: str = "") -> str:
    """One picture of a strip."""
    return captioned(picture, f"{subject}: {title}" if subject else title, f"{title} <span>{psnr}</span>")


def captioned(picture: Picture, alt: str, caption: str) -> str:
    image = f'<img src="{data_address(picture)}" alt="{html.escape(alt)}">'
    return f"<figure>{image}<figcaption>{caption}</figcaption></figure>"


def decibels(psnr: float) -> str:
    return f"{number(psnr, '.2f')} dB"
