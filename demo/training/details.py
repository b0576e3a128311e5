"""The detail that a visitor looks at while a network is trained: of the photograph that is measured on."""

import math
from dataclasses import dataclass

from demo.training.pictures import measured_picture
from demo.training.settings import TrainSettings, refuse_request, released_variant
from srcnn.evaluation.comparison import compare
from srcnn.imaging.picture import Picture
from srcnn.networks.base import Network
from srcnn.visuals.crops import Detail, compare_detail, most_improved_point

_DETAIL_SIDE_PIXELS = 72

Place = tuple[float, float]  # the middle of a detail, as shares of the picture's width and height


def read_place(asked: object) -> Place | None:
    """A place as the page sends it; None for the most telling one. Raises SettingsError for anything else."""
    if asked is None:
        return None
    if isinstance(asked, list) and len(asked) == 2 and all(isinstance(each, int | float) for each in asked):
        x, y = (float(min(max(each, 0), 1)) for each in asked)
        if not math.isnan(x + y):
            return x, y
    return refuse_request()


@dataclass(frozen=True)
class CloserLook:
    """A detail of `whole`, the measured picture: by the network that is trained, and by the released one.

    place: that was asked for.
    """

    place: Place | None
    whole: Picture
    detail: Detail
    by_released: Detail


class Magnifier:
    """Looks closer at the picture that is measured on. bicubic, released: PSNR of the whole picture, dB."""

    def __init__(self, settings: TrainSettings) -> None:
        """Raises SettingsError where there are no released weights for the scale."""
        self._picture = measured_picture(settings.measured)
        self._released = released_variant(settings).model
        against = compare(self._picture, self._released)
        self.bicubic, self.released = against.bicubic_score.psnr, against.srcnn_score.psnr
        self._most_telling = most_improved_point(against, _DETAIL_SIDE_PIXELS)
        self._known: dict[tuple[int, int], Detail] = {}  # of the released variant, at the last place

    def look(self, model: Network, place: Place | None) -> CloserLook:
        """What the network makes of the detail around a place, or of the most telling one."""
        width, height = self._picture.width, self._picture.height
        point = (round(place[0] * width), round(place[1] * height)) if place else self._most_telling
        if point not in self._known:
            self._known = {point: compare_detail(self._picture, self._released, *point, _DETAIL_SIDE_PIXELS)}
        detail = compare_detail(self._picture, model, *point, _DETAIL_SIDE_PIXELS)
        return CloserLook(place, self._picture, detail, self._known[point])
