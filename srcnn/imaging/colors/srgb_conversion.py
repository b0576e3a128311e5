"""Convert colours and greys to sRGB by the ICC profile that describes them, with as many bits as they have."""

import functools
import io
import struct
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageCms

from srcnn.errors import Remark
from srcnn.imaging.colors.color_profiles import SRGB, build_grey_profile, build_xyz_matrix
from srcnn.imaging.file_formats.decompression_bombs import is_sound_profile
from srcnn.imaging.picture import Picture, find_white, round_to_eight_bits

_BAND_PIXELS = 1 << 19  # converted together: floating-point numbers take several times the memory of the levels
_MOST_CURVE_SAMPLES = 65536
_MOST_TAGS = 100  # of a profile; one of a matrix has some ten
_KEPT_PROFILES = 2  # that were read last: each is asked for several times for one picture, and takes milliseconds
_SAME_LEVELS = 1  # of 8 bits: sRGB's own profiles, with rounded numbers, are up to half a level from its definition
# Of ICC.1, table 68, each kind of parametric curve: how many parameters it has.
_PARAMETERS = (1, 3, 4, 5, 7)
_TABLES = (b"A2B0", b"D2B0")  # the tags of tables, which go before a matrix and curves
# The mode of a picture by the colour space of its profile, as the profile's head has it.
_MODES = {b"RGB ": "RGB", b"CMYK": "CMYK"}
# Of colours by a profile, or made of them by a formula; Pillow makes sRGB of LAB by itself.
_COLOUR_MODES = ("RGB", "RGBA", "RGBa", "RGBX", "CMYK", "P", "PA", "YCbCr", "HSV")
UNUSABLE_COLORS = Remark("its colour profile or mark cannot be used, and its colours are taken for sRGB")


def convert_to_srgb(image: Image.Image) -> Image.Image:
    """Apply the ICC profile to colours. Grey pictures and those of unusable profiles stay as they are."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in _COLOUR_MODES:
        return image
    source = _open_foreign_profile(profile)
    if source is None:
        return image
    try:
        alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
        colours = image if image.mode == "CMYK" else _convert_to_rgb(image)
        converted = ImageCms.profileToProfile(colours, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        if alpha:
            converted.putalpha(alpha)
        return converted
    except (ImageCms.PyCMSError, OSError):
        return image


def _convert_to_rgb(image: Image.Image) -> Image.Image:
    return (image.convert("RGBA") if image.mode == "RGBa" else image).convert("RGB")


def convert_deep_to_srgb(levels: np.ndarray, profile: bytes) -> np.ndarray:
    """Apply an ICC profile to (H, W, 3) uint16: uint16 where `keeps_sixteen_bits`, else uint8.

    lcms, as Pillow calls it, converts 8 bits. Levels stay as they are where the profile cannot be used.
    """
    if _open_foreign_profile(profile) is None:
        return levels
    if matrix := _read_matrix_profile(profile):
        return matrix.convert(levels)
    image = Image.fromarray(round_to_eight_bits(levels))
    image.info["icc_profile"] = profile
    converted = convert_to_srgb(image)
    return levels if converted is image else np.array(converted)


def convert_grey_to_srgb(levels: np.ndarray, profile: bytes) -> np.ndarray:
    """Apply an ICC profile of greys to (H, W) uint8 or uint16; levels stay as they are where it cannot be used."""
    curve = _read_grey_curve(profile)
    if curve is None or _is_srgb_curve(curve):
        return levels
    encoded = (_encode_srgb(curve) * 65535 + 0.5).astype(np.uint16)
    return (encoded if levels.dtype == np.uint16 else round_to_eight_bits(encoded[::257]))[levels]


def convert_grey_picture(picture: Picture, profile: bytes | None) -> Picture:
    """A picture in sRGB by the ICC profile of its greys; colours stay as they are."""
    if not profile or picture.pixels.ndim == 3:
        return picture
    pixels = convert_grey_to_srgb(picture.pixels, profile)
    return replace(picture, pixels=pixels, white=find_white(pixels) if pixels.dtype == np.uint16 else None)


def find_grey_profile(profile: bytes) -> tuple[bytes | None, tuple[Remark, ...]]:
    """What an ICC profile of RGB says of greys: a profile, or none for sRGB's, and a remark where it cannot be told."""
    if _open_profile(profile) and _open_foreign_profile(profile) is None:
        return None, ()
    if _read_matrix_profile(profile):
        tags = _list_tags(profile)
        if tags[b"rTRC"] == tags[b"gTRC"] == tags[b"bTRC"]:
            is_srgb = _is_srgb_curve(_sample_curve(tags[b"rTRC"]))
            return None if is_srgb else build_grey_profile(tags[b"rTRC"]), ()
    return None, (UNUSABLE_COLORS,)


