"""How long the networks take on this server: measured when somebody wants to know, one at a time, and kept."""

import math

import spaces

from demo.catalogue import variants
from srcnn.inference.device import DEVICE_FAULTS
from srcnn.inference.timing import seconds_per_megapixel

Use = tuple[str, int]  # a network's title and the scale that it is used at; its weights do not matter

_known: dict[Use, float] = {}


def known(network: str, scale: int) -> float | None:
    """Seconds for a million pixels of the result; None as long as it is not measured, NaN where that failed."""
    return _known.get((network, scale))


def measure_next() -> int:
    """Measure one of those that are not known yet. Gives how many are left then."""
    unknown = [use for use in uses() if use not in _known]
    if unknown:
        _known[unknown[0]] = measured(*unknown[0])
    return len(unknown[1:])


def uses() -> list[Use]:
    family = variants()
    return [(network, scale) for network in family.networks() for scale in family.scales(network)]


@spaces.GPU
def measured(network: str, scale: int) -> float:
    member = next(each for each in variants().of(network) if scale in each.model.config.scales)
    try:
        return seconds_per_megapixel(member.at(scale).model)
    except DEVICE_FAULTS:
        return math.nan
