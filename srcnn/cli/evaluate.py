"""`srcnn evaluate`: the figures of a variant on a set of pictures. `srcnn card`: the same in its model card."""

import argparse
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from srcnn.cli.arguments import Commands, add_ensemble_argument
from srcnn.data.degradation import open_rounded_truth
from srcnn.data.own_pairs import Counterparts, pair_opener
from srcnn.data.picture_sets import SETS_HELP, picture_files
from srcnn.evaluation.scores import Report, Score, evaluate, evaluate_results
from srcnn.inference.batch.checks import check_file, check_folder
from srcnn.inference.device import best_device
from srcnn.naming import ALL_SCALES
from srcnn.networks.vgg19 import PRETRAINED_REPOSITORY, Features
from srcnn.variants.card import write_card
from srcnn.variants.loading import load_ensemble


def add_evaluate_command(commands: Commands) -> None:
    command = commands.add_parser("evaluate", help="PSNR and SSIM of a variant beside bicubic, on a folder of pictures")
    command.add_argument("model", nargs="*", help="bundled name, folder or Hub repository; several are averaged")
    command.add_argument(
        "--results",
        metavar="SET",
        help="in place of a model: pictures that any program made of the reduced ones of --data, with the same names",
    )
    command.add_argument(
        "--scale", type=int, choices=ALL_SCALES, help="enlargement, of a variant that is for several, or of --results"
    )
    add_ensemble_argument(command)
    command.add_argument("--data", required=True, metavar="SET", help=f"{SETS_HELP}, or one picture")
    inputs = command.add_mutually_exclusive_group()
    _add_low_argument(inputs, "--data")
    inputs.add_argument(
        "--round-low",
        action="store_true",
        help="round the reduced pictures to 8 bits, as files of low resolution are, and papers since EDSR's measure",
    )
    _add_features_argument(command)
    command.add_argument("--json", action="store_true", help="print JSON instead of a table")
    command.set_defaults(run=_run_evaluate, fail=command.error)


def _add_low_argument(command: argparse._ActionsContainer, truths: str) -> None:
    command.add_argument(
        "--low",
        action="append",
        default=[],
        metavar="SET",
        help=f"low-resolution pictures of your own, by the names of those in {truths}; repeatable (default: reduced "
        "ones)",
    )


def _run_evaluate(args: argparse.Namespace) -> int:
    if bool(args.model) == bool(args.results):
        args.fail("name a model, or with --results pictures that another program made.")
    what, report = _measure_results(args) if args.results else _measure_model(args)
    if args.low or args.round_low:
        what["low"] = args.low or "rounded to 8 bits"
    if args.json:
        print(json.dumps(what | report_json(report), indent=2))
        return 0
    name, distance = what.get("model") or args.results, " and perceptual distance" if args.features else ""
    low = ""
    if args.low:
        low = f", from the pictures in {' and '.join(args.low)}"
    elif args.round_low:
        low = ", low-resolution pictures rounded to 8 bits"
    print(f"{name} on {args.data}, x{what['scale']}{low}: PSNR (dB), SSIM{distance} of the luminance")
    for line in report_lines(report):
        print(line)
    return 0


def _measure_model(args: argparse.Namespace) -> tuple[dict, Report]:
    """What is measured, for JSON, and the figures."""
    model = load_ensemble(args.model, args.ensemble, args.scale).to(best_device())
    open_file = pair_opener(args.low, model.scale)
    if args.round_low:
        open_file = partial(open_rounded_truth, scale=model.scale)
    report = evaluate(model, picture_files(args.data), _load_features(args), open_file)
    name = " + ".join(args.model) + (" on eight turns" if args.ensemble else "")
    return {"model": name, "data": args.data, "scale": model.scale}, report


def _measure_results(args: argparse.Namespace) -> tuple[dict, Report]:
    if not args.scale:
        args.fail("--results needs the --scale that its pictures were enlarged by.")
    if args.ensemble or args.low or args.round_low or args.features:
        args.fail("--results is measured as it is: leave out --ensemble, --low, --round-low and --features.")
    report = evaluate_results(picture_files(args.data), Counterparts([args.results]), args.scale)
    return {"results": args.results, "data": args.data, "scale": args.scale}, report


def report_lines(report: Report) -> Iterator[str]:
    """A variant beside bicubic on each picture of a set, and the means."""
    width = 26 if report.srcnn.distance is not None else 18
    yield f"{'':24}{'bicubic':>{width}}{'srcnn':>{width}}{'gain':>10}"
    rows = zip(report.names, report.bicubic_scores, report.srcnn_scores, strict=True)
    for name, before, after in [*rows, ("mean", report.bicubic, report.srcnn)]:
        yield f"{name:24}{_format_score(before)}{_format_score(after)}{after.psnr - before.psnr:+10.2f}"


def _format_score(score: Score) -> str:
    return f"{score.psnr:10.2f}{score.ssim:8.4f}" + ("" if score.distance is None else f"{score.distance:8.4f}")


def report_json(report: Report) -> dict:
    """The same figures for programs."""
    rows = zip(report.names, report.bicubic_scores, report.srcnn_scores, strict=True)
    return {
        "images": len(report.names),
        "bicubic": report.bicubic.round_figures(),
        "srcnn": report.srcnn.round_figures(),
        "per_image": [{"name": name, "bicubic": b.round_figures(), "srcnn": s.round_figures()} for name, b, s in rows],
    }


def add_card_command(commands: Commands) -> None:
    command = commands.add_parser("card", help="measure a variant folder and write its model card anew")
    command.add_argument("folder", type=Path, help="variant folder")
    command.add_argument(
        "--test", action="append", required=True, metavar="SET", help=f"test pictures: {SETS_HELP}; repeatable"
    )
    _add_features_argument(command)
    _add_low_argument(command, "--test")
    command.add_argument(
        "--license", help="licence of the weights (default: that of the card before, or of the training)"
    )
    command.add_argument("--namespace", help="user or organisation that the variant is going to be pushed to")
    command.set_defaults(run=_run_card)


def _run_card(args: argparse.Namespace) -> int:
    if args.folder.is_dir():  # of no other, the loading tells what is wrong
        check_file(args.folder / "README.md", partial(check_folder, remedy="change its permissions"))
    write_card(args.folder, args.test, _load_features(args), args.namespace, args.low, args.license)
    return 0


def _add_features_argument(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--features",
        help="also measure the perceptual distance, with the weights of VGG-19 from this safetensors file or Hub "
        f"repository, such as {PRETRAINED_REPOSITORY}",
    )


def _load_features(args: argparse.Namespace) -> Features | None:
    return Features(args.features).to(best_device()) if args.features else None
