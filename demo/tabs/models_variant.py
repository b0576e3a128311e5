"""One variant: how to use it, its file, how its training went; and how far the family is above bicubic."""

import functools
import shutil

import gradio as gr

from demo.catalogue import variants
from demo.texts.language import say
from demo.widgets.pictures import data_address, drawn, new_folder
from demo.widgets.settings import USUAL_SCALE, preferred
from srcnn.variants.catalogue import Member
from srcnn.variants.recipe import whole_history
from srcnn.visuals.plots import draw_crops, draw_curves

DEFAULT = "srcnn-x3-mse"
PYTHON = """\
from srcnn import load, open_picture, upscale

model = load("{place}"{scale_too})
upscale(open_picture("photo.jpg"), model).save("photo-x{scale}.png")
"""
SHELL = "python -m srcnn upscale photo.jpg -o photo-x{scale}.png --model {place}{scale_too}"


def default() -> str:
    members = variants().members
    return DEFAULT if DEFAULT in members else min(members)


def chosen(name: str) -> Member:
    """The variant at one of its scales. Where a refresh has taken it away, the one that the page shows next."""
    members = variants().members
    member = members.get(name) or members[default()]
    return member.at(preferred(list(member.model.config.scales), USUAL_SCALE))


def code(name: str) -> tuple[str, str]:
    """Python and the command line that enlarge a photograph with just these weights."""
    member = chosen(name)
    place = f"{member.repository}@{member.commit}" if member.repository else member.name
    facts, one_of_several = {"place": place, "scale": member.model.scale}, len(member.model.config.scales) > 1
    python, shell = (f", {facts['scale']}", f" --scale {facts['scale']}") if one_of_several else ("", "")
    return PYTHON.format(scale_too=python, **facts), SHELL.format(scale_too=shell, **facts)


def download(name: str) -> dict:
    """The weights under a name that tells them from the others; none where somebody has emptied the cache."""
    member = chosen(name)
    try:
        file = shutil.copyfile(member.file, new_folder() / f"{member.name}.safetensors")
    except OSError:
        return gr.update(value=None, interactive=False)
    return gr.update(value=str(file), interactive=True)


def pictures_html(name: str, request: gr.Request) -> str:
    """The curves of the training, where its weights tell of it, and what the variant does to a detail."""
    member = chosen(name)
    curves, title = curves_of(member), say("models_curves", request)
    told = drawn_html(curves, title, "ink") if curves else f"<p>{say('models_no_curves', request)}</p>"
    return told + drawn_html(crops_of(member), say("models_crops", request))


def drawn_html(picture: bytes, title: str, kind: str = "") -> str:
    image = f"<img class='{kind}' src='{data_address(picture)}' alt='{title}'>"
    box = f"<div class='wide' tabindex='0' role='region' aria-label='{title}'>{image}</div>"
    return f"<figure class='drawn'><figcaption>{title}</figcaption>{box}</figure>"


@functools.lru_cache(128)
def curves_of(member: Member) -> bytes | None:
    try:
        return drawn(draw_curves, whole_history(member.model.recipe))
    except (AttributeError, KeyError, TypeError, ValueError):  # no history, or anything: it is anybody's file
        return None


@functools.lru_cache(128)
def crops_of(member: Member) -> bytes:
    return drawn(draw_crops, member.model)
