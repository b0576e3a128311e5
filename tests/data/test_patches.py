import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from srcnn.data.degradation import Pair, make_pair
from srcnn.data.patches import Example, PatchSampler, TrainingImages, dihedral_turns, load_training_images
from srcnn.imaging.picture import ImageError, Picture

CPU = torch.device("cpu")


def ramp(height: int, width: int, start: float = 0, step: int = 1) -> Example:
    """An example whose every pixel tells its place; the truth is `step` times as large, and one level brighter."""
    plane = torch.arange(height * width, dtype=torch.float32).view(height, width) * 0.01 + start
    return Example(plane, repeated(plane, step) + 1)


def repeated(plane: torch.Tensor, step: int) -> torch.Tensor:
    return plane.repeat_interleave(step, -1).repeat_interleave(step, -2)


def enlarged(pair: Pair) -> Example:
    """What SRCNN and VDSR learn from."""
    return Example(pair.bicubic.float(), pair.truth.float())


def low(pair: Pair) -> Example:
    """What EDSR learns from."""
    return Example(pair.low.float(), pair.truth.float())


def examples(pictures: TrainingImages, make: Callable[[Pair], Example] = enlarged) -> list[list[Example]]:
    return [[make(pair) for pair in pairs] for pairs in pictures.training_pairs()]


def save_noise(file: Path, side: int) -> None:
    Picture(np.random.default_rng(0).integers(0, 256, (side, side), dtype=np.uint8)).save(file)


def test_the_eight_turns_of_a_square_are_all_different():
    grid = torch.arange(9).view(3, 3)
    turned = {tuple(grid[row, column].flatten().tolist()) for row, column in dihedral_turns(3)}
    assert len(turned) == 8
    for expected in (grid, grid.rot90(), grid.flip(0), grid.mT):
        assert tuple(expected.flatten().tolist()) in turned


def test_patches_are_cut_from_inside_one_image_and_match_each_other():
    first, second = ramp(9, 14), ramp(20, 7, start=200)
    sampler = PatchSampler([[first, second]], patch=5, device=CPU)
    bicubic, truth = sampler.sample(500, torch.Generator().manual_seed(0))
    assert bicubic.shape == truth.shape == (500, 1, 5, 5)
    assert torch.allclose(truth, bicubic + 1 / 255, atol=1e-6)
    for patch in bicubic[:, 0] * 255:
        pair = first if patch.max() < 100 else second
        windows = pair.input.unfold(0, 5, 1).unfold(1, 5, 1).reshape(-1, 5, 5)
        turned = torch.stack([patch[row, column] for row, column in dihedral_turns(5)])
        assert (windows[:, None] - turned[None]).abs().amax(dim=(2, 3)).min() < 1e-3


def test_every_place_and_every_turn_is_drawn():
    sampler = PatchSampler([[ramp(6, 7)]], patch=5, device=CPU)
    bicubic, _ = sampler.sample(2000, torch.Generator().manual_seed(0))
    assert len({tuple(patch.flatten().tolist()) for patch in bicubic}) == 2 * 3 * 8


def test_folders_are_drawn_equally_often_and_images_by_area():
    small, large = ramp(10, 10, start=10), ramp(10, 30, start=20)
    other = ramp(40, 40, start=100)
    sampler = PatchSampler([[small, large], [other]], patch=10, device=CPU)
    bicubic, _ = sampler.sample(8000, torch.Generator().manual_seed(0))
    brightest = bicubic.amax(dim=(1, 2, 3)) * 255
    shares = [(brightest < 15).float().mean(), ((brightest > 15) & (brightest < 50)).float().mean()]
    assert shares == pytest.approx([1 / 8, 3 / 8], abs=0.03)


def test_the_same_seed_draws_the_same_patches():
    sampler = PatchSampler([[ramp(30, 30)]], patch=5, device=CPU)
    a, b, c = (sampler.sample(9, torch.Generator().manual_seed(seed))[0] for seed in (1, 1, 2))
    assert torch.equal(a, b)
    assert not torch.equal(a, c)


def test_validation_images_are_not_trained_on(photographs):
    pictures = load_training_images([photographs], (3,), 60)
    assert [len(folder) for folder in pictures.training] == [3]
    assert [len(folder) for folder in pictures.validation] == [1]
    kept = pictures.validation[0][0].truth
    assert not any(torch.equal(truth.luma, kept) for truth in pictures.training[0])


