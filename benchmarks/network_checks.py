"""What of each SRCNN variant is dead, how it amplifies noise, and how flat greys come out: a row of Markdown each.

    python -m benchmarks.network_checks

Measured on five photographs that come with scikit-image.
"""

import argparse
import itertools
import sys
from pathlib import Path

import skimage.data
import torch

from srcnn.data.degradation import Truth, make_pair, truth_of
from srcnn.evaluation.feature_maps import find_dead_maps
from srcnn.evaluation.robustness import measure_flat_errors, measure_noise_gain
from srcnn.imaging.picture import Picture
from srcnn.variants.card import markdown_table
from srcnn.variants.loading import BUNDLED_FOLDER, load_any_scale

PHOTOGRAPHS = ("astronaut", "camera", "chelsea", "coffee", "rocket")

TITLES = [
    "Variant",
    "Dead maps of the first and the second layer",
    "White noise comes out times",
    "Black and white come out as",
    "Largest error of a flat grey",
]


def check(folder: Path, truths: list[Truth]) -> list[str]:
    """The cells of a variant's row."""
    model = load_any_scale(folder)
    planes = [make_pair(truth, model.scale).input_of(model) for truth in truths]
    first, second = find_dead_maps(model, planes)
    gain = sum(measure_noise_gain(model, plane) for plane in planes) / len(planes)
    errors = measure_flat_errors(model, torch.arange(256.0))
    return [
        f"`{folder.name}`",
        f"{len(first)} of {model.config.filters[0]}, {len(second)} of {model.config.filters[1]}",
        f"{gain:.2f}",
        f"{errors[0]:.1f}, {255 + errors[-1]:.1f}",
        f"{errors.abs().max():.1f}",
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, help="variant folders (default: the released ones of SRCNN)")
    folders = parser.parse_args().folders or sorted(BUNDLED_FOLDER.glob("srcnn-*"))
    truths = [truth_of(Picture(getattr(skimage.data, name)())) for name in PHOTOGRAPHS]
    for line in markdown_table(itertools.chain([TITLES], (check(folder, truths) for folder in folders))):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
