"""The pictures of a variant folder: how the training went, and what the variant does to a detail."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import skimage.data

from srcnn.evaluate import compare
from srcnn.files import written_whole
from srcnn.images import Picture
from srcnn.network import AnyNetwork
from srcnn.upscale import downscale
from srcnn.naming import LOSS_TITLES

DETAIL = np.s_[72:144, 190:262]  # the eyes of scikit-image's astronaut, a photograph in the public domain
DOTS_PER_INCH = 100


@contextmanager
def figure(file: Path, rows: int, columns: int, width: float, height: float) -> Iterator[list]:
    """The axes of a matplotlib figure, row by row, written to a PNG file as a whole when the block ends."""
    from matplotlib.figure import Figure  # here, because it takes half a second and most commands draw nothing

    sheet = Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained")
    yield list(sheet.subplots(rows, columns, squeeze=False).flat)
    with written_whole(file) as temporary:
        sheet.savefig(temporary, format="png", metadata={"Software": None})


def draw_curves(history: list[dict], file: Path) -> None:
    """Training loss and validation PSNR over the steps, from a run's history: step, loss, psnr of each validation."""
    steps = [entry["step"] / 1000 for entry in history]
    with figure(file, rows=1, columns=2, width=8, height=3) as (left, right):
        left.semilogy(steps, [entry["loss"] for entry in history], color="tab:orange")
        left.set(title="Mean loss since the last validation", xlabel="thousand steps")
        right.plot(steps, [entry["psnr"] for entry in history], color="tab:blue")
        right.set(title="PSNR on the validation pictures, dB", xlabel="thousand steps")
        for axes in (left, right):
            axes.grid(alpha=0.3)


def draw_crops(model: AnyNetwork, file: Path) -> None:
    """The same detail as low resolution, bicubic, this variant and truth, magnified without smoothing."""
    scale = model.scale
    result = compare(Picture(skimage.data.astronaut()), model)
    low = downscale(result.truth, scale).pixels.repeat(scale, axis=0).repeat(scale, axis=1)
    panels = {
        f"Low resolution (x{scale})": low,
        f"Bicubic, {result.bicubic_score.psnr:.2f} dB": result.bicubic.pixels,
        f"This variant, {result.srcnn_score.psnr:.2f} dB": result.srcnn.pixels,
        "Ground truth": result.truth.pixels,
    }
    with figure(file, rows=1, columns=4, width=8, height=2.2) as row:
        show(row, panels)


def draw_losses(models: Sequence[AnyNetwork], file: Path) -> None:
    """The same detail by bicubic, by variants of one scale that were trained with different losses, and in truth."""
    results = [compare(Picture(skimage.data.astronaut()), model) for model in models]
    first, scale = results[0], models[0].scale
    panels = {f"Bicubic x{scale}, {first.bicubic_score.psnr:.2f} dB": first.bicubic.pixels}
    for model, result in zip(models, results, strict=True):
        panels[f"{LOSS_TITLES.get(model.config.loss, model.config.loss)}, {result.srcnn_score.psnr:.2f} dB"] = (
            result.srcnn.pixels
        )
    panels["Ground truth"] = first.truth.pixels
    columns = (len(panels) + 1) // 2
    with figure(file, rows=2, columns=columns, width=2.2 * columns, height=4.9) as axes:
        show(axes, panels)


def show(axes: list, panels: dict[str, np.ndarray]) -> None:
    """The detail of each picture under its title, magnified without smoothing; what is left of the axes stays empty."""
    for place, (title, pixels) in zip(axes, panels.items(), strict=False):
        place.imshow(pixels[DETAIL], interpolation="nearest")
        place.set_title(title, fontsize=9)
    for place in axes:
        place.axis("off")
