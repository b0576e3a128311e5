"""The order of the packages, as `lint-imports` holds it in CI."""

import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from tests.support.project import PROJECT


@pytest.fixture
def copy(tmp_path) -> Path:
    """The code, to be changed."""
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    for package in ("srcnn", "demo"):
        shutil.copytree(PROJECT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def check(folder: Path) -> subprocess.CompletedProcess:
    command = [Path(sysconfig.get_path("scripts"), "lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)


def test_the_packages_import_downwards_only(copy):
    assert check(copy).returncode == 0


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("srcnn/imaging/color.py", "import srcnn.networks.base", "srcnn.imaging is not allowed to import"),
        ("srcnn/variants/card_texts.py", "import srcnn.training.losses", "srcnn.variants is not allowed to import"),
        ("srcnn/hub/names.py", "import srcnn.imaging.color", "srcnn.hub is not allowed to import"),
        (
            "srcnn/inference/engine.py",
            "import srcnn.inference.batch.run",
            "srcnn.inference.engine -> srcnn.inference.batch",
        ),
        ("srcnn/inference/engine.py", "import demo.job", "srcnn is not allowed to import demo"),
        ("srcnn/gadgets/__init__.py", "", "srcnn.gadgets"),
    ],
)
def test_an_upward_import_and_a_package_without_a_place_are_refused(copy, module, line, broken):
    (copy / module).parent.mkdir(exist_ok=True)
    with (copy / module).open("a") as file:
        file.write(f"\n{line}\n")
    done = check(copy)
    assert done.returncode == 1
    assert broken in done.stdout
