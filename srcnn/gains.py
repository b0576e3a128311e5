"""How many dB a variant is above bicubic on a test set, beside the weights that the authors released: as a plot."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from srcnn.family import ARTICLE, Member
from srcnn.plots import figure
from srcnn.published import AUTHORS, BICUBIC
from srcnn.naming import LOSS_TITLES

LARGE = 20  # points, on a sheet of 9 inches: it is shown half as wide


def gains(members: Iterable[Member], scale: int, test: str) -> dict[str, float]:
    """PSNR above bicubic, dB, of the variants of a scale whose cards have this test set, and of the authors' weights.

    By what tells them apart, the best first: {"MSE 9-5-5": 2.44, "Authors' 9-5-5": 2.36, "MSE": 2.29}. Raises KeyError
    for a scale or a test set that is not in `published.BICUBIC`.
    """
    psnr = {f"Authors' {release.split(',')[0]}": scales[scale][test].psnr for release, scales in AUTHORS.items()}
    for member in members:
        config, figures = member.model.config, member.results.get(scale, {}).get(test, {})
        if "psnr" in figures:
            network = "" if config.title == ARTICLE else f" {config.title}"
            psnr[LOSS_TITLES[config.loss] + network] = figures["psnr"]
    best_first = sorted(psnr, key=psnr.get, reverse=True)
    return {name: round(psnr[name] - BICUBIC[scale][test].psnr, 2) for name in best_first}


def draw_gains(gains: Mapping[str, float], title: str, reach: float, file: Path) -> None:
    """What `gains` gives as bars, the authors' in grey. reach: the largest gain, dB, among plots of one measure."""
    names = list(gains)
    colours = ["tab:gray" if name.startswith("Authors'") else "tab:blue" for name in names]
    with figure(file, rows=1, columns=1, width=9, height=1.3 + 0.65 * len(names)) as (axes,):
        bars = axes.barh(names, list(gains.values()), color=colours)
        axes.bar_label(bars, [f"{gain:+.2f}" for gain in gains.values()], padding=6, fontsize=LARGE)
        axes.set_title(title, fontsize=LARGE, loc="left", fontweight="bold")
        axes.set_xlim(min(0, *gains.values()), reach * 1.2)
        axes.tick_params(labelsize=LARGE, length=0)
        axes.set_xticks([])
        axes.invert_yaxis()  # the first on top
        axes.spines[["top", "right", "bottom"]].set_visible(False)
