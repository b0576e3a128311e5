"""`srcnn upscale` and `srcnn downscale`: one picture, or every picture of a folder."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from srcnn.cli.arguments import Commands, add_ensemble_argument
from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import open_picture, printable_name
from srcnn.imaging.writing import check_writable, list_losses
from srcnn.inference.device import best_device
from srcnn.inference.folders import change_folder, current_process
from srcnn.inference.upscaling import downscale, upscale
from srcnn.naming import ALL_SCALES, variant_name
from srcnn.variants.loading import load_ensemble


def add_upscale_command(commands: Commands) -> None:
    command = commands.add_parser("upscale", help="enlarge a picture, or every picture of a folder")
    _add_place_arguments(command)
    command.add_argument("--loss", default="mse", help="loss that the variant was trained with (default: mse)")
    command.add_argument(
        "--model",
        action="append",
        help="a variant by name, folder or Hub repository; repeatable",
    )
    add_ensemble_argument(command)
    command.add_argument("--fp32", action="store_true", help="on a GPU, compute in float32 instead of half precision")
    command.set_defaults(run=_run_upscale)


def _run_upscale(args: argparse.Namespace) -> int:
    names = args.model or [variant_name(args.scale or 3, args.loss)]
    model = load_ensemble(names, args.ensemble, args.scale).to(
        current_process().device if args.input.is_dir() else best_device()
    )
    return _change_pictures(args, lambda picture: upscale(picture, model, exact=args.fp32), keep_metadata=True)


def add_downscale_command(commands: Commands) -> None:
    command = commands.add_parser("downscale", help="MATLAB's low-resolution picture, mod-cropped")
    _add_place_arguments(command)
    command.set_defaults(run=_run_downscale)


def _run_downscale(args: argparse.Namespace) -> int:
    return _change_pictures(args, lambda picture: downscale(picture, args.scale or 3))


def _add_place_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("input", type=Path, metavar="IN", help="picture or folder")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="picture or folder to write")
    command.add_argument(
        "--scale", type=int, choices=ALL_SCALES, help="enlargement (default: 3, or that of the --model)"
    )
    command.add_argument("--overwrite", action="store_true", help="of a folder, also what is in OUT already")


def _change_pictures(
    args: argparse.Namespace, change: Callable[[Picture], Picture], keep_metadata: bool = False
) -> int:
    """Change one picture, or every picture of a folder; of those that cannot be used, the reason goes to stderr."""
    if not args.input.is_dir():
        args.output.parent.mkdir(parents=True, exist_ok=True)
        picture = open_picture(args.input, keep_metadata=keep_metadata)
        check_writable(picture, args.output)  # before the work
        result = change(picture)
        result.save(args.output)
        _tell_losses(args.input, (*result.remarks, *list_losses(result, args.output)))
        return 0
    outcome = change_folder(args.input, args.output, change, keep_metadata, args.overwrite)
    if not current_process().is_main_process:
        return 0  # one tells for all
    for file, reason in outcome.refused.items():
        print(f"{printable_name(file)}: {reason}", file=sys.stderr)
    for file, losses in outcome.losses.items():
        _tell_losses(file, losses)
    print(outcome)
    return 1 if outcome.refused else 0


def _tell_losses(file: Path, losses: tuple[str, ...]) -> None:
    """What a result lacks of its picture, on stderr."""
    for loss in losses:
        print(f"{printable_name(file)}: {loss}.", file=sys.stderr)
