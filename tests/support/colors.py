"""Colours of files, and what tests of them share."""

import numpy as np

from srcnn.imaging.colors.color_profiles import ColorSpace, build_profile, numbered_color_space

GREY = np.random.default_rng(0).integers(0, 256, (16, 16), dtype=np.uint8)
LINEAR = ColorSpace(curve=(1.0,))
P3 = build_profile(numbered_color_space(12, 13))
P3_RED = (234, 51, 35)  # sRGB's (255, 0, 0) is this in Display P3, by Apple's ColorSync and by lcms within 1
UNUSABLE = "its colour profile or mark cannot be used, and its colours are taken for sRGB"


def lighten(levels: np.ndarray) -> np.ndarray:
    """Levels that are light itself, 0..1, as sRGB's levels 0..255: IEC 61966-2-1."""
    return 255 * np.where(levels <= 0.0031308, 12.92 * levels, 1.055 * levels ** (1 / 2.4) - 0.055)
