"""What several test files need: pictures that anyone has, and the measuring data that only some machines have."""

import os
import subprocess
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"  # before anything imports huggingface_hub: no test talks to the real Hub

import pytest
import skimage.data
import torch

from srcnn import SRCNN, images
from srcnn.images import Picture

PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Test sets, MATLAB's results and the authors' weights, in a folder `shared` beside the checkout."""
    if not (SHARED / "data").is_dir():
        pytest.skip("needs the folder `shared` beside the checkout, with the test sets and the authors' weights")
    return SHARED


@pytest.fixture(scope="session")
def astronaut() -> Picture:
    """512 x 512, RGB."""
    return Picture(skimage.data.astronaut())


@pytest.fixture(scope="session")
def photographs(tmp_path_factory) -> Path:
    """A folder of four small photographs to train on."""
    folder = tmp_path_factory.mktemp("photographs")
    for name in ("astronaut", "chelsea", "coffee", "camera"):
        images.save(Picture(getattr(skimage.data, name)()).crop(160, 200), folder / f"{name}.png")
    return folder


@pytest.fixture
def network() -> SRCNN:
    """An untrained network for x3 whose output depends on every weight."""
    torch.manual_seed(0)
    return SRCNN(scale=3, padding="replicate").eval()


def run_python(*arguments: object, **settings) -> subprocess.CompletedProcess:
    """Run a command of the project as a person would."""
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300, **settings)
