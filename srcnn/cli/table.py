"""The table of `srcnn table`: every variant on sets of pictures, and what each costs."""

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from srcnn.cli.arguments import Commands
from srcnn.data.picture_sets import SETS_HELP, name_sets, picture_files
from srcnn.evaluation.scores import Score, evaluate
from srcnn.hub.download import WEIGHTS_FILE
from srcnn.inference.device import best_device
from srcnn.inference.timing import measure_seconds_per_megapixel
from srcnn.networks.base import count_parameters
from srcnn.variants.card import markdown_table
from srcnn.variants.loading import bundled_names, load_with_folder
from srcnn.variants.recipe import training_sets

BICUBIC_TITLE = "Bicubic"
_COST_TITLES = ("Parameters", "KB", "Multiply-adds a pixel", "Seconds a megapixel", "Trained on")


def add_table_command(commands: Commands) -> None:
    command = commands.add_parser("table", help="PSNR, SSIM, size, work and time of variants at all their scales")
    command.add_argument("model", nargs="*", help="bundled name, folder or Hub repository (default: all bundled ones)")
    command.add_argument(
        "--data", action="append", required=True, metavar="SET", help=f"test pictures: {SETS_HELP}; repeatable"
    )
    command.add_argument("--json", action="store_true", help="print JSON instead of a Markdown table")
    command.set_defaults(run=_run_table)


def _run_table(args: argparse.Namespace) -> int:
    rows = measure_rows(args.model or bundled_names(), args.data)
    if args.json:
        print(json.dumps([row.as_json() for row in rows], indent=2))
        return 0
    for line in table_lines(rows):
        print(line, flush=True)
    return 0


@dataclass(frozen=True)
class TableRow:
    """A variant at a scale; of bicubic only the scores.

    size: bytes of its weights. multiply_adds: for a pixel of the enlarged picture. seconds: for a megapixel of it, on
    this machine. trained_on: names of the sets. scores: by test set.
    """

    name: str
    scale: int
    scores: dict[str, Score]
    parameters: int | None = None
    size: int | None = None
    multiply_adds: float | None = None
    seconds: float | None = None
    trained_on: tuple[str, ...] = ()

    def as_json(self) -> dict:
        return asdict(self) | {"scores": {test: score.round_figures() for test, score in self.scores.items()}}


def measure_rows(names: Iterable[str], tests: Iterable[str | Path]) -> Iterator[TableRow]:
    """Each variant at each of its scales, by scale, each scale after bicubic: a row as soon as it is measured.

    Raises VariantError or ImageError for what cannot be used.
    """
    tests = name_sets(tests)
    loaded = [(name, *load_with_folder(name)) for name in names]
    found = [(scale, name, model, folder) for name, model, folder in loaded for scale in model.config.scales]
    last = None
    for scale, name, model, folder in sorted(found, key=lambda each: each[0]):  # keeps the order of the names
        used = model.for_scale(scale).to(best_device())
        reports = {test: evaluate(used, picture_files(source)) for test, source in tests.items()}
        if scale != last:
            yield TableRow(BICUBIC_TITLE, scale, {test: report.bicubic for test, report in reports.items()})
        last = scale
        yield TableRow(
            name,
            scale,
            {test: report.srcnn for test, report in reports.items()},
            count_parameters(model),
            (folder / WEIGHTS_FILE).stat().st_size,
            model.config.multiply_adds(scale),
            measure_seconds_per_megapixel(used),
            tuple(training_sets(model.recipe)),
        )


def table_lines(rows: Iterable[TableRow]) -> Iterator[str]:
    """The lines of the table, PSNR (dB) / SSIM for each test set, each as soon as its row is there."""
    return markdown_table(_list_cells(rows))


def _list_cells(rows: Iterable[TableRow]) -> Iterator[list[str]]:
    """The head of the table, then its rows."""
    for number, row in enumerate(rows):
        if number == 0:
            yield ["Variant", "Scale", *row.scores, *_COST_TITLES]
        costs = ["" for _ in _COST_TITLES]
        if row.parameters is not None:
            costs = [
                f"{row.parameters:,}",
                f"{row.size / 1000:,.0f}",
                f"{row.multiply_adds:,.0f}",
                f"{row.seconds:.2f}",
                ", ".join(row.trained_on),
            ]
        yield [row.name, f"x{row.scale}", *(score.text() for score in row.scores.values()), *costs]