def can_convert(profile: bytes) -> bool:
    """Whether pixels can be converted to sRGB by an ICC profile, of RGB, CMYK or greys."""
    if profile[16:20] == b"GRAY":
        return _read_grey_curve(profile) is not None
    try:
        source, mode = _open_profile(profile), _MODES[profile[16:20]]
        return bool(source and ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB"))
    except (KeyError, ImageCms.PyCMSError, OSError):
        return False


def tell_unusable(profile: bytes | None) -> tuple[Remark, ...]:
    """That a picture's colours are not converted by the ICC profile that it has, if so."""
    return () if not profile or can_convert(profile) else (UNUSABLE_COLORS,)


def keeps_sixteen_bits(profile: bytes) -> bool:
    """Whether 16 bits stay 16: by a matrix and curves, as cameras, displays and editors have them, not by a table."""
    is_grey = profile[16:20] == b"GRAY"
    return is_grey or _read_matrix_profile(profile) is not None or _open_foreign_profile(profile) is None


def _open_profile(profile: bytes) -> ImageCms.ImageCmsProfile | None:
    """None for a profile that cannot be used."""
    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(profile)) if is_sound_profile(profile) else None
    except (ImageCms.PyCMSError, OSError):
        return None


def _open_foreign_profile(profile: bytes) -> ImageCms.ImageCmsProfile | None:
    """None for a profile that cannot be used, and for sRGB's, as converting that would only add rounding.

    A matrix and curves are judged by what they do, as linear profiles have "sRGB" in their names, too; a table by its
    name.
    """
    source = _open_profile(profile)
    if source is None:
        return None
    try:
        name = ImageCms.getProfileDescription(source)
    except (ImageCms.PyCMSError, OSError):
        return None
    matrix = _read_matrix_profile(profile)
    is_srgb = matrix.changes_nothing if matrix else "sRGB" in name
    return None if is_srgb else source


@dataclass(frozen=True)
class _MatrixProfile:
    """matrix: (3, 3), linear RGB to linear sRGB. curves: (3, 65536), the light of each level of each channel, 0..1."""

    matrix: np.ndarray
    curves: np.ndarray

    def convert(self, levels: np.ndarray) -> np.ndarray:
        flat, converted = levels.reshape(-1, 3), np.empty(levels.shape, np.uint16)
        target = converted.reshape(-1, 3)
        for start in range(0, len(flat), _BAND_PIXELS):
            band = slice(start, start + _BAND_PIXELS)
            light = np.stack([curve[flat[band, each]] for each, curve in enumerate(self.curves)], axis=1)
            target[band] = _encode_srgb((light @ self.matrix.T).clip(0, 1)) * 65535 + 0.5
        return converted

    @functools.cached_property
    def changes_nothing(self) -> bool:
        """Whether all greys and a grid of colours stay where they are, as far as 8 bits tell."""
        greys = np.repeat(np.arange(256), 3).reshape(-1, 3)
        colours = np.stack(np.meshgrid(*[np.arange(0, 256, 15)] * 3), axis=-1).reshape(-1, 3)
        levels = (np.concatenate([greys, colours]) * 257).astype(np.uint16)
        return np.abs(self.convert(levels) - levels.astype(np.float32)).max() <= _SAME_LEVELS * 257


