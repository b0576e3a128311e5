"""How long the networks take on this server: measured when somebody wants to know, one at a time, and kept."""

import math

import spaces

from demo.catalogue import current_catalogue
from srcnn.inference.device import DEVICE_FAULTS
from srcnn.inference.timing import measure_seconds_per_megapixel

NetworkUse = tuple[str, int]  # a network's title and the scale that it is used at; its weights do not matter

_known: dict[NetworkUse, float] = {}


def known_seconds(network: str, scale: int) -> float | None:
    """Seconds for a million pixels of the result; None as long as it is not measured, NaN where that failed."""
    return _known.get((network, scale))


def measure_next() -> int:
    """Measure one of those that are not known yet. Gives how many are left then."""
    unknown = [use for use in _list_uses() if use not in _known]
    if unknown:
        _known[unknown[0]] = _measure_seconds(*unknown[0])
    return len(unknown[1:])


def _list_uses() -> list[NetworkUse]:
    family = current_catalogue()
    return [(network, scale) for network in family.networks() for scale in family.scales(network)]


@spaces.GPU
def _measure_seconds(network: str, scale: int) -> float:
    member = next(each for each in current_catalogue().of(network) if scale in each.model.config.scales)
    try:
        return measure_seconds_per_megapixel(member.for_scale(scale).model)
    except DEVICE_FAULTS:
        return math.nan
