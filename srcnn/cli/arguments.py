"""Arguments that commands of several files take."""

import argparse

from srcnn.inference.exact_sizes import MAX_ENLARGEMENT

MAX_MEGAPIXELS = 10_000  # beyond any picture that a memory holds

Commands = argparse._SubParsersAction  # what each command adds its own parser to; argparse has no public name for it


def parse_quality(text: str) -> int:
    """A quality of 1 to 100. Raises ArgumentTypeError for anything else."""
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 to 100")
    return int(text)


def parse_megapixels(text: str) -> float:
    """A number of megapixels. Raises ArgumentTypeError for what is none."""
    try:
        megapixels = float(text)
    except ValueError:
        megapixels = 0
    if not 0 < megapixels <= MAX_MEGAPIXELS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of megapixels up to {MAX_MEGAPIXELS:,}")
    return megapixels


def parse_pixels(text: str) -> int:
    """A number of pixels. Raises ArgumentTypeError for what is none."""
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of pixels")
    return int(text)


def parse_scale(text: str) -> float:
    """An enlargement. Raises ArgumentTypeError for what is none, or too small or large."""
    try:
        scale = float(text)
    except ValueError:
        scale = 0
    if not 1 <= scale <= MAX_ENLARGEMENT:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {MAX_ENLARGEMENT}")
    return int(scale) if scale.is_integer() else scale


def add_ensemble_argument(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--ensemble", action="store_true", help="average the eight turns of each picture: slower, better"
    )
