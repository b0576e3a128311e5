"""What the Learn tab shows, computed from the variants in use: the layers at work, each loss, each limit, and the
networks that followed."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import spaces

from demo.catalogue import variants
from demo.widgets.examples import example
from srcnn.imaging.color import luminance
from srcnn.imaging.picture import Picture
from srcnn.naming import LOSSES, SCALES
from srcnn.networks.architectures import NETWORKS
from srcnn.networks.base import Network, count_layers, parameter_count, receptive_field
from srcnn.networks.config import NetworkConfig
from srcnn.training.losses import PIXEL_LOSS_FUNCTIONS
from srcnn.variants.catalogue import ARTICLE, Member
from srcnn.visuals.crops import Detail, shown_on
from srcnn.visuals.filters import feature_maps, filters, mapping, reconstruction
from srcnn.visuals.rendering import framed

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
RIM = ("coffee", 162, 342, 72)


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


@dataclass(frozen=True)
class Successor:
    """A network, and what it makes of a detail. layers: how many; field: the side of what it sees, enlarged pixels."""

    config: NetworkConfig
    parameters: int
    layers: int
    field: int
    detail: Detail

    @property
    def reduced(self) -> bool:
        """Whether it is smaller than the paper's network."""
        return self.config.size == "reduced"


def scales() -> list[int]:
    """Those for which there is the article's network, trained with any loss."""
    return [scale for scale in SCALES if losses(scale)]


def losses(scale: int) -> list[str]:
    """Those that the article's network was trained with for this scale."""
    return [loss for loss in LOSSES if variants().find(scale, loss)]


def largest() -> int:
    return max(scales(), default=max(SCALES))


def kept(function: Callable):
    """Keep what was computed from choices for as long as the same variants are in use."""

    @functools.lru_cache(KEPT)
    def remembered(members: tuple[Member, ...], *choices):
        return function(*choices)

    return functools.wraps(function)(lambda *choices: remembered((*variants().members.values(),), *choices))


@kept
@spaces.GPU
def steps(photograph: str, scale: int, loss: str) -> Steps:
    """Raises VariantError where there is no such variant."""
    model = chosen(scale, loss)
    detail = shown(PLACES[photograph], model)
    first, second, _ = feature_maps(model, luminance(detail.bicubic.pixels))
    weights = filters(model), filters(model, acting=True), mapping(model)
    return Steps(*weights, reconstruction(model), first, second, detail)


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
    field = receptive_field(model)
    return Limits(
        largest(),
        field,
        scales={scale: shown(GRAIN, each) for scale, each in best.items()},
        text=shown(TEXT, model),
        face=shown(FACE, model),
        surroundings=framed(shown(FUR, model), field),
    )


@kept
@spaces.GPU
def succession() -> list[Successor]:
    """The article's network and those that followed, on a detail at the largest scale; none where nothing followed."""
    first, *later = (best_of(architecture, largest()) for architecture in NETWORKS)
    return [successor(member.model) for member in (first, *later) if member] if first and any(later) else []


def best_of(architecture: str, scale: int) -> Member | None:
    """Of the networks of a kind, trained for PSNR: the paper's, else a larger, else a reduced one."""
    family = variants()

    found = [
        member
        for network in family.networks()
        for loss in PIXEL_LOSS_FUNCTIONS
        if (member := family.find(scale, loss, network)) and member.model.config.architecture == architecture
    ]
    return min(found, key=lambda member: ("", "larger", "reduced").index(member.model.config.size), default=None)


def successor(model: Network) -> Successor:
    facts = parameter_count(model), count_layers(model), receptive_field(model)
    return Successor(model.config, *facts, shown(RIM, model))


def chosen(scale: int, loss: str) -> Network:
    (member,) = variants().chosen(scale, loss, ARTICLE)
    return member.model


def shown(place: Place, model: Network) -> Detail:
    photograph, x, y, side = place
    return shown_on(example(photograph), model, x, y, side)
