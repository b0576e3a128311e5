"""What the Learn tab shows, computed from the variants in use: the layers at work, each loss, each limit, and the
networks that followed."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import spaces

from demo.catalogue import current_catalogue
from demo.widgets.examples import open_example
from srcnn.imaging.picture import Picture
from srcnn.imaging.planes import to_planes
from srcnn.naming import LOSSES, SCALES
from srcnn.networks.architectures import NETWORKS
from srcnn.networks.base import Network, count_layers, count_parameters, receptive_field_pixels
from srcnn.networks.config import NetworkConfig
from srcnn.training.losses import PIXEL_LOSS_FUNCTIONS
from srcnn.variants.catalogue import ARTICLE_NETWORK, Variant
from srcnn.visuals.crops import Detail, compare_detail
from srcnn.visuals.filters import draw_feature_maps, draw_first_layer, draw_second_layer, draw_third_layer
from srcnn.visuals.rendering import frame_details

_KEPT_RESULTS = 32  # results, of at most 2 MB each
PhotographDetail = tuple[str, int, int, int]  # one of scikit-image's photographs, and a detail of it: x, y, side
LAYER_DETAILS: dict[
    str, PhotographDetail
] = {  # what the layers are shown on; always the same, so that scales and losses can be compared
    "astronaut": ("astronaut", 222, 108, 96),
    "chelsea": ("chelsea", 168, 96, 96),
    "coffee": ("coffee", 360, 288, 96),
    "rocket": ("rocket", 588, 372, 96),
    "camera": ("camera", 240, 96, 96),
}
_GRAIN_DETAIL, _FUR_DETAIL = ("coffee", 48, 306, 96), ("chelsea", 189, 70, 96)
_TEXT_DETAIL, _FACE_DETAIL = ("page", 120, 60, 96), ("astronaut", 226, 112, 72)
_RIM_DETAIL = ("coffee", 162, 342, 72)


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


def offered_scales() -> list[int]:
    """Those for which there is the article's network, trained with any loss."""
    return [scale for scale in SCALES if offered_losses(scale)]


def offered_losses(scale: int) -> list[str]:
    """Those that the article's network was trained with for this scale."""
    return [loss for loss in LOSSES if current_catalogue().find(scale, loss)]


def largest_scale() -> int:
    return max(offered_scales(), default=max(SCALES))


def _keep_for_variants(function: Callable):
    """Keep what was computed from choices for as long as the same variants are in use."""

    @functools.lru_cache(_KEPT_RESULTS)
    def compute_once(members: tuple[Variant, ...], *choices):
        return function(*choices)

    return functools.wraps(function)(lambda *choices: compute_once((*current_catalogue().members.values(),), *choices))


@_keep_for_variants
@spaces.GPU
def compute_steps(photograph: str, scale: int, loss: str) -> Steps:
    """Raises VariantError where there is no such variant."""
    model = _find_network(scale, loss)
    detail = _show_detail_by(LAYER_DETAILS[photograph], model)
    first, second, _ = draw_feature_maps(model, to_planes(detail.bicubic)[0])
    weights = draw_first_layer(model), draw_first_layer(model, acting=True), draw_second_layer(model)
    return Steps(*weights, draw_third_layer(model), first, second, detail)


@_keep_for_variants
@spaces.GPU
def compare_by_loss() -> dict[str, Detail]:
    """A face at the largest scale, by the network trained with each loss."""
    return {
        loss: _show_detail_by(_FACE_DETAIL, _find_network(largest_scale(), loss))
        for loss in offered_losses(largest_scale())
    }


@_keep_for_variants
@spaces.GPU
def compute_limits() -> Limits:
    """Raises VariantError where there is no variant at all of the article's network."""
    best = {scale: _find_network(scale, offered_losses(scale)[0]) for scale in offered_scales()}
    model = best.get(largest_scale()) or _find_network(largest_scale(), LOSSES[0])
    field = receptive_field_pixels(model)
    return Limits(
        largest_scale(),
        field,
        scales={scale: _show_detail_by(_GRAIN_DETAIL, each) for scale, each in best.items()},
        text=_show_detail_by(_TEXT_DETAIL, model),
        face=_show_detail_by(_FACE_DETAIL, model),
        surroundings=frame_details(_show_detail_by(_FUR_DETAIL, model), field),
    )


@_keep_for_variants
@spaces.GPU
def compute_succession() -> list[Successor]:
    """The article's network and those that followed, on a detail at the largest scale; none where nothing followed."""
    first, *later = (best_variant(architecture, largest_scale()) for architecture in NETWORKS)
    return [_describe_successor(member.model) for member in (first, *later) if member] if first and any(later) else []


def best_variant(architecture: str, scale: int) -> Variant | None:
    """Of the networks of a kind, trained for PSNR: the paper's, else a larger, else a reduced one."""
    family = current_catalogue()

    found = [
        member
        for network in family.networks()
        for loss in PIXEL_LOSS_FUNCTIONS
        if (member := family.find(scale, loss, network)) and member.model.config.architecture == architecture
    ]
    return min(found, key=lambda member: ("", "larger", "reduced").index(member.model.config.size), default=None)


def _describe_successor(model: Network) -> Successor:
    facts = count_parameters(model), count_layers(model), receptive_field_pixels(model)
    return Successor(model.config, *facts, _show_detail_by(_RIM_DETAIL, model))


def _find_network(scale: int, loss: str) -> Network:
    (member,) = current_catalogue().choose_variants(scale, loss, ARTICLE_NETWORK)
    return member.model


def _show_detail_by(place: PhotographDetail, model: Network) -> Detail:
    photograph, x, y, side = place
    return compare_detail(open_example(photograph), model, x, y, side)
