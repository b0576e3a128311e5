"""The command line: python -m srcnn upscale | downscale | evaluate | card."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from srcnn import images, variants
from srcnn.card import write_card
from srcnn.evaluate import Report, Score, evaluate
from srcnn.features import PRETRAINED, FeatureError, Features
from srcnn.images import ImageError, Picture
from srcnn.upscale import best_device, downscale, upscale
from srcnn.variants import VariantError


def main(arguments: list[str] | None = None) -> int:
    args = parser().parse_args(arguments)
    try:
        return args.run(args)
    except (ImageError, VariantError, FeatureError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m srcnn", description="Use and measure SRCNN.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("upscale", help="enlarge a picture, or every picture of a folder")
    add_places(command)
    command.add_argument("--loss", default="mse", help="loss that the variant was trained with (default: mse)")
    command.add_argument(
        "--model",
        action="append",
        help="a variant by name, folder or Hub repository, with a scale of its own; repeatable",
    )
    add_ensemble(command)
    command.set_defaults(run=run_upscale)

    command = commands.add_parser("downscale", help="MATLAB's low-resolution picture, mod-cropped")
    add_places(command)
    command.set_defaults(run=run_downscale)

    command = commands.add_parser("evaluate", help="PSNR and SSIM of a variant beside bicubic, on a folder of pictures")
    command.add_argument("model", nargs="+", help="bundled name, folder or Hub repository; several are averaged")
    add_ensemble(command)
    command.add_argument("--data", type=Path, required=True, help="folder of pictures, or one picture")
    add_features(command)
    command.add_argument("--json", action="store_true", help="print JSON instead of a table")
    command.set_defaults(run=run_evaluate)

    command = commands.add_parser("card", help="measure a variant folder and write its model card anew")
    command.add_argument("folder", type=Path, help="variant folder")
    command.add_argument("--test", type=Path, action="append", default=[], help="folder of test pictures; repeatable")
    add_features(command)
    command.set_defaults(run=run_card)
    return top


def add_places(command: argparse.ArgumentParser) -> None:
    command.add_argument("input", type=Path, metavar="IN", help="picture or folder")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="picture or folder to write")
    command.add_argument("--scale", type=int, choices=(2, 3, 4), default=3)


def add_ensemble(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--ensemble", action="store_true", help="average the eight turns of each picture: slower, better"
    )


def add_features(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--features",
        help="also measure the perceptual distance, with the weights of VGG-19 from this safetensors file or Hub "
        f"repository, such as {PRETRAINED}",
    )


def chosen_features(args: argparse.Namespace) -> Features | None:
    return Features(args.features).to(best_device()) if args.features else None


def run_upscale(args: argparse.Namespace) -> int:
    names = args.model or [variants.name_of(args.scale, args.loss)]
    model = variants.load_ensemble(names, args.ensemble).to(best_device())
    return each_picture(args.input, args.output, lambda picture: upscale(picture, model))


def run_downscale(args: argparse.Namespace) -> int:
    return each_picture(args.input, args.output, lambda picture: downscale(picture, args.scale))


def each_picture(source: Path, target: Path, change: Callable[[Picture], Picture]) -> int:
    """Change one picture into `target`, or a folder's into PNG files of the same names below `target`.

    A picture of a folder that cannot be used is named and left out; the exit status then is 1.
    """
    if not source.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        images.save(change(images.open(source)), target)
        return 0
    failed = 0
    for file in images.listing(source):
        result = (target / file.relative_to(source)).with_suffix(".png")
        result.parent.mkdir(parents=True, exist_ok=True)
        try:
            images.save(change(images.open(file)), result)
        except ImageError as error:
            print(f"{file}: {error}", file=sys.stderr)
            failed += 1
    return 1 if failed else 0


def run_evaluate(args: argparse.Namespace) -> int:
    model = variants.load_ensemble(args.model, args.ensemble).to(best_device())
    files = [args.data] if args.data.is_file() else images.listing(args.data)
    report = evaluate(model, files, chosen_features(args))
    if args.json:
        print(json.dumps(as_json(args, model.config.scale, report), indent=2))
    else:
        print_table(args, model.config.scale, report)
    return 0


def model_text(args: argparse.Namespace) -> str:
    return " + ".join(args.model) + (" on eight turns" if args.ensemble else "")


def as_json(args: argparse.Namespace, scale: int, report: Report) -> dict:
    rows = zip(report.names, report.bicubic_scores, report.srcnn_scores, strict=True)
    return {
        "model": model_text(args),
        "data": str(args.data),
        "scale": scale,
        "images": len(report.names),
        "bicubic": report.bicubic.rounded(),
        "srcnn": report.srcnn.rounded(),
        "per_image": [{"name": name, "bicubic": b.rounded(), "srcnn": s.rounded()} for name, b, s in rows],
    }


def print_table(args: argparse.Namespace, scale: int, report: Report) -> None:
    distance = " and perceptual distance" if args.features else ""
    print(f"{model_text(args)} on {args.data}, x{scale}: PSNR (dB), SSIM{distance} of the luminance")
    width = 26 if args.features else 18
    print(f"{'':24}{'bicubic':>{width}}{'srcnn':>{width}}{'gain':>10}")
    rows = list(zip(report.names, report.bicubic_scores, report.srcnn_scores, strict=True))
    for name, before, after in [*rows, ("mean", report.bicubic, report.srcnn)]:
        print(f"{name:24}{figures(before)}{figures(after)}{after.psnr - before.psnr:+10.2f}")


def figures(score: Score) -> str:
    return f"{score.psnr:10.2f}{score.ssim:8.4f}" + ("" if score.distance is None else f"{score.distance:8.4f}")


def run_card(args: argparse.Namespace) -> int:
    write_card(args.folder, tuple(args.test), chosen_features(args))
    return 0


if __name__ == "__main__":
    sys.exit(main())
