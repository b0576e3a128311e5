"""ICC profiles for pictures that name their colours in another way: PNG's cICP, gAMA and cHRM, AVIF's nclx, EXIF."""

import struct
from dataclasses import dataclass

import numpy as np

D50 = np.array([0.9642, 1.0, 0.8249])  # the white of ICC's connection space (ICC.1, 7.2.16)
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_D65, _DCI, _C, _E = (0.3127, 0.3290), (0.314, 0.351), (0.310, 0.316), (1 / 3, 1 / 3)
_BT709, _BT2020 = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)), ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
_P3, _ADOBE = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)), ((0.640, 0.330), (0.210, 0.710), (0.150, 0.060))
_BT601_625, _BT601_525 = (
    ((0.640, 0.330), (0.290, 0.600), (0.150, 0.060)),
    ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
)
# ITU-T H.273, tables 2 and 3: what cICP and nclx number. A curve is a gamma, or the parameters of ICC's function 3:
# level = (a * value + b) ** gamma from d on, c * value below it; or its samples from 0 to 1.
# Code 2, unknown, is taken for sRGB's.
_PRIMARIES = {
    **dict.fromkeys((1, 2), (_BT709, _D65)),
    4: (((0.670, 0.330), (0.210, 0.710), (0.140, 0.080)), _C),
    5: (_BT601_625, _D65),
    6: (_BT601_525, _D65),
    7: (_BT601_525, _D65),
    8: (((0.681, 0.319), (0.243, 0.692), (0.145, 0.049)), _C),
    9: (_BT2020, _D65),
    10: (((1.0, 0.0), (0.0, 1.0), (0.0, 0.0)), _E),
    11: (_P3, _DCI),
    12: (_P3, _D65),
    22: (((0.630, 0.340), (0.295, 0.605), (0.155, 0.077)), _D65),
}
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_BT709_CURVE = (1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)
_CURVES = {
    **dict.fromkeys((2, 13), _SRGB_CURVE),
    4: (2.2,),
    5: (2.8,),
    7: (1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0912),
    8: (1.0,),
    17: (2.6, (52.37 / 48) ** (1 / 2.6), 0.0, 0.0, 0.0),
    **dict.fromkeys((1, 6, 11, 12, 14, 15), _BT709_CURVE),  # 11 and 12 differ outside of black and white
}
_LOGARITHMIC_DECADES = {9: 2.0, 10: 2.5}
HDR_CURVE_NAMES = {16: "PQ", 18: "HLG"}
_HDR_WHITE_NITS = 203.0  # cd/m2 of white paper in PQ, and in HLG on a display of 1000 (ITU-R BT.2408, table 1)
_CURVE_SAMPLES = 4 * 255 + 1  # so that levels of 8 bits lie on them


@dataclass(frozen=True)
class ColorSpace:
    """primaries: x and y of red, green and blue. white: its x and y. curve: as in `_CURVES`."""

    primaries: tuple[tuple[float, float], ...] = _BT709
    white: tuple[float, float] = _D65
    curve: tuple[float, ...] = _SRGB_CURVE


SRGB, ADOBE_RGB = ColorSpace(), ColorSpace(_ADOBE, _D65, (2.19921875,))


def numbered_color_space(primaries: int, transfer: int, is_narrow: bool = False) -> ColorSpace | None:
    """The space that ITU-T H.273 numbers so, of HDR (PQ and HLG) up to white; None for numbers that are not known.

    is_narrow: whether black is level 16 of 255, and white 235; the curve then says so.
    """
    is_sampled = is_narrow or transfer in HDR_CURVE_NAMES or transfer in _LOGARITHMIC_DECADES
    level = np.linspace(0, 1, _CURVE_SAMPLES)
    light = _find_light(transfer, ((255 * level - 16) / 219).clip(0, 1) if is_narrow else level)
    if primaries not in _PRIMARIES or light is None:
        return None
    curve = tuple(light.clip(0, 1).tolist()) if is_sampled else _CURVES[transfer]
    return ColorSpace(*_PRIMARIES[primaries], curve)


