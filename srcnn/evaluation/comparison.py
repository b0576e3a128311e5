"""One picture as ground truth: what bicubic and the networks restore of it, as pictures and with figures."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from srcnn.data.degradation import Pair, make_pair, truth_of
from srcnn.evaluation.scores import Score, score_results
from srcnn.imaging.color import luminance, rgb_to_ycbcr, to_grey_levels
from srcnn.imaging.conversion import AnyPicture, to_kind_of, to_picture
from srcnn.imaging.imresize import imresize, to_uint8
from srcnn.imaging.picture import Picture
from srcnn.inference.engine import restore, row_bands
from srcnn.inference.upscaling import Canvas
from srcnn.networks.base import AnyNetwork
from srcnn.networks.vgg19 import Features, measure_perceptual_distances


@dataclass(frozen=True)
class Degraded:
    """A ground truth, cut to a multiple of the scale, and what remains of it when it is reduced and enlarged again.

    colour: Cb and Cr enlarged by bicubic, (2, H, W) float32, 0..255; of a grey picture (0, H, W).
    """

    scale: int
    truth: Picture
    pair: Pair
    colour: Tensor

    def paint_result(self, levels: Tensor) -> Picture:
        """A result, (H, W) levels as of the pair's truth, with the colours that every result has."""
        if self.pair.grey:
            return Picture(to_uint8(levels.double()).numpy())
        canvas = Canvas(self.truth)
        for rows in row_bands(*levels.shape):
            canvas.paint((rows, slice(None)), torch.cat([levels[None, rows].float(), self.colour[:, rows]]))
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


def degrade(picture: Picture, scale: int) -> Degraded:
    """Take a picture as ground truth; alpha is laid on white, 16 bits are rounded to 8.

    Raises ImageError for a picture that is too small for the scale.
    """
    picture = picture.flattened()
    pair = make_pair(truth_of(picture), scale)
    truth = picture.crop(*pair.truth.shape)
    low = imresize(to_grey_levels(truth.pixels, torch.float32), 1 / scale)
    colour = imresize(rgb_to_ycbcr(low)[1:] if len(low) == 3 else low[1:], scale)
    return Degraded(scale, truth, pair, colour)


def compare(picture: AnyPicture, model: AnyNetwork, scale: int | None = None) -> Comparison:
    """A picture as ground truth, as `degrade` takes it, beside what bicubic and the network restore.

    picture: what `to_picture` takes; the three pictures of the result are of the same kind, and Pictures for a path.
    scale: as for `upscale`.
    Raises ImageError for a picture that cannot be used, as one that is too small for the scale; ValueError for a scale
    that the network does not serve.
    """
    model = model.for_scale(scale)
    degraded = degrade(to_picture(picture), model.scale)
    bicubic, result = degraded.pair.bicubic, restore(model, degraded.pair)
    pictures = degraded.truth, degraded.paint_result(bicubic), degraded.paint_result(result)
    return Comparison(
        degraded.scale,
        *(to_kind_of(picture, each) for each in pictures),
        *score_results([bicubic, result], degraded.pair, degraded.scale),
    )


BICUBIC_ROW = "Bicubic"  # the name of the first row
_DISTANCE_SIDE_PIXELS = 256  # VGG-19 takes half a second on a CPU for so many pixels squared


@dataclass(frozen=True)
class LossResult:
    """One result: whose it is, how good, and what it looks like, in the size of the mod-cropped truth."""

    name: str
    score: Score
    picture: Picture


def compare_losses(picture: Picture, models: dict[str, AnyNetwork]) -> Iterator[LossResult]:
    """Bicubic, then each network on one picture, taken as ground truth: a row as soon as it is measured.

    The picture is reduced and enlarged once for all. Raises ValueError for networks of different scales, or none,
    ImageError for a picture that is too small for the scale.
    """
    degraded = degrade(picture, _common_scale(models.values()))

    def make_row(name: str, levels: Tensor) -> LossResult:
        (score,) = score_results([levels], degraded.pair, degraded.scale)
        return LossResult(name, score, degraded.paint_result(levels))

    yield make_row(BICUBIC_ROW, degraded.pair.bicubic)
    for name, model in models.items():
        yield make_row(name, restore(model, degraded.pair))


def measure_distances(rows: Sequence[LossResult], truth: Picture, features: Features) -> list[LossResult]:
    """The rows with their perceptual distance to the truth, of the middle `_DISTANCE_SIDE_PIXELS` x as many pixels.

    truth: the picture that was given to `compare_losses`.
    """
    truth = truth.flattened().crop(rows[0].picture.height, rows[0].picture.width)
    wanted, *planes = (
        luminance(picture.centre(_DISTANCE_SIDE_PIXELS).pixels) for picture in (truth, *(row.picture for row in rows))
    )
    distances = measure_perceptual_distances(features, planes, wanted)
    return [
        replace(row, score=replace(row.score, distance=distance)) for row, distance in zip(rows, distances, strict=True)
    ]


def _common_scale(models: Iterable[AnyNetwork]) -> int:
    scales = {model.scale for model in models}
    if len(scales) != 1:
        raise ValueError("Variants can be compared where there are some, all of one and the same scale.")
    return scales.pop()