def test_scaling_adds_smaller_copies_of_training_pictures_only(photographs):
    plain = load_training_images([photographs], (3,), 90)
    scaled = load_training_images([photographs], (3,), 90, (0.75, 0.5))
    shapes = [tuple(truth.luma.shape) for truth in scaled.training[0]]
    assert shapes == [(159, 198), (120, 147)] * 3  # half is smaller than a patch
    assert len(scaled.validation[0]) == len(plain.validation[0])


def test_files_that_cannot_be_used_are_skipped_with_a_reason(tmp_path):
    for name in ("a.png", "b.png"):
        save_noise(tmp_path / name, 70)
    Picture(np.zeros((30, 70), dtype=np.uint8)).save(tmp_path / "small.png")
    (tmp_path / "text.png").write_text("no picture")
    pictures = load_training_images([tmp_path], (2,), 60)
    reasons = {file.name: reason for file, reason in pictures.skipped.items()}
    assert reasons.keys() == {"small.png", "text.png"}
    assert "smaller than a patch" in reasons["small.png"]


def test_a_folder_with_nothing_to_train_on_is_refused(tmp_path):
    Picture(np.zeros((70, 70), dtype=np.uint8)).save(tmp_path / "a.png")
    with pytest.raises(ImageError, match="needs two usable pictures"):
        load_training_images([tmp_path], (2,), 60)


def test_a_pair_is_cropped_and_not_rounded(astronaut):
    pair = make_pair(torch.from_numpy(astronaut.pixels[:50, :61, 0].copy()), scale=3)
    assert pair.bicubic.shape == pair.truth.shape == (48, 60)
    assert pair.low.shape == (16, 20)
    assert (pair.bicubic - pair.bicubic.round()).abs().max() > 0.1


def test_without_turns_patches_are_upright():
    sampler = PatchSampler([[ramp(6, 7)]], patch=5, device=CPU, turns=False)
    bicubic, _ = sampler.sample(500, torch.Generator().manual_seed(0))
    assert len({tuple(patch.flatten().tolist()) for patch in bicubic}) == 2 * 3


def test_processes_share_a_batch_that_is_the_same_as_that_of_one():
    sampler = PatchSampler([[ramp(30, 30)]], patch=5, device=CPU)
    whole = sampler.sample(6, torch.Generator().manual_seed(3))
    parts = [sampler.sample(6, torch.Generator().manual_seed(3), rank, 3) for rank in range(3)]
    for index in range(2):
        assert torch.equal(torch.cat([part[index] for part in parts]), whole[index])


@pytest.mark.parametrize("step", [2, 3, 4])
@pytest.mark.parametrize("turns", [True, False])
def test_a_patch_of_a_low_resolution_picture_and_its_truth_show_one_place(step, turns):
    """In any turn, of pictures of any size that lie one behind the other in memory."""
    examples = [ramp(7, 12, step=step), ramp(9, 6, start=50, step=step), ramp(6, 6, start=99, step=step)]
    sampler = PatchSampler([examples[:2], examples[2:]], patch=5 * step, device=CPU, turns=turns)
    small, truth = sampler.sample(8000, torch.Generator().manual_seed(0))
    assert (small.shape, truth.shape) == ((8000, 1, 5, 5), (8000, 1, 5 * step, 5 * step))
    assert torch.allclose(truth, repeated(small, step) + 1 / 255, atol=1e-6)
    places = 3 * 8 + 5 * 2 + 2 * 2
    assert len({tuple(patch.flatten().tolist()) for patch in truth}) == places * (8 if turns else 1)


def test_every_pixel_of_a_turned_truth_is_where_the_low_resolution_patch_has_it():
    """A truth finer than its low-resolution picture: that is its mean, in every turn."""
    truth = torch.rand(24, 32, generator=torch.Generator().manual_seed(0)) * 255
    example = Example(torch.nn.functional.avg_pool2d(truth[None], 4)[0], truth)
    small, large = PatchSampler([[example]], patch=16, device=CPU).sample(200, torch.Generator().manual_seed(0))
    assert torch.allclose(torch.nn.functional.avg_pool2d(large, 4), small, atol=1e-6)