def _find_light(transfer: int, level: np.ndarray) -> np.ndarray | None:
    """The light of levels by the curve of a number; None for one that is not known."""
    if transfer in HDR_CURVE_NAMES:
        return _find_hdr_light(transfer, level)
    if transfer in _LOGARITHMIC_DECADES:
        return np.where(level > 0, 10 ** (_LOGARITHMIC_DECADES[transfer] * (level - 1)), 0)
    if transfer not in _CURVES:
        return None
    gamma, a, b, c, d = _CURVES[transfer] if len(_CURVES[transfer]) == 5 else (*_CURVES[transfer], 1, 0, 0, 0)
    return np.where(level >= d, (a * level + b) ** gamma, c * level)


def _find_hdr_light(transfer: int, level: np.ndarray) -> np.ndarray:
    """The light of HDR's levels, 1 for white and more for what is brighter (ITU-R BT.2100, tables 4 and 5).

    That HLG's system gamma is for luminance is neglected: it is applied to each channel.
    """
    if HDR_CURVE_NAMES[transfer] == "PQ":
        root = level ** (1 / 78.84375)
        light = 10_000 * (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
    else:
        scene = np.where(level <= 0.5, level**2 / 3, (np.exp((level - 0.55991073) / 0.17883277) + 0.28466892) / 12)
        light = 1_000 * scene**1.2
    return light / _HDR_WHITE_NITS


def build_profile(space: ColorSpace, grey: bool = False) -> bytes:
    """A display profile of ICC version 4 of a colour space, or of its greys.

    Raises ValueError for primaries of which no colours can be made.
    """
    curve = _encode_curve(space.curve)
    if grey:
        return build_grey_profile(curve)
    columns = build_xyz_matrix(space).T
    tags = {name: _xyz(column) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)}
    return _join_profile(b"RGB ", tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve))


def build_grey_profile(curve: bytes) -> bytes:
    """A profile of greys. curve: as a profile has it (ICC.1, 10.6 and 10.18)."""
    return _join_profile(b"GRAY", {b"kTRC": curve})


def _join_profile(space: bytes, colours: dict[bytes, bytes]) -> bytes:
    tags = {b"desc": _text("Converted"), b"cprt": _text("CC0"), b"wtpt": _xyz(D50)} | colours
    place, table, body = 128 + 4 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        content += bytes(-len(content) % 4)
        table += struct.pack(">4sII", name, place + len(body), len(content))
        body += content
    head = struct.pack(">I4sI4s4s4s", place + len(body), b"", 0x04300000, b"mntr", space, b"XYZ ")
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + _xyz(D50)[8:]
    return head.ljust(128, b"\0") + table + body


def _encode_curve(curve: tuple[float, ...]) -> bytes:
    """ICC.1, 10.6 and 10.18."""
    if len(curve) not in (1, 5):
        return b"curv" + struct.pack(f">II{len(curve)}H", 0, len(curve), *(round(each * 65535) for each in curve))
    kind = 0 if len(curve) == 1 else 3
    return b"para" + struct.pack(f">IHH{len(curve)}i", 0, kind, 0, *map(_fixed, curve))


def build_xyz_matrix(space: ColorSpace) -> np.ndarray:
    """What makes XYZ, adapted to D50, of linear RGB: Lindbloom, "RGB/XYZ matrices" and "Chromatic adaptation"."""
    whole = [(x, y, 1 - x - y) for x, y in (*space.primaries, space.white)]
    if whole[3][1] <= 0:
        raise ValueError("A white without luminance.")
    columns = np.array(whole[:3]).T
    white = np.array(whole[3]) / whole[3][1]
    try:
        matrix = columns * np.linalg.solve(columns, white)
    except np.linalg.LinAlgError as error:
        raise ValueError("Primary colours that lie on a line.") from error
    gain = np.diag((_BRADFORD @ D50) / (_BRADFORD @ white))
    return np.linalg.inv(_BRADFORD) @ gain @ _BRADFORD @ matrix


def _fixed(value: float) -> int:
    """s15Fixed16Number of ICC. Raises ValueError for what does not fit."""
    if not -32768 < value < 32768:
        raise ValueError(f"{value} does not fit into a profile.")
    return round(value * 65536)


def _xyz(values: np.ndarray) -> bytes:
    return b"XYZ " + struct.pack(">I3i", 0, *map(_fixed, values))


def _text(words: str) -> bytes:
    content = words.encode("utf-16-be")
    return b"mluc" + struct.pack(">III2s2sII", 0, 1, 12, b"en", b"US", len(content), 28) + content
