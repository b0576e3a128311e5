"""How good a variant is: beside bicubic, on one picture or on a folder, by the protocol of the papers.

Luminance (BT.601, studio swing, rounded), mod-crop, MATLAB's bicubic reduction, network, rounding, `scale` pixels
shaved from each side, then PSNR and SSIM; a set's figure is the mean over its pictures.
"""

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from srcnn import images, metrics
from srcnn.color import grey_levels, luminance, rgb_to_ycbcr
from srcnn.degrade import Pair, make_pair, open_pair
from srcnn.engine import bands, super_resolve
from srcnn.features import Features, perceptual_distances
from srcnn.images import Picture
from srcnn.imresize import imresize, to_uint8
from srcnn.network import AnyNetwork
from srcnn.upscale import Canvas


@dataclass(frozen=True)
class Score:
    """psnr: dB, luminance. ssim: 0..1, luminance; NaN where the picture is smaller than SSIM's window.

    distance: features.feature_difference of the luminance, 0: looks the same; None where it was not asked for.
    """

    psnr: float
    ssim: float
    distance: float | None = None

    def rounded(self) -> dict[str, float | None]:
        """For JSON, which knows neither infinity nor NaN."""
        figures = {"psnr": round(self.psnr, 4), "ssim": round(self.ssim, 6)}
        if self.distance is not None:
            figures["distance"] = round(self.distance, 6)
        return {name: figure if math.isfinite(figure) else None for name, figure in figures.items()}


@dataclass(frozen=True)
class Degraded:
    """A ground truth, cut to a multiple of the scale, and what remains of it when it is reduced and enlarged again.

    colour: Cb and Cr enlarged by bicubic, (2, H, W) float32, 0..255; of a grey picture (0, H, W).
    """

    scale: int
    truth: Picture
    pair: Pair
    colour: Tensor

    def painted(self, luma: Tensor) -> Picture:
        """A result for the luminance, (H, W) grey levels 0..255, with the colours that every result has.

        In the papers' protocol, the luminance of a grey picture is its levels.
        """
        if len(self.colour) == 0:
            return Picture(to_uint8(luma.double()).numpy())
        canvas = Canvas(self.truth)
        for first, last in bands(*luma.shape):
            planes = torch.cat([luma[None, first:last].float(), self.colour[:, first:last]])
            canvas.paint(first, last, planes)
        return canvas.picture


@dataclass(frozen=True)
class Trio:
    """One ground truth and what bicubic and the network make of its reduced picture; all three of the same size, a
    multiple of the scale."""

    scale: int
    truth: Picture
    bicubic: Picture
    srcnn: Picture


@dataclass(frozen=True)
class Comparison(Trio):
    """The three pictures with their figures."""

    bicubic_score: Score
    srcnn_score: Score


@dataclass(frozen=True)
class Report:
    """A variant on a set of pictures."""

    names: list[str]
    bicubic_scores: list[Score]
    srcnn_scores: list[Score]

    @property
    def bicubic(self) -> Score:
        return mean(self.bicubic_scores)

    @property
    def srcnn(self) -> Score:
        return mean(self.srcnn_scores)


def degrade(picture: Picture, scale: int) -> Degraded:
    """Take a picture as ground truth; alpha is laid on white, 16 bits are rounded to 8.

    Raises ImageError for a picture that is too small for the scale.
    """
    picture = picture.flattened()
    pair = make_pair(luminance(picture.pixels), scale)
    truth = picture.crop(*pair.truth.shape)
    low = imresize(grey_levels(truth.pixels, torch.float32), 1 / scale)
    colour = imresize(rgb_to_ycbcr(low)[1:] if len(low) == 3 else low[1:], scale)
    return Degraded(scale, truth, pair, colour)


def compare(picture: Picture, model: AnyNetwork) -> Comparison:
    """A picture as ground truth, as `degrade` takes it, beside what bicubic and the network restore.

    Raises ImageError for a picture that is too small for the network's scale.
    """
    degraded = degrade(picture, model.scale)
    bicubic, luma = degraded.pair.bicubic, super_resolve(model, degraded.pair.input_of(model))
    pictures = degraded.painted(bicubic), degraded.painted(luma)
    return Comparison(
        degraded.scale, degraded.truth, *pictures, *scores([bicubic, luma], degraded.pair, degraded.scale)
    )


def evaluate(model: AnyNetwork, files: Iterable[str | os.PathLike], features: Features | None = None) -> Report:
    """Measure a variant on picture files; with `features`, the perceptual distance, too.

    Raises ImageError, naming the file, where one cannot be used.
    """
    report = Report([], [], [])
    for file in files:
        try:
            pair = open_pair(file, model.scale)
        except images.ImageError as error:
            raise images.ImageError(f"{Path(file).name}: {error}") from error
        report.names.append(Path(file).name)
        before, after = scores([pair.bicubic, super_resolve(model, pair.input_of(model))], pair, model.scale, features)
        report.bicubic_scores.append(before)
        report.srcnn_scores.append(after)
    return report


def scores(results: list[Tensor], pair: Pair, scale: int, features: Features | None = None) -> list[Score]:
    """The figures of several results for one truth."""
    measured, truth = [measured_part(luma, scale) for luma in results], metrics.shave(pair.truth, scale)
    distances = perceptual_distances(features, measured, truth) if features else [None] * len(results)
    return [
        Score(metrics.psnr(result, truth), metrics.ssim(result, truth), distance)
        for result, distance in zip(measured, distances, strict=True)
    ]


def measured_part(luma: Tensor, scale: int) -> Tensor:
    """A result in grey levels, rounded, without the border that papers leave out."""
    return metrics.shave(to_uint8(luma), scale)


def mean(scores: list[Score]) -> Score:
    def average(figures: list[float]) -> float:
        return sum(figures) / len(figures)

    measured = scores[0].distance is not None
    distance = average([score.distance for score in scores]) if measured else None
    return Score(average([score.psnr for score in scores]), average([score.ssim for score in scores]), distance)
