import numpy as np
import pytest
import torch

from srcnn import images
from srcnn.data import PatchSampler, dihedral, load_folders
from srcnn.degrade import Pair, make_pair
from srcnn.images import ImageError, Picture

CPU = torch.device("cpu")


def ramp(height: int, width: int, start: float = 0) -> Pair:
    plane = torch.arange(height * width, dtype=torch.float64).view(height, width) * 0.01 + start
    return Pair(bicubic=plane, truth=plane + 1)


def test_the_eight_turns_of_a_square_are_all_different():
    grid = torch.arange(9).view(3, 3)
    turned = {tuple(grid[row, column].flatten().tolist()) for row, column in dihedral(3)}
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
        windows = pair.bicubic.float().unfold(0, 5, 1).unfold(1, 5, 1).reshape(-1, 5, 5)
        turned = torch.stack([patch[row, column] for row, column in dihedral(5)])
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
    pictures = load_folders([photographs], scale=3, min_side=60)
    assert [len(folder) for folder in pictures.training] == [3]
    assert [len(folder) for folder in pictures.validation] == [1]
    kept = pictures.validation[0][0].truth
    assert not any(torch.equal(pair.truth, kept) for pair in pictures.training[0])


def test_scaling_adds_smaller_copies_of_training_pictures_only(photographs):
    plain = load_folders([photographs], scale=3, min_side=90)
    scaled = load_folders([photographs], scale=3, min_side=90, shrink=(0.75, 0.5))
    shapes = [tuple(pair.truth.shape) for pair in scaled.training[0]]
    assert shapes == [(159, 198), (120, 147)] * 3  # half is smaller than a patch
    assert len(scaled.validation[0]) == len(plain.validation[0])


def test_files_that_cannot_be_used_are_skipped_with_a_reason(tmp_path):
    for name in ("a.png", "b.png"):
        images.save(Picture(np.zeros((70, 70), dtype=np.uint8)), tmp_path / name)
    images.save(Picture(np.zeros((30, 70), dtype=np.uint8)), tmp_path / "small.png")
    (tmp_path / "text.png").write_text("no picture")
    pictures = load_folders([tmp_path], scale=2, min_side=60)
    reasons = {file.name: reason for file, reason in pictures.skipped.items()}
    assert reasons.keys() == {"small.png", "text.png"}
    assert "smaller than a patch" in reasons["small.png"]


def test_a_folder_with_nothing_to_train_on_is_refused(tmp_path):
    images.save(Picture(np.zeros((70, 70), dtype=np.uint8)), tmp_path / "a.png")
    with pytest.raises(ImageError, match="needs two pictures"):
        load_folders([tmp_path], scale=2, min_side=60)


def test_a_pair_is_cropped_and_not_rounded(astronaut):
    pair = make_pair(torch.from_numpy(astronaut.pixels[:50, :61, 0].copy()), scale=3)
    assert pair.bicubic.shape == pair.truth.shape == (48, 60)
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
