"""What holds for resizing any picture and for every banded product. How to search wider: properties.py."""

import math
from fractions import Fraction

import numpy as np
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from srcnn.imaging.banded_matrix import BandedMatrix
from srcnn.imaging.imresize import imresize, to_uint8
from tests.support.strategies import SEEDS, SIDES, another, planes, random_levels

FACTORS = st.integers(1, 5)
# a pair, because 1/3 is no floating-point number: MATLAB's sizes are those of the fraction
SCALES = st.tuples(st.integers(1, 9), st.integers(1, 9)).map(lambda pair: Fraction(*pair))


def keys(distance: float) -> float:
    """Keys' kernel as the paper writes it, a = -1/2: eq. 15."""
    s = abs(distance)
    if s < 1:
        return 1.5 * s**3 - 2.5 * s**2 + 1
    return -0.5 * s**3 + 2.5 * s**2 - 4 * s + 2 if s < 2 else 0.0


def resizing_matrix(size: int, scale: Fraction) -> torch.Tensor:
    """(outputs, size): every source pixel's share in every output pixel, by the definition."""
    shrink = float(min(scale, Fraction(1)))
    matrix = np.zeros((math.ceil(size * scale), size))
    mirror = [*range(size), *reversed(range(size))]
    for row in range(len(matrix)):
        centre = float((row + Fraction(1, 2)) / scale - Fraction(1, 2))
        reach = math.ceil(2 / shrink) + 1
        for source in range(math.floor(centre) - reach, math.ceil(centre) + reach + 1):
            matrix[row, mirror[source % (2 * size)]] += keys(shrink * (centre - source))
    return torch.from_numpy(matrix / matrix.sum(axis=1, keepdims=True))


@given(planes(), SCALES)
def test_resizing_is_the_product_with_the_matrix_of_its_definition(plane, scale):
    down, along = (resizing_matrix(side, scale) for side in plane.shape)
    assert torch.allclose(imresize(plane, float(scale)), down @ plane @ along.T, rtol=0, atol=1e-9)


@given(SIDES, SIDES, st.integers(1, 4), SCALES)
@example(21, 27, 1, Fraction(9, 7))  # 21 * (9 / 7) is a little more than 27
@example(27, 21, 1, Fraction(7, 3))
def test_the_size_is_rounded_up_and_leading_dimensions_stay(height, width, channels, scale):
    size = (math.ceil(height * scale), math.ceil(width * scale))
    for dtype in (torch.uint8, torch.float32, torch.float64):
        result = imresize(torch.zeros(2, channels, height, width, dtype=dtype), float(scale))
        assert (result.shape, result.dtype) == ((2, channels, *size), dtype)


@given(SIDES, SIDES, SCALES, st.integers(0, 255))
def test_one_level_everywhere_stays_that_level(height, width, scale, level):
    assert (imresize(torch.full((height, width), level, dtype=torch.uint8), float(scale)) == level).all()
    flat = imresize(torch.full((height, width), level, dtype=torch.float64), float(scale))
    assert torch.allclose(flat, torch.tensor(level).double(), rtol=0, atol=1e-9)


@given(planes(), SCALES)
def test_transposing_commutes_with_resizing(plane, scale):
    turned = imresize(plane.mT, float(scale))
    assert torch.allclose(turned, imresize(plane, float(scale)).mT, rtol=0, atol=1e-9)


@given(st.integers(1, 8), st.integers(1, 8), SEEDS, FACTORS, st.booleans())
def test_mirroring_commutes_with_resizing_to_a_whole_number_of_pixels(height, width, seed, factor, enlarge):
    """Else the last output pixel lies beyond the picture, and only there."""
    plane = random_levels(seed, height * factor, width * factor)
    scale = factor if enlarge else 1 / factor
    for side in (0, 1):
        mirrored = imresize(plane.flip(side), scale)
        assert torch.allclose(mirrored, imresize(plane, scale).flip(side), rtol=0, atol=1e-9)


@given(planes(), SEEDS, SCALES, st.floats(-3, 3), st.floats(-3, 3))
def test_resizing_is_linear(plane, seed, scale, a, b):
    other = another(plane, seed)
    together = imresize(a * plane + b * other, float(scale))
    assert torch.allclose(together, a * imresize(plane, float(scale)) + b * imresize(other, float(scale)), atol=1e-8)


@given(planes())
def test_resizing_by_one_changes_nothing(plane):
    assert torch.equal(imresize(plane, 1), plane)
    assert torch.equal(imresize(plane.to(torch.uint8), 1.0), plane.to(torch.uint8))


@given(planes(), SCALES)
def test_integers_are_rounded_after_each_of_the_two_passes(plane, scale):
    pixels = plane.to(torch.uint8)
    down, along = (resizing_matrix(side, scale) for side in pixels.shape)
    # a half that is not quite one goes either way
    low, high = ((down @ pixels.double() + 0.5 + near).floor().clamp(0, 255) for near in (-1e-6, 1e-6))
    twice, doubt = (low @ along.T).clamp(0, 255), (high - low) @ along.T.abs()
    assert ((imresize(pixels, float(scale)).double() - twice).abs() <= doubt + 0.5 + 1e-6).all()


@given(SEEDS)
def test_rounding_goes_half_up_and_never_beyond_a_byte(seed):
    levels = (random_levels(seed, 100) * 4 - 300).round() / 2
    assert torch.equal(to_uint8(levels.clone()).double(), (levels + 0.5).floor().clamp(0, 255))


# Banded matrices


@st.composite
def bandeds(draw) -> tuple[BandedMatrix, int]:
    """Any few inputs for each output, an input also twice; and how many inputs there are at least."""
    outputs, taps, inputs = draw(st.integers(1, 80)), draw(st.integers(1, 5)), draw(st.integers(1, 60))
    rng = np.random.default_rng(draw(SEEDS))
    index, weight = rng.integers(0, inputs, (outputs, taps)), rng.normal(size=(outputs, taps))
    return BandedMatrix(torch.from_numpy(index), torch.from_numpy(weight)), inputs


def dense(banded: BandedMatrix, inputs: int) -> torch.Tensor:
    one_hot = torch.nn.functional.one_hot(banded.index, inputs)
    return (banded.weight[..., None] * one_hot).sum(dim=1)


@given(bandeds(), SIDES, SEEDS)
def test_a_banded_product_is_that_with_the_dense_matrix(case, other_side, seed):
    banded, inputs = case
    matrix = dense(banded, inputs)
    x = random_levels(seed, 2, inputs, other_side)
    assert torch.allclose(banded.down(x), matrix @ x, rtol=0, atol=1e-9)
    assert torch.allclose(banded.along(x.mT), (matrix @ x).mT, rtol=0, atol=1e-9)


@given(bandeds(), SEEDS, st.data())
def test_parts_of_a_banded_product_are_its_rows(case, seed, data):
    banded, inputs = case
    first = data.draw(st.integers(0, len(banded.index) - 1))
    last = data.draw(st.integers(first + 1, len(banded.index)))
    x = random_levels(seed, inputs, 3)
    part, low, high = banded.part(first, last)
    assert 0 <= low < high <= inputs
    assert torch.allclose(part.down(x[low:high]), banded.down(x)[first:last], rtol=0, atol=1e-9)
