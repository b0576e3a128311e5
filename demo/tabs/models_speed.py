"""How long the networks take on this server: measured when somebody wants to know, one at a time, and kept."""

import math

import spaces

from demo.catalogue import current_catalogue
from srcnn.inference.device import DEVICE_FAULTS
from srcnn.inference.timing import measure_seconds_per_megapixel
from srcnn.variants.catalogue import Variant

# A network's title and its upsampling. Its weights do not matter, nor does the scale where that is 1: what the network
# gets then has the pixels of the result already.
_Work = tuple[str, int]

_known: dict[_Work, float] = {}


def known_seconds(member: Variant) -> float | None:
    """Seconds for a million pixels of the result; None as long as it is not measured, NaN where that failed."""
    return _known.get(_work_of(member))


def measure_next() -> int:
    """Measure one of those that are not known yet. Gives how many are left then."""
    family = current_catalogue()  # its networks begin with the article's
    members = {_work_of(member): member for network in family.networks() for member in family.of(network)}
    unknown = [work for work in members if work not in _known]
    if unknown:
        _known[unknown[0]] = _measure_seconds(members[unknown[0]].name)
    return len(unknown[1:])


def _work_of(member: Variant) -> _Work:
    return member.model.config.title, member.model.upsampling


@spaces.GPU
def _measure_seconds(name: str) -> float:
    member = current_catalogue().members[name]
    try:
        return measure_seconds_per_megapixel(member.for_scale(member.model.config.scales[0]).model)
    except DEVICE_FAULTS:
        return math.nan