def test_pictures_of_all_scales_are_learned_from_and_validated_on(photographs):
    scales = (2, 3, 4)
    pictures = load_training_images([photographs], scales, 48, (0.5,))
    assert [pair.scale for pair in pictures.validation[0]] == [2, 3, 4]
    assert len(pictures.training[0]) == 3 * 3 * 2  # pictures, scales, the copies reduced to half
    sampler = PatchSampler(examples(pictures), 48, CPU)
    inputs, truth = sampler.sample(500, torch.Generator().manual_seed(0))
    assert inputs.shape == truth.shape == (500, 1, 48, 48)
    differences = (inputs - truth).square(), (inputs - truth.roll(2, dims=3)).square()
    assert 0 < differences[0].mean() < 0.5 * differences[1].mean()


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_the_low_resolution_picture_of_an_example_has_its_place_in_the_truth(photographs, scale):
    pictures = load_training_images([photographs], (scale,), 12 * scale, (0.9, 0.55))
    made = examples(pictures, low)
    for example in made[0]:
        assert example.truth.shape == tuple(scale * side for side in example.input.shape)
    inputs, truth = PatchSampler(made, 12 * scale, CPU).sample(300, torch.Generator().manual_seed(0))
    means = torch.nn.functional.avg_pool2d(truth, scale)
    moved = (inputs - means.roll(1, dims=3))[..., 1:]
    assert (inputs - means).square().mean() < 0.2 * moved.square().mean()


def test_copies_that_are_too_small_for_a_pair_are_left_out(tmp_path):
    for name in ("a.png", "b.png"):
        save_noise(tmp_path / name, 16)
    assert len(load_training_images([tmp_path], (4,), 4, (0.6,)).training[0]) == 1


def blank(file: Path, level: int = 255) -> None:
    Picture(np.full((70, 70), level, dtype=np.uint8)).save(file)


@pytest.fixture
def mixed(photographs, tmp_path) -> Path:
    """Four photographs, and before them, by name, what nobody can use."""
    folder = tmp_path / "mixed"
    shutil.copytree(photographs, folder)
    (folder / "Aa.png").write_bytes(b"broken")
    Picture(np.zeros((30, 70), dtype=np.uint8)).save(folder / "Ab.png")
    return folder


def test_the_place_of_an_unusable_picture_in_the_validation_goes_to_the_next(mixed, photographs):
    pictures = load_training_images([mixed], (3,), 60)
    plain = load_training_images([photographs], (3,), 60)
    assert torch.equal(pictures.validation[0][0].truth, plain.validation[0][0].truth)
    assert (pictures.used, pictures.kept_out, len(pictures.skipped)) == (3, 1, 2)


def test_a_set_with_too_few_pictures_says_what_is_wrong_with_the_others(tmp_path):
    blank(tmp_path / "b.png")
    (tmp_path / "a.png").write_bytes(b"broken")
    with pytest.raises(ImageError, match=r"needs two usable pictures of at least 60 pixels a side. a.png cannot be"):
        load_training_images([tmp_path], (2,), 60)


@pytest.mark.parametrize("level", [0, 77, 255])
def test_a_picture_without_detail_is_not_validated_on(photographs, tmp_path, level):
    shutil.copytree(photographs, tmp_path / "set")
    blank(tmp_path / "set" / "A.png", level)
    pictures = load_training_images([tmp_path / "set"], (2,), 60)
    assert all(pair.truth.std() > 1 for pair in pictures.validation[0])
    assert (pictures.used, pictures.kept_out) == (4, 1)


def test_a_validation_set_of_ones_own_leaves_all_others_to_train_on(photographs, tmp_path):
    blank(tmp_path / "a.png")
    shutil.copy(photographs / "camera.png", tmp_path / "b.png")
    pictures = load_training_images([photographs], (2, 3), 60, validation_sets=[tmp_path])
    assert (pictures.used, pictures.kept_out) == (4, 1)
    assert [pair.scale for pair in pictures.validation[0]] == [2, 3]
    assert "exactly" in pictures.skipped[tmp_path / "a.png"]
    (tmp_path / "b.png").unlink()
    with pytest.raises(ImageError, match="holds no picture that can be validated on"):
        load_training_images([photographs], (2,), 60, validation_sets=[tmp_path])


def test_other_pixels_and_another_split_have_another_fingerprint(photographs, mixed):
    first, again = (load_training_images([photographs], (2,), 60) for _ in range(2))
    assert first.fingerprint() == again.fingerprint()
    others = [load_training_images([mixed], (2,), 60, (0.9,)), load_training_images([photographs], (3,), 60)]
    others.append(load_training_images([photographs], (2,), 60, validation_sets=[mixed]))
    assert len({first.fingerprint(), *(each.fingerprint() for each in others)}) == 4
