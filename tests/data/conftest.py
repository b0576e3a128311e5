"""A set of pictures, and a cache of unpacked archives that is only the test's."""

import shutil
from pathlib import Path

import pytest

from srcnn.data import archives


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(archives, "UNPACKED_FOLDER", tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def folder(photographs, tmp_path) -> Path:
    """Pictures on two levels, and what is none."""
    folder = tmp_path / "Four"
    shutil.copytree(photographs, folder)
    (folder / "more").mkdir()
    (folder / "coffee.png").rename(folder / "more" / "coffee.PNG")
    (folder / "notes.txt").write_text("no picture")
    return folder