def _encode_srgb(light: np.ndarray) -> np.ndarray:
    """IEC 61966-2-1: linear 0..1 to levels 0..1."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** np.float32(1 / 2.4) - np.float32(0.055))


@functools.lru_cache(_KEPT_PROFILES)
def _read_matrix_profile(profile: bytes) -> _MatrixProfile | None:
    """None for a profile that is none of RGB by a matrix and curves (ICC.1, 8.3.3 and F.3)."""
    if profile[16:24] != b"RGB XYZ ":
        return None
    try:
        tags = _list_tags(profile)
        if any(name in tags for name in _TABLES):
            return None
        columns = [struct.unpack(">3i", tags[name][8:20]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
        curves = np.stack([_sample_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC")])
        matrix = np.linalg.inv(build_xyz_matrix(SRGB)) @ (np.array(columns).T / 65536)
    except (KeyError, ValueError, IndexError, ArithmeticError, struct.error):
        return None
    # Of a profile whose black is not 0, lcms makes black by rules of its own.
    return _MatrixProfile(matrix.astype(np.float32), curves) if (curves[:, 0] == 0).all() else None


@functools.lru_cache(_KEPT_PROFILES)
def _read_grey_curve(profile: bytes) -> np.ndarray | None:
    """The light of each level of 16 bits, 0..1; None for a profile that is none of greys by a curve (ICC.1, F.2)."""
    if profile[16:24] != b"GRAYXYZ ":
        return None
    try:
        tags = _list_tags(profile)
        return None if any(name in tags for name in _TABLES) else _sample_curve(tags[b"kTRC"])
    except (KeyError, ValueError, IndexError, ArithmeticError, struct.error):
        return None


def _is_srgb_curve(curve: np.ndarray) -> bool:
    return np.abs(_encode_srgb(curve) * 65535 - np.arange(65536)).max() <= _SAME_LEVELS * 257


def _list_tags(profile: bytes) -> dict[bytes, bytes]:
    """The content of each tag. Raises ValueError for more than a profile of its length has: tags may share places."""
    (count,) = struct.unpack_from(">I", profile, 128)
    if count > _MOST_TAGS:
        raise ValueError(f"{count} tags.")
    places, room = {}, 2 * len(profile)
    for number in range(count):
        name, start, length = struct.unpack_from(">4sII", profile, 132 + 12 * number)
        room -= length
        if room < 0:
            raise ValueError("Tags that lie in one place.")
        places[name] = profile[start : start + length]
    return places


def _sample_curve(content: bytes) -> np.ndarray:
    """A curve of a profile (ICC.1, 10.6 and 10.18) at each level of 16 bits: (65536,) float32, 0..1.

    Raises ValueError for one of another kind, or of parameters that make no sense.
    """
    level = np.arange(65536) / 65535
    (count,) = struct.unpack_from(">I", content, 8)
    if content[:4] == b"curv" and count > _MOST_CURVE_SAMPLES:
        raise ValueError(f"{count} samples.")
    if content[:4] == b"curv" and count > 1:
        samples = np.frombuffer(content, ">u2", count, 12) / 65535
        return np.interp(level, np.linspace(0, 1, count), samples).astype(np.float32)
    if content[:4] == b"curv":
        gamma = struct.unpack_from(">H", content, 12)[0] / 256 if count else 1
        return (level**gamma).astype(np.float32)
    if content[:4] != b"para":
        raise ValueError("A curve of another kind.")
    kind = count >> 16
    gamma, *rest = (each / 65536 for each in struct.unpack_from(f">{_PARAMETERS[kind]}i", content, 12))
    a, b, c, d, e, f = (*rest, *[0.0] * 6)[:6] if rest else (1.0, *[0.0] * 5)
    if kind in (1, 2):
        c, d, e, f = 0.0, -b / a, c, c
    with np.errstate(all="ignore"):  # a stranger's parameters may make infinite values
        power = np.maximum(a * level + b, 0) ** gamma + e
        samples = np.where(level >= d, power, c * level + f).clip(0, 1)
    if np.isnan(samples).any():
        raise ValueError("A curve that is not defined everywhere.")
    return samples.astype(np.float32)
