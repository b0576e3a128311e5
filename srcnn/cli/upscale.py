"""`srcnn upscale` and `srcnn downscale`: one picture into a file, or pictures and folders into a folder."""

import argparse
import contextlib
import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from srcnn.cli.arguments import (
    Commands,
    add_ensemble_argument,
    parse_megapixels,
    parse_pixels,
    parse_quality,
    parse_scale,
)
from srcnn.cli.stopping import STOPPED_STATUS
from srcnn.data.degradation import mod_crop
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import MAX_PIXELS, printable_name
from srcnn.inference.batch.checks import check_folder, check_format
from srcnn.inference.batch.choices import Choices
from srcnn.inference.batch.origins import hash_network
from srcnn.inference.batch.processes import current_process
from srcnn.inference.batch.run import change_into_folder, change_one
from srcnn.inference.device import best_device
from srcnn.inference.exact_sizes import MAX_ENLARGEMENT, TargetSize, choose_passes, upscale_to
from srcnn.inference.upscaling import downscale
from srcnn.naming import ALL_SCALES, SCALES, variant_name
from srcnn.networks.base import AnyNetwork, Network
from srcnn.variants.loading import average_networks, choose_scale, load_any_scale


def add_upscale_command(commands: Commands) -> None:
    command = commands.add_parser("upscale", help="enlarge pictures, or every picture of a folder")
    _add_place_arguments(command)
    command.add_argument(
        "--scale",
        type=parse_scale,
        help=f"enlargement, 1 to {MAX_ENLARGEMENT}, also a fraction (default: 3, or that of the --model)",
    )
    command.add_argument("--width", type=parse_pixels, help="of the result in pixels, instead of --scale")
    command.add_argument("--height", type=parse_pixels, help="of the result in pixels, instead of --scale")
    command.add_argument("--loss", default="mse", help="loss that the variant was trained with (default: mse)")
    command.add_argument(
        "--model",
        action="append",
        help="a variant by name, folder or Hub repository; repeatable",
    )
    add_ensemble_argument(command)
    command.add_argument("--fp32", action="store_true", help="compute in float32, not in faster numbers of 16 bits")
    command.set_defaults(run=_run_upscale)


def _run_upscale(args: argparse.Namespace) -> int:
    into_folder, size = _check_places(args), _choose_size(args)
    device = current_process().device if into_folder else best_device()

    load_once = functools.cache(load_any_scale)  # a variant serves several passes, and is asked which scales it has

    @functools.cache
    def find_network(scale: int | None) -> AnyNetwork:
        names = args.model or [variant_name(scale or 3, args.loss)]
        members = [choose_scale(load_once(name), name, scale) for name in names]
        return average_networks(members, args.ensemble).to(device)

    if size is None:
        scale = find_network(None).scale
        size, scales = TargetSize(scale), (scale,)
    else:
        scales = _find_scales([load_once(name) for name in args.model or []])
    used = sorted({*choose_passes(scales, size.scale)}) if size.scale else scales

    def change(picture: Picture) -> Picture:
        with tqdm(total=1.0, bar_format="{l_bar}{bar}| {elapsed}<{remaining}", disable=into_folder or None) as bar:
            target = size.find(picture.width, picture.height)
            return upscale_to(
                picture, target, scales, find_network, args.fp32, progress=lambda share: bar.update(share - bar.n)
            )

    recipe = f"upscale {size} {[hash_network(find_network(scale)) for scale in used]} {args.fp32}"
    return _change_pictures(args, into_folder, _choose(args, change, size.find, recipe))


def _choose_size(args: argparse.Namespace) -> TargetSize | None:
    """The size that is asked for, or None. Raises ImageError for a scale beside a width or height."""
    if args.scale and (args.width or args.height):
        raise ImageError("A --scale and a --width or --height are two sizes; leave one of them out.")
    if not (args.scale or args.width or args.height):
        return None
    return TargetSize(args.scale, args.width, args.height)


