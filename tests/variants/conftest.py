"""What the tests of variants share."""

from pathlib import Path

import pytest

from srcnn import SRCNN

BEFORE = {"name": "srcnn-x3-mse", "scale": 3, "loss": "mse", "kernel_sizes": [9, 1, 5], "data": ["T91"]}
FINE_TUNED = {
    "data": ["T91"],
    "start": "srcnn-x3-mse",
    "before": [BEFORE],
    "images": 9,
    "validation_images": 2,
    "validation_psnr": 31.5,
    "best_step": 7,
}


@pytest.fixture
def undrawn(monkeypatch) -> None:
    """The text of a card hangs on no picture, and a picture takes longer than the text: who looks at it draws it."""
    monkeypatch.setattr("srcnn.variants.card.draw_crops", lambda model: b"")


@pytest.fixture
def fine_tuned(tmp_path) -> Path:
    """A folder with a variant of L1 that began as one of MSE."""
    model = SRCNN(scale=3, loss="l1", padding="replicate")
    model.recipe = {"scale": 3, "loss": "l1", **FINE_TUNED}
    model.save_pretrained(tmp_path / "srcnn-x3-l1")
    return tmp_path / "srcnn-x3-l1"
