"""Cards as tests read them."""

import re
from pathlib import Path

from huggingface_hub import ModelCard

from srcnn.variants.card import write_card


def write_card_text(folder: Path, *tests: Path, **choices) -> str:
    """A variant's card as text, a line each paragraph of it."""
    write_card(folder, tests, **choices)
    return re.sub(r"(?<=[^\n|])\n(?=[^\n|])", " ", ModelCard.load(folder / "README.md").text)
