"""The colours of transparent pixels, which nobody sees until a filter mixes them into their visible neighbours."""

from dataclasses import replace

import numpy as np

from srcnn.imaging.picture import Picture

_REACH_PIXELS = 64  # beyond the reach of every filter and network, hidden colours may stay as they are
_PART_PIXELS = 1 << 18  # pixels whose neighbours are looked at together


def fill_transparent(picture: Picture) -> Picture:
    """Give transparent pixels the colours of their nearest visible neighbours; alpha and what is clearly visible stay.

    Editors leave anything there, mostly black or white, which would show as a rim around what is enlarged or reduced.
    Ring by ring around what is visible, each pixel becomes the mean of those of its four neighbours that are known.
    Faint pixels, up to an eighth of full alpha, hold almost as little of their own: the fainter, the more of their
    neighbours' colour they get, by which they change by 8 grey levels at most as they are seen on any ground.
    """
    if picture.alpha is None or not picture.alpha.any():
        return picture
    clear = min(np.iinfo(picture.alpha.dtype).max // 8, picture.alpha.max())
    if (picture.alpha >= clear).all():
        return picture
    framed = np.pad(picture.pixels, [(1, 1), (1, 1), (0, 0)][: picture.pixels.ndim])  # so that all have neighbours
    known = np.pad(picture.alpha >= clear, 1)
    pixels, width = framed.reshape(known.size, -1), known.shape[1]
    for _ in range(_REACH_PIXELS):
        ring = np.flatnonzero(_find_ring(known))
        if not len(ring):
            break
        for part in np.split(ring, range(_PART_PIXELS, len(ring), _PART_PIXELS)):
            pixels[part] = _average_known(pixels, known.ravel(), part, (-width, -1, 1, width))
        known.ravel()[ring] = True
    filled = np.ascontiguousarray(framed[1:-1, 1:-1])
    _mix_faint(filled, picture, clear)
    return replace(picture, pixels=filled)


def _mix_faint(filled: np.ndarray, picture: Picture, clear: int) -> None:
    """Give pixels of an alpha between 0 and `clear` so much of their own colour as they have of that alpha."""
    faint = np.flatnonzero((picture.alpha > 0) & (picture.alpha < clear))
    pixels, own = (each.reshape(picture.alpha.size, -1) for each in (filled, picture.pixels))
    for part in np.split(faint, range(_PART_PIXELS, len(faint), _PART_PIXELS)):
        share = (picture.alpha.take(part) / np.float32(clear))[:, None]
        pixels[part] = pixels[part] * (1 - share) + own[part] * share + np.float32(0.5)


def _find_ring(known: np.ndarray) -> np.ndarray:
    """The pixels inside of the frame that are not known and touch one that is: (H, W) bool -> (H, W) bool."""
    ring = np.zeros_like(known)
    inside = ring[1:-1, 1:-1]
    for neighbours in (known[:-2, 1:-1], known[2:, 1:-1], known[1:-1, :-2], known[1:-1, 2:]):
        inside |= neighbours
    inside &= ~known[1:-1, 1:-1]
    return ring


def _average_known(pixels: np.ndarray, known: np.ndarray, places: np.ndarray, steps: tuple[int, ...]) -> np.ndarray:
    """The mean of the known neighbours at `steps` from each of n places, rounded: (n, channels)."""
    total = np.zeros((len(places), pixels.shape[1]), np.float32)
    count = np.zeros((len(places), 1), np.float32)
    for step in steps:
        there = known.take(places + step)[:, None]
        total += pixels.take(places + step, axis=0) * there
        count += there
    return (total / count + 0.5).astype(pixels.dtype)
