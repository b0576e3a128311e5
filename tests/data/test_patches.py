import numpy as np
import pytest
import torch

from srcnn.data.degradation import Truth, make_pair
from srcnn.data.patches import Example, PatchSampler, dihedral_turns
from srcnn.data.training_images import load_training_images

CPU = torch.device("cpu")


def noise(height: int, width: int, grey: bool = False, low: tuple[int, int] | None = None, seed: int = 0) -> Truth:
    """A truth in which no two places look alike, with a low-resolution picture of its own of a size."""
    random = np.random.default_rng(seed)
    levels, reduced = (
        torch.from_numpy(random.integers(0, 256, shape, dtype=np.uint8)) for shape in ((height, width), low or (1, 1))
    )
    return Truth(levels, grey, reduced if low else None)


def sampler_of(
    *sets: list[Truth], patch: int, scale: int = 1, upsampling: int = 1, turns: bool = True, flat: float = 0
) -> PatchSampler:
    examples = [[Example(truth, scale) for truth in truths] for truths in sets]
    return PatchSampler(examples, patch, upsampling, CPU, turns, flat)


def draw(sampler: PatchSampler, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    return sampler.sample(count, torch.Generator().manual_seed(0))


def test_the_eight_turns_of_a_square_are_all_different():
    grid = torch.arange(9).view(3, 3)
    turned = {tuple(grid[row, column].flatten().tolist()) for row, column in dihedral_turns(3)}
    assert len(turned) == 8
    for expected in (grid, grid.rot90(), grid.flip(0), grid.mT):
        assert tuple(expected.flatten().tolist()) in turned


def find_windows(inputs: torch.Tensor, truths: torch.Tensor, truth: Truth, scale: int, upsampling: int) -> list[int]:
    """Which place and turn of a picture each patch shows; its input is asserted to be what the picture has there."""
    pair, patch = make_pair(truth, scale), truths.shape[-1]
    whole, wanted = (pair.low if upsampling > 1 else pair.bicubic), pair.truth.double()
    if truth.grey:
        whole, wanted = (16 + levels * 219 / 255 for levels in (whole, wanted))
    side = patch // upsampling
    places = wanted.unfold(0, patch, upsampling).unfold(1, patch, upsampling).flatten(0, 1)  # (places, S, S)
    sources = whole.unfold(0, side, 1).unfold(1, side, 1)
    sources = sources[: (wanted.shape[0] - patch) // upsampling + 1, : (wanted.shape[1] - patch) // upsampling + 1]
    sources = sources.flatten(0, 1)
    turned = [
        torch.stack([each[:, row, column] for row, column in dihedral_turns(size)], dim=1).flatten(0, 1)
        for each, size in ((places, patch), (sources, side))
    ]  # (places * 8, S, S)
    found = []
    for small, large in zip(inputs[:, 0] * 255, truths[:, 0] * 255, strict=True):
        distances = (turned[0] - large).abs().amax(dim=(1, 2))
        place = int(distances.argmin())
        assert distances[place] < 1e-4
        assert (turned[1][place] - small).abs().max() < 1e-3
        found.append(place)
    return found


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize(("scale", "upsampling"), [(1, 1), (2, 1), (3, 1), (4, 1), (8, 1), (2, 2), (3, 3), (8, 8)])
def test_a_patch_is_what_the_whole_picture_is_in_its_place(scale, upsampling, own):
    """At the borders, too, in any turn, of pictures with sides that are no multiples of the scale."""
    height, width, patch = 5 * scale + 1, 4 * scale + 7, 2 * max(scale, 3)
    low = (height // scale, width // scale) if own else None
    grey = scale == 3
    pictures = [noise(height, width, grey, low, seed) for seed in range(2)]
    for truth in pictures:
        inputs, truths = draw(sampler_of([truth], patch=patch, scale=scale, upsampling=upsampling), 80)
        find_windows(inputs, truths, truth, scale, upsampling)
    inputs, truths = draw(sampler_of(pictures[:1], patch=patch, scale=scale, upsampling=upsampling, turns=False), 30)
    assert {place % 8 for place in find_windows(inputs, truths, pictures[0], scale, upsampling)} == {0}


def test_pictures_that_lie_behind_each_other_do_not_mix():
    pictures = [noise(9, 14), noise(20, 7, seed=1), noise(8, 8, seed=2)]
    _, truths = draw(sampler_of(pictures[:2], pictures[2:], patch=5), 200)
    windows = [truth.levels.unfold(0, 5, 1).unfold(1, 5, 1).reshape(-1, 5, 5) for truth in pictures]
    turned = torch.cat(
        [torch.stack([each[:, row, column] for row, column in dihedral_turns(5)]) for each in windows], 1
    )
    turned = {tuple(patch.flatten().tolist()) for patch in turned.flatten(0, 1)}
    assert all(tuple((patch * 255).round().int().flatten().tolist()) in turned for patch in truths)


@pytest.mark.parametrize(("upsampling", "places"), [(1, 2 * 3), (2, 1 * 2)])
def test_every_place_and_every_turn_is_drawn(upsampling, places):
    """For a network that gets the low-resolution picture, those that begin at a pixel of it."""
    truth = noise(7, 8)
    for turns, count in ((True, 8), (False, 1)):
        _, truths = draw(sampler_of([truth], patch=6, scale=2, upsampling=upsampling, turns=turns), 2000)
        drawn = {tuple(patch.flatten().tolist()) for patch in truths}
        cropped = 1 * 3 if upsampling == 1 else places  # the 7th row is cut off
        assert len(drawn) == cropped * count


def test_sets_are_drawn_equally_often_and_pictures_by_area():
    flat = [
        Truth(torch.full(shape, level, dtype=torch.uint8))
        for shape, level in (((10, 10), 10), ((10, 30), 20), ((40, 40), 100))
    ]
    _, truths = draw(sampler_of(flat[:2], flat[2:], patch=10), 8000)
    brightest = truths.amax(dim=(1, 2, 3)) * 255
    shares = [(brightest < 15).float().mean(), ((brightest > 15) & (brightest < 50)).float().mean()]
    assert shares == pytest.approx([1 / 8, 3 / 8], abs=0.03)


def test_the_same_seed_draws_the_same_patches():
    sampler = sampler_of([noise(30, 30)], patch=5)
    a, b, c = (sampler.sample(9, torch.Generator().manual_seed(seed))[0] for seed in (1, 1, 2))
    assert torch.equal(a, b)
    assert not torch.equal(a, c)


def test_processes_share_a_batch_that_is_the_same_as_that_of_one():
    sampler = sampler_of([noise(30, 30)], patch=6, scale=3)
    whole = sampler.sample(6, torch.Generator().manual_seed(3))
    parts = [sampler.sample(6, torch.Generator().manual_seed(3), rank, 3) for rank in range(3)]
    for index in range(2):
        assert torch.equal(torch.cat([part[index] for part in parts]), whole[index])


def test_patches_of_several_scales_share_a_batch_and_their_pictures_the_memory():
    truth = noise(40, 50)
    examples = [Example(truth, scale) for scale in (2, 3, 4)]
    sampler = PatchSampler([examples], 12, 1, CPU, turns=False)
    assert sampler.levels.numel() == truth.levels.numel()
    inputs, truths = draw(sampler, 300)
    places = {scale: make_pair(truth, scale) for scale in (2, 3, 4)}
    seen = set()
    for small, large in zip(inputs[:, 0] * 255, truths[:, 0] * 255, strict=True):
        windows = truth.levels.unfold(0, 12, 1).unfold(1, 12, 1)
        (row, column) = ((windows - large).abs().amax(dim=(2, 3)) < 0.5).nonzero()[0].tolist()
        cut = slice(row, row + 12), slice(column, column + 12)
        fitting = [
            scale
            for scale, pair in places.items()
            if pair.bicubic[cut].shape == small.shape and (pair.bicubic[cut] - small).abs().max() < 1e-3
        ]
        assert len(fitting) == 1
        seen.add(fitting[0])
    assert seen == {2, 3, 4}


def test_a_teachers_picture_is_learned_in_place_of_the_truth_and_degraded_is_the_truth():
    truth, wanted = noise(20, 21), noise(20, 21, seed=1).levels
    sampler = PatchSampler([[Example(truth, 2, wanted)]], 20, 1, CPU, turns=False)
    inputs, truths = draw(sampler, 1)
    assert torch.equal((truths[0, 0] * 255).round().to(torch.uint8), wanted[:, :20])
    assert torch.allclose(inputs[0, 0].double() * 255, make_pair(truth, 2).bicubic, atol=1e-3)


def test_a_pair_is_cropped_and_not_rounded(astronaut):
    pair = make_pair(Truth(torch.from_numpy(astronaut.pixels[:50, :61, 0].copy())), scale=3)
    assert pair.bicubic.shape == pair.truth.shape == (48, 60)
    assert pair.low.shape == (16, 20)
    assert (pair.bicubic - pair.bicubic.round()).abs().max() > 0.1


def test_pictures_of_all_scales_are_learned_from_and_validated_on(photographs):
    scales = (2, 3, 4)
    pictures = load_training_images([photographs], scales, 48, (0.5,))
    assert [pair.scale for pairs in pictures.validation_pairs() for pair in pairs] == [2, 3, 4]
    assert len(pictures.training[0]) == 3 * 2  # pictures, the copies reduced to half
    made = [[Example(truth, scale) for truth in pictures.training[0] for scale in scales]]
    inputs, truth = draw(PatchSampler(made, 48, 1, CPU), 500)
    assert inputs.shape == truth.shape == (500, 1, 48, 48)
    differences = (inputs - truth).square(), (inputs - truth.roll(2, dims=3)).square()
    assert 0 < differences[0].mean() < 0.5 * differences[1].mean()


@pytest.mark.parametrize("upsampling", [1, 2])
def test_a_share_of_the_patches_is_flat_and_of_any_level(upsampling):
    choices = {"patch": 8, "scale": 2, "upsampling": upsampling}
    inputs, truths = draw(sampler_of([noise(30, 30)], flat=0.25, **choices), 4000)
    plain_inputs, plain_truths = draw(sampler_of([noise(30, 30)], **choices), 4000)
    is_flat = truths.amax(dim=(1, 2, 3)) == truths.amin(dim=(1, 2, 3))
    assert is_flat.float().mean() == pytest.approx(0.25, abs=0.03)
    levels = truths[is_flat][:, 0, 0, 0]
    assert torch.equal(inputs[is_flat], levels[:, None, None, None].expand_as(inputs[is_flat]))
    assert ((levels < 0).any(), (levels > 1).any()) == (True, True)  # beyond black and white
    assert torch.histc(levels, 4, 0, 1).min() > 0.8 * torch.histc(levels, 4, 0, 1).max()
    assert torch.equal(inputs[~is_flat], plain_inputs[~is_flat])
    assert torch.equal(truths[~is_flat], plain_truths[~is_flat])


def test_processes_share_the_flat_patches():
    sampler = sampler_of([noise(30, 30)], patch=5, flat=0.5)
    whole = sampler.sample(6, torch.Generator().manual_seed(3))
    parts = [sampler.sample(6, torch.Generator().manual_seed(3), rank, 3) for rank in range(3)]
    for index in range(2):
        assert torch.equal(torch.cat([part[index] for part in parts]), whole[index])
