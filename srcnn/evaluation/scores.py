"""How good a variant is on a set of pictures, beside bicubic, by the protocol of the papers.

Luminance (BT.601, studio swing, rounded), mod-crop, MATLAB's bicubic reduction, network, rounding, `scale` pixels
shaved from each side, then PSNR and SSIM; a set's figure is the mean over its pictures.
"""

import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from srcnn.data.degradation import Pair, Truth, make_pair, open_truth
from srcnn.data.own_pairs import Counterparts, open_result
from srcnn.data.picture_sets import name_apart
from srcnn.evaluation.metrics import psnr, shave, ssim
from srcnn.imaging.imresize import to_uint8
from srcnn.imaging.picture import ImageError
from srcnn.imaging.reading import printable_name
from srcnn.inference.engine import restore
from srcnn.networks.base import AnyNetwork
from srcnn.networks.vgg19 import Features, measure_perceptual_distances


@dataclass(frozen=True)
class Score:
    """psnr: dB, luminance. ssim: 0..1, luminance; NaN where the picture is smaller than SSIM's window.

    distance: the perceptual distance of the luminance to the truth, 0: looks the same; None where it was not asked for.
    """

    psnr: float
    ssim: float
    distance: float | None = None

    def text(self) -> str:
        """PSNR and SSIM as papers print them: 32.75 / 0.9090; a dash for an SSIM that is not known."""
        return f"{self.psnr:.2f} / {'-' if math.isnan(self.ssim) else f'{self.ssim:.4f}'}"

    def round_figures(self) -> dict[str, float | None]:
        """The figures for JSON, which knows neither infinity nor NaN: those become None."""
        figures = {"psnr": round(self.psnr, 6), "ssim": round(self.ssim, 8)}  # so that differences round as they are
        if self.distance is not None:
            figures["distance"] = round(self.distance, 6)
        return {name: figure if math.isfinite(figure) else None for name, figure in figures.items()}


@dataclass(frozen=True)
class Report:
    """A variant on a set of pictures."""

    names: list[str]
    bicubic_scores: list[Score]
    srcnn_scores: list[Score]

    @property
    def bicubic(self) -> Score:
        return _mean_score(self.bicubic_scores)

    @property
    def srcnn(self) -> Score:
        return _mean_score(self.srcnn_scores)


def evaluate(
    model: AnyNetwork,
    files: Iterable[str | os.PathLike],
    features: Features | None = None,
    open_file: Callable[[Path], Truth] = open_truth,
) -> Report:
    """Measure a variant on picture files; with `features`, the perceptual distance, too.

    open_file: what opens a picture file as truth, by default with a low-resolution picture that bicubic makes.
    Raises ImageError, naming the file, where one cannot be used.
    """

    def restore_picture(file: Path, truth: Truth, pair: Pair) -> Tensor:
        return restore(model, pair)

    return _measure(files, model.scale, restore_picture, features, open_file)


def evaluate_results(files: Iterable[str | os.PathLike], results: Counterparts, scale: int) -> Report:
    """Measure pictures that anybody's program made of the reduced truths, found by the names of these.

    files: the truths. Raises ImageError, naming the file, where one cannot be used or has no result.
    """

    def open_found(file: Path, truth: Truth, pair: Pair) -> Tensor:
        return open_result(results.find(file), truth, scale)

    return _measure(files, scale, open_found)


def _measure(
    files: Iterable[str | os.PathLike],
    scale: int,
    make_result: Callable[[Path, Truth, Pair], Tensor],
    features: Features | None = None,
    open_file: Callable[[Path], Truth] = open_truth,
) -> Report:
    """Bicubic and a result on each file. make_result: gives it in the levels of the truth, (H, W)."""
    files = list(map(Path, files))
    report = Report(name_apart(files), [], [])
    for file in files:
        try:
            truth = open_file(file)
            pair = make_pair(truth, scale)
            results = [pair.bicubic, make_result(file, truth, pair)]
        except ImageError as error:
            raise ImageError(f"{printable_name(file.name)}: {error}") from error
        before, after = score_results(results, pair, scale, features)
        report.bicubic_scores.append(before)
        report.srcnn_scores.append(after)
    return report


def score_results(results: list[Tensor], pair: Pair, scale: int, features: Features | None = None) -> list[Score]:
    """The figures of several results for one truth."""
    measured, truth = [round_and_shave(levels, scale) for levels in results], shave(pair.truth, scale)
    distances = measure_perceptual_distances(features, measured, truth) if features else [None] * len(results)
    return [
        Score(psnr(result, truth), ssim(result, truth), distance)
        for result, distance in zip(measured, distances, strict=True)
    ]


def round_and_shave(levels: Tensor, scale: int) -> Tensor:
    """A result in grey levels, rounded, without the border that papers leave out."""
    return shave(to_uint8(levels), scale)


def _mean_score(scores: list[Score]) -> Score:
    def average(figures: list[float]) -> float:
        return sum(figures) / len(figures)

    measured = scores[0].distance is not None
    distance = average([score.distance for score in scores]) if measured else None
    return Score(average([score.psnr for score in scores]), average([score.ssim for score in scores]), distance)
