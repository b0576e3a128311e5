"""Folders are looked through, on every disk."""

import os

import pytest

from srcnn.data.folders import identify_file
from srcnn.data.picture_sets import list_pictures
from srcnn.imaging.picture import ImageError


@pytest.fixture
def numberless(monkeypatch, tmp_path):
    """As Windows sees some disks of the network: no file has a number."""
    status = os.stat

    def forget(place, *more, **options):
        found = status(place, *more, **options)
        is_below = isinstance(place, str | os.PathLike) and str(place).startswith(str(tmp_path))
        return os.stat_result((found.st_mode, 0, *found[2:10])) if is_below else found

    monkeypatch.setattr(os, "stat", forget)


def test_files_without_a_number_are_told_apart_by_their_paths(tmp_path, numberless):
    (tmp_path / "a").write_text("")
    (tmp_path / "b").write_text("")
    assert identify_file(tmp_path / "a") != identify_file(tmp_path / "b")
    assert identify_file(tmp_path / "a") == identify_file(tmp_path / "." / "a")


def test_listing_names_pictures_of_subfolders_and_nothing_else(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("b.png", "sub/a.JPG", "notes.txt", ".hidden.png"):
        (tmp_path / name).touch()
    assert [file.name for file in list_pictures(tmp_path)] == ["b.png", "a.JPG"]
    with pytest.raises(ImageError, match="no folder"):
        list_pictures(tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ImageError, match="holds no pictures"):
        list_pictures(tmp_path / "empty")
