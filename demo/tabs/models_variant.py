"""One variant: how to use it, its file, how its training went; and how far the family is above bicubic."""

import functools
import os
import shutil

import gradio as gr

from demo.catalogue import current_catalogue, current_namespace
from demo.texts.language import text_for
from demo.widgets.examples import examples_folder
from demo.widgets.pictures import data_url
from demo.widgets.settings import DEFAULT_SCALE, first_offered
from srcnn.atomic_files import write_atomically
from srcnn.variants.card import package_address
from srcnn.variants.catalogue import Variant
from srcnn.variants.recipe import list_curves
from srcnn.visuals.plots import draw_crops, draw_curves

_DEFAULT_VARIANT = "srcnn-x3-mse"
_PYTHON_SAMPLE = """\
# {install}
from srcnn import load, open_picture, upscale

model = load("{place}"{scale_too})
upscale(open_picture("photo.jpg"), model).save("photo-x{scale}.png")
"""
_SHELL_SAMPLE = "python -m srcnn upscale photo.jpg -o photo-x{scale}.png --model {place}{scale_too}"


def default_variant() -> str:
    members = current_catalogue().members
    return _DEFAULT_VARIANT if _DEFAULT_VARIANT in members else min(members)


def _chosen_variant(name: str) -> Variant:
    """The variant at one of its scales. Where a refresh has taken it away, the one that the page shows next."""
    members = current_catalogue().members
    member = members.get(name) or members[default_variant()]
    return member.for_scale(first_offered(list(member.model.config.scales), DEFAULT_SCALE))


def code_samples(name: str) -> tuple[str, str]:
    """Python and the command line that enlarge a photograph with just these weights."""
    member = _chosen_variant(name)
    place = f"{member.repository}@{member.commit}" if member.repository else member.name
    facts, one_of_several = {"place": place, "scale": member.model.scale}, len(member.model.config.scales) > 1
    facts["install"] = _install_command()
    python, shell = (f", {facts['scale']}", f" --scale {facts['scale']}") if one_of_several else ("", "")
    return _PYTHON_SAMPLE.format(scale_too=python, **facts), _SHELL_SAMPLE.format(scale_too=shell, **facts)


def _install_command() -> str:
    """What installs the package: from the Space that the app runs in or the namespace's, else from its folder."""
    namespace = current_namespace()
    space = os.environ.get("SPACE_ID") or (f"{namespace}/srcnn" if namespace else "")
    return f"pip install {package_address(space)}" if space else "pip install .  # in the project's folder"


def offer_download(name: str) -> dict:
    """The weights under a name that tells them from the others; none where somebody has emptied the cache.

    All visitors get the same copy, which is made when the first one asks.
    """
    member = _chosen_variant(name)
    try:
        file = examples_folder() / (member.commit or "bundled") / f"{member.name}.safetensors"
        if not file.exists():
            file.parent.mkdir(exist_ok=True)
            with write_atomically(file) as temporary:
                shutil.copyfile(member.file, temporary)
    except OSError:
        return gr.update(value=None, interactive=False)
    return gr.update(value=str(file), interactive=True)


def variant_pictures_html(name: str, request: gr.Request) -> str:
    """The curves of the training, where its weights tell of it, and what the variant does to a detail."""
    member = _chosen_variant(name)
    curves, title = _plot_of_curves(member), text_for("models_curves", request)
    told = _plot_figure_html(curves, title, "ink") if curves else f"<p>{text_for('models_no_curves', request)}</p>"
    return told + _plot_figure_html(_plot_of_crops(member), text_for("models_crops", request))


def _plot_figure_html(picture: bytes, title: str, kind: str = "") -> str:
    image = f"<img class='{kind}' src='{data_url(picture)}' alt='{title}'>"
    box = f"<div class='wide' tabindex='0' role='region' aria-label='{title}'>{image}</div>"
    return f"<figure class='drawn'><figcaption>{title}</figcaption>{box}</figure>"


@functools.lru_cache(128)
def _plot_of_curves(member: Variant) -> bytes | None:
    try:
        return draw_curves(list_curves(member.model.recipe))
    except Exception:  # no history, or anything: it is anybody's file
        return None


@functools.lru_cache(128)
def _plot_of_crops(member: Variant) -> bytes:
    return draw_crops(member.model)
