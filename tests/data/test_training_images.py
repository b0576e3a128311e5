import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from srcnn.data.own_pairs import pair_opener
from srcnn.data.picture_sets import list_pictures
from srcnn.data.training_images import count_overlaps, load_training_images
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture
from srcnn.inference.upscaling import downscale


def save_noise(file: Path, side: int, seed: int = 0) -> None:
    Picture(np.random.default_rng(seed).integers(0, 256, (side, side), dtype=np.uint8)).save(file)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory) -> Path:
    """Forty pictures that tell themselves apart."""
    folder = tmp_path_factory.mktemp("crowd")
    for number in range(40):
        save_noise(folder / f"{number:02}.png", 40, seed=number)
    return folder


def sides(folder: Path) -> tuple[set[bytes], set[bytes]]:
    """The contents of the pictures that are trained on and of those that are validated on."""
    pictures = load_training_images([folder], (2,), 36)
    return tuple(
        {truth.levels.numpy().tobytes() for truth in side[0]} for side in (pictures.training, pictures.validation)
    )


def test_adding_and_removing_pictures_moves_no_other_one(crowd, tmp_path):
    training, validation = sides(crowd)
    assert len(training) + len(validation) == 40
    assert 1 <= len(validation) <= 8
    folder = tmp_path / "more"
    shutil.copytree(crowd, folder)
    for number in range(12):
        save_noise(folder / f"{number:02} new.png", 40, seed=100 + number)
    for number in (7, 21, 39):
        (folder / f"{number:02}.png").unlink()
    more_training, more_validation = sides(folder)
    assert not more_training & validation
    assert not more_validation & training
    assert len(more_training) + len(more_validation) == 49


def test_a_picture_and_its_copy_under_another_name_are_on_one_side(crowd, tmp_path):
    _, validation = sides(crowd)
    for number in range(40):
        save_noise(tmp_path / f"{number:02}.png", 40, seed=number)
        shutil.copy(tmp_path / f"{number:02}.png", tmp_path / f"copy of {number}.png")
    pictures = load_training_images([tmp_path], (2,), 36)
    assert pictures.kept_out == 2 * len(validation)
    assert sides(tmp_path)[1] == validation


def test_validation_images_are_not_trained_on(photographs):
    pictures = load_training_images([photographs], (3,), 60)
    assert [len(folder) for folder in pictures.training] == [3]
    assert [len(folder) for folder in pictures.validation] == [1]
    kept = pictures.validation[0][0].levels
    assert not any(torch.equal(truth.levels, kept) for truth in pictures.training[0])


def test_scaling_adds_smaller_copies_of_training_pictures_only(photographs):
    plain = load_training_images([photographs], (3,), 90)
    scaled = load_training_images([photographs], (3,), 90, (0.75, 0.5))
    shapes = [tuple(truth.levels.shape) for truth in scaled.training[0]]
    assert shapes == [(160, 200)] * 3 + [(120, 150)] * 3  # half is smaller than a patch
    assert (plain.used, scaled.used) == (3, 6)
    assert len(scaled.validation[0]) == len(plain.validation[0])


def test_files_that_cannot_be_used_are_skipped_with_a_reason(tmp_path):
    for seed, name in enumerate(("a.png", "b.png")):
        save_noise(tmp_path / name, 70, seed)
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


def test_copies_that_are_too_small_for_a_pair_are_left_out(tmp_path):
    for seed, name in enumerate(("a.png", "b.png")):
        save_noise(tmp_path / name, 16, seed)
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


def test_unusable_pictures_change_nothing_but_the_list_of_what_was_skipped(mixed, photographs):
    pictures = load_training_images([mixed], (3,), 60)
    plain = load_training_images([photographs], (3,), 60)
    assert torch.equal(pictures.validation[0][0].levels, plain.validation[0][0].levels)
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
    assert all(truth.levels.double().std() > 1 for truth in pictures.validation[0])
    assert (pictures.used, pictures.kept_out) == (4, 1)


def test_a_set_of_which_nothing_is_lost_is_refused_for_that_reason(photographs, tmp_path):
    """Pictures of one colour; and pictures that are their own low-resolution ones, at x1."""
    for number in range(3):
        Picture(np.full((90, 90, 3), 50 * number, np.uint8)).save(tmp_path / f"{number}.png")
    for source, scale, opener in ((tmp_path, 2, None), (photographs, 1, pair_opener([photographs], 1))):
        with pytest.raises(ImageError, match="back exactly, so there is nothing to learn"):
            load_training_images([source], (scale,), 24, **({"open_file": opener} if opener else {}))


def test_a_validation_set_of_ones_own_leaves_all_others_to_train_on(photographs, tmp_path):
    blank(tmp_path / "a.png")
    shutil.copy(photographs / "camera.png", tmp_path / "b.png")
    pictures = load_training_images([photographs], (2, 3), 60, validation_sets=[tmp_path])
    assert (pictures.used, pictures.kept_out) == (4, 1)
    assert [pair.scale for pairs in pictures.validation_pairs() for pair in pairs] == [2, 3]
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


def test_test_pictures_are_found_among_own_pairs_whatever_their_sides(photographs, tmp_path):
    """A picture is cut to a multiple of the scale only where it is used."""
    for file in list_pictures(photographs):
        downscale(open_picture(file), 3).save(tmp_path / file.name)
    pictures = load_training_images([photographs], (3,), 60, open_file=pair_opener([tmp_path], 3))
    assert list(count_overlaps(pictures, [photographs]).values()) == [4]
