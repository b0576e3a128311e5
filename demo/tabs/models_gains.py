"""How many dB each variant is above bicubic on a test set, as plots."""

import functools
from collections.abc import Iterable

import gradio as gr

from demo.catalogue import current_catalogue
from demo.texts.language import text_for
from demo.widgets.pictures import data_url
from demo.widgets.settings import network_name
from srcnn.evaluation.published_scores import AUTHORS_SCORES, BICUBIC_SCORES
from srcnn.naming import LOSS_TITLES
from srcnn.variants.catalogue import ARTICLE_NETWORK, Variant
from srcnn.visuals.plots import draw_gains


def gains_html(test: str, request: gr.Request) -> str:
    """A plot for each scale, on one measure."""
    members = current_catalogue().members.values()
    scales = sorted({scale for member in members for scale in member.model.config.scales} & set(BICUBIC_SCORES))
    found = {scale: gains_over_bicubic(members, scale, test) for scale in scales}
    reach = max((gain for each in found.values() for gain in each.values()), default=0)
    plots = "".join(
        f"<img class='ink' src='{data_url(_plot_of_gains(scale, tuple(each.items()), reach))}' "
        f"alt='{text_for('models_gain_alt', request, test=test, scale=scale, best=next(iter(each)))}'>"
        for scale, each in found.items()
    )
    return f"<div class='gains'>{plots}</div>"


@functools.lru_cache(32)
def _plot_of_gains(scale: int, found: tuple[tuple[str, float], ...], reach: float) -> bytes:
    return draw_gains(dict(found), f"x{scale}", reach)


def gains_over_bicubic(members: Iterable[Variant], scale: int, test: str) -> dict[str, float]:
    """PSNR above bicubic, dB, of the variants of a scale whose cards have this test set, and of the authors' weights.

    By what tells them apart, the best first: {"MSE 9-5-5": 2.44, "Authors' 9-5-5": 2.36, "MSE": 2.29}. Raises KeyError
    for a scale or a test set that is not in `published.BICUBIC`.
    """
    psnr = {f"Authors' {release.split(',')[0]}": scales[scale][test].psnr for release, scales in AUTHORS_SCORES.items()}
    for member in members:
        config, figures = member.model.config, member.results.get(scale, {}).get(test, {})
        if "psnr" in figures:
            network = "" if config.title == ARTICLE_NETWORK else f" {network_name(config.title).removeprefix('SRCNN ')}"
            psnr[LOSS_TITLES[config.loss] + network] = figures["psnr"]
    best_first = sorted(psnr, key=psnr.get, reverse=True)
    return {name: round(psnr[name] - BICUBIC_SCORES[scale][test].psnr, 2) for name in best_first}
