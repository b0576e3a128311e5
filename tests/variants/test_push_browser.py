"""The page without a server on its way to the Hub. Whether it works is tested in tests/browser_page."""

import shutil
from pathlib import Path

import pytest
from huggingface_hub import SpaceCard

from srcnn.variants.card import is_generated
from tests.support.hub_commands import files_of, pushed, put, sent, titles
from tests.support.project import PROJECT

CODE = """
import sys
from pathlib import Path
from srcnn.cli.parser import main
from srcnn.variants import publish
publish._BROWSER_FOLDER = Path({folder!r})
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def page(tmp_path) -> Path:
    """The folder `browser` with something in place of what a build makes."""
    (tmp_path / "browser" / "dist" / "models").mkdir(parents=True)
    shutil.copy(PROJECT / "browser" / "README.md", tmp_path / "browser")
    files = {"index.html": b"<!doctype html>", "models/srcnn-x3-mse.onnx": b"\0onnx", "offline-files.js": b"self"}
    for path, content in files.items():
        (tmp_path / "browser" / "dist" / path).write_bytes(content)
    return tmp_path / "browser"


@pytest.fixture
def push(person, page):
    return lambda *options: person("-c", CODE.format(folder=str(page)), "push-browser", "me/page", *options)


def test_what_was_built_becomes_a_static_space(hub, page, push):
    assert "me/page: would send README.md, index.html, " in push("--dry-run").output
    assert sent(hub) == []
    done = push()
    assert done.status == 0, done.errors
    assert hub.store.repositories["spaces", "me/page"].sdk == "static"
    assert titles(hub, "me/page", "spaces") == ["SRCNN as a page without a server", "initial commit"]
    files = pushed(hub, "me/page", "spaces")
    readme = files.pop("README.md").decode()
    assert files == files_of(page / "dist")
    assert is_generated(readme)
    metadata = SpaceCard(readme).data
    assert (metadata.sdk, metadata.app_file, metadata.license) == ("static", "index.html", "mit")
    assert push().output == "me/page: up to date\n"


def test_a_readme_that_people_edited_is_kept(hub, push):
    push()
    put(hub, "me/page", {"README.md": b"---\nsdk: static\n---\nMine"}, "spaces")
    assert "README.md was edited on the Hub and is kept" in push().output
    assert b"Mine" in pushed(hub, "me/page", "spaces")["README.md"]
    assert push("--replace-card").status == 0
    assert b"# SRCNN as a page" in pushed(hub, "me/page", "spaces")["README.md"]


def test_a_page_that_is_not_built_is_not_pushed(hub, page, push):
    (page / "dist" / "offline-files.js").unlink()
    done = push()
    assert (done.status, done.errors) == (
        1,
        "The page is not built: call `npm ci && npm run build` in the folder browser first.",
    )
    assert sent(hub) == []
