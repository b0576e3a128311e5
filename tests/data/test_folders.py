"""Folders are looked through on every disk."""

import os

import pytest

from srcnn.data.folders import identify_file


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