def _find_scales(variants: list[Network]) -> tuple[int, ...]:
    """The scales that all variants serve, or where there are none, those of the bundled ones."""
    if not variants:
        return SCALES
    return tuple(sorted(set.intersection(*(set(variant.config.scales) for variant in variants))))


def add_downscale_command(commands: Commands) -> None:
    command = commands.add_parser("downscale", help="MATLAB's low-resolution picture, mod-cropped")
    _add_place_arguments(command)
    command.add_argument("--scale", type=int, choices=ALL_SCALES, help="how many times smaller (default: 3)")
    command.set_defaults(run=_run_downscale)


def _run_downscale(args: argparse.Namespace) -> int:
    into_folder, scale = _check_places(args), args.scale or 3

    def find_size(width: int, height: int) -> tuple[int, int]:
        height, width = mod_crop(height, width, scale)
        return width // scale, height // scale

    choices = _choose(args, lambda picture: downscale(picture, scale), find_size, f"downscale {scale}")
    return _change_pictures(args, into_folder, choices)


def _add_place_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("input", nargs="+", metavar="IN", help="pictures and folders of pictures")
    command.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="OUT",
        help="file to write; or folder, which it is where it is there, where it ends with a slash, for several IN and "
        "for a folder",
    )
    command.add_argument("--format", choices=("png", "jpg", "webp"), help="of the results in a folder (default: png)")
    command.add_argument("--quality", type=parse_quality, help="of JPEG, WebP and AVIF, 1 to 100 (default: 95)")
    command.add_argument(
        "--overwrite", action="store_true", help="make results again that are there, and replace other files"
    )
    command.add_argument(
        "--max-megapixels",
        type=parse_megapixels,
        default=MAX_PIXELS / 1e6,
        metavar="N",
        help="largest picture that is opened (default: %(default)g)",
    )


def _check_places(args: argparse.Namespace) -> bool:
    """Whether the results go into a folder. Raises ImageError for what could not be written in the end."""
    if not args.output:
        raise ImageError("OUT is empty; name a file or a folder.")
    if not all(args.input):
        raise ImageError("An IN is empty; name a picture or a folder.")  # as a path it would be the working directory
    args.input = [Path(place) for place in args.input]
    output, separators = Path(args.output), tuple(filter(None, ("/", os.sep, os.altsep)))
    is_named_folder = args.output.endswith(separators) or os.path.isdir(output)
    into_folder = len(args.input) > 1 or os.path.isdir(args.input[0]) or is_named_folder
    if not into_folder and args.format:
        raise ImageError("The suffix of OUT decides the format of one picture; leave --format out.")
    check_format(Path(f"a.{args.format or 'png'}") if into_folder else output, args.quality)
    check_folder(output if into_folder else output.parent)
    return into_folder


def _choose(
    args: argparse.Namespace,
    change: Callable[[Picture], Picture],
    find_size: Callable[[int, int], tuple[int, int]],
    recipe: str,
) -> Choices:
    max_pixels = round(args.max_megapixels * 1e6)
    suffix = f".{args.format or 'png'}"
    return Choices(change, find_size, recipe, suffix, args.quality, args.overwrite, max_pixels)


def _change_pictures(args: argparse.Namespace, into_folder: bool, choices: Choices) -> int:
    """Change pictures and tell what became of them: the status to exit with."""
    if into_folder:
        outcome = change_into_folder(args.input, Path(args.output), choices)
        if not current_process().is_main_process:
            return 0  # one tells for all
    else:
        outcome = change_one(args.input[0], Path(args.output), choices)
    for line in outcome.list_notes():
        print(line, file=sys.stderr)
    if into_folder:
        with contextlib.suppress(BrokenPipeError):  # the pictures decide about the status
            print(outcome)
    else:
        for result, (width, height) in outcome.made.items():
            print(f"{printable_name(result)}: {width} x {height} pixels.", file=sys.stderr)
        if outcome.there:
            name = printable_name(args.output)
            print(f"{name} is there already, made in the same way; --overwrite makes it again.", file=sys.stderr)
    if outcome.is_stopped:
        return STOPPED_STATUS
    return 0 if outcome.is_complete else 1
