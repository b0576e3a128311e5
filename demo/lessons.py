"""What the Learn tab shows, computed from the variants in use: the layers at work, each loss, each limit."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import spaces

from demo import current
from demo.examples import example
from demo.parts import DEFAULT_NETWORK
from srcnn import anatomy, limits
from srcnn.color import luminance
from srcnn.detail import Detail
from srcnn.family import Member
from srcnn.images import Picture
from srcnn.losses import LOSSES
from srcnn.model import SRCNN
from srcnn.variants import SCALES, name_of

KEPT = 32  # results, of at most 2 MB each
Place = tuple[str, int, int, int]  # one of scikit-image's photographs, and a detail of it: x, y, side
PLACES: dict[str, Place] = {  # what the layers are shown on; always the same, so that scales and losses can be compared
    "astronaut": ("astronaut", 222, 108, 96),
    "chelsea": ("chelsea", 168, 96, 96),
    "coffee": ("coffee", 360, 288, 96),
    "rocket": ("rocket", 588, 372, 96),
    "camera": ("camera", 240, 96, 96),
}
GRAIN, FUR = ("coffee", 48, 306, 96), ("chelsea", 189, 70, 96)
TEXT, FACE = ("page", 120, 60, 96), ("astronaut", 226, 112, 72)


@dataclass(frozen=True)
class Steps:
    """The weights of the three layers and what they make of a detail, as pictures."""

    learned: Picture
    acting: Picture
    mapping: Picture
    reconstruction: Picture
    first: Picture
    second: Picture
    detail: Detail


@dataclass(frozen=True)
class Limits:
    """A detail for each limit; all but `scales` at `scale`, the largest. field: the side of what the network sees."""

    scale: int
    field: int
    scales: dict[int, Detail]
    text: Detail
    face: Detail
    surroundings: Detail


def scales() -> list[int]:
    """Those for which there is the article's network, trained with any loss."""
    return [scale for scale in SCALES if losses(scale)]


def losses(scale: int) -> list[str]:
    """Those that the article's network was trained with for this scale."""
    return [loss for loss in LOSSES if name_of(scale, loss) in current.variants().members]


def largest() -> int:
    return max(scales(), default=max(SCALES))


def kept(function: Callable):
    """Keep what was computed from choices for as long as the same variants are in use."""

    @functools.lru_cache(KEPT)
    def remembered(members: tuple[Member, ...], *choices):
        return function(*choices)

    return functools.wraps(function)(lambda *choices: remembered((*current.variants().members.values(),), *choices))


@kept
@spaces.GPU
def steps(photograph: str, scale: int, loss: str) -> Steps:
    """Raises VariantError where there is no such variant."""
    model = chosen(scale, loss)
    detail = shown(PLACES[photograph], model)
    first, second, _ = anatomy.feature_maps(model, luminance(detail.bicubic.pixels))
    weights = anatomy.filters(model), anatomy.filters(model, acting=True), anatomy.mapping(model)
    return Steps(*weights, anatomy.reconstruction(model), first, second, detail)


@kept
@spaces.GPU
def by_loss() -> dict[str, Detail]:
    """A face at the largest scale, by the network trained with each loss."""
    return {loss: shown(FACE, chosen(largest(), loss)) for loss in losses(largest())}


@kept
@spaces.GPU
def limited() -> Limits:
    """Raises VariantError where there is no variant at all of the article's network."""
    best = {scale: chosen(scale, losses(scale)[0]) for scale in scales()}
    model = best.get(largest()) or chosen(largest(), LOSSES[0])
    field = limits.receptive_field(model)
    return Limits(
        largest(),
        field,
        scales={scale: shown(GRAIN, each) for scale, each in best.items()},
        text=shown(TEXT, model),
        face=shown(FACE, model),
        surroundings=limits.framed(shown(FUR, model), field),
    )


def chosen(scale: int, loss: str) -> SRCNN:
    (member,) = current.variants().chosen(scale, loss, DEFAULT_NETWORK)
    return member.model


def shown(place: Place, model: SRCNN) -> Detail:
    photograph, x, y, side = place
    return limits.shown_on(example(photograph), model, x, y, side)
