"""The command line: python -m srcnn upscale | downscale | evaluate | table | card | list | pull | push | push-space."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from huggingface_hub.utils import disable_progress_bars
from huggingface_hub.utils import logging as hub_logging
from tqdm import tqdm

from srcnn.atomic_files import copy_atomically
from srcnn.cli.evaluate import report_json, report_lines
from srcnn.cli.table import measure_rows, table_lines
from srcnn.data.picture_sets import SETS_HELP, picture_files
from srcnn.evaluation.scores import evaluate
from srcnn.hub.download import download_repository, list_variants
from srcnn.hub.errors import HubError
from srcnn.hub.names import check_namespace, check_repository
from srcnn.hub.upload import Upload
from srcnn.imaging.picture import ImageError, Picture
from srcnn.imaging.reading import open_picture, printable_name
from srcnn.inference.device import best_device
from srcnn.inference.folders import change_folder, current_process
from srcnn.inference.upscaling import downscale, upscale
from srcnn.naming import SCALES, variant_name
from srcnn.networks.vgg19 import PRETRAINED_REPOSITORY, FeatureError, Features
from srcnn.variants.card import write_card
from srcnn.variants.card_metadata import summarize_card
from srcnn.variants.catalogue import NAMESPACE_VARIABLE
from srcnn.variants.loading import VariantError, bundled_names, load_ensemble, read_card_metadata
from srcnn.variants.publish import push_collection, push_space, push_variant, target_repository


def main(arguments: list[str] | None = None) -> int:
    args = _build_parser().parse_args(arguments)
    hub_logging.set_verbosity_error()  # what the client tells of its tries; what goes wrong gets a sentence of its own
    try:
        return args.run(args)
    except (ImageError, VariantError, FeatureError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def _build_parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m srcnn", description="Use and measure SRCNN.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("upscale", help="enlarge a picture, or every picture of a folder")
    _add_places(command)
    command.add_argument("--loss", default="mse", help="loss that the variant was trained with (default: mse)")
    command.add_argument(
        "--model",
        action="append",
        help="a variant by name, folder or Hub repository; repeatable",
    )
    _add_ensemble(command)
    command.add_argument("--fp32", action="store_true", help="on a GPU, compute in float32 instead of half precision")
    command.set_defaults(run=_run_upscale)

    command = commands.add_parser("downscale", help="MATLAB's low-resolution picture, mod-cropped")
    _add_places(command)
    command.set_defaults(run=_run_downscale)

    command = commands.add_parser("evaluate", help="PSNR and SSIM of a variant beside bicubic, on a folder of pictures")
    command.add_argument("model", nargs="+", help="bundled name, folder or Hub repository; several are averaged")
    command.add_argument("--scale", type=int, choices=SCALES, help="enlargement, of a variant that is for several")
    _add_ensemble(command)
    command.add_argument("--data", required=True, metavar="SET", help=f"{SETS_HELP}, or one picture")
    _add_features(command)
    command.add_argument("--json", action="store_true", help="print JSON instead of a table")
    command.set_defaults(run=_run_evaluate)

    command = commands.add_parser("table", help="PSNR, SSIM, size, work and time of variants at all their scales")
    command.add_argument("model", nargs="*", help="bundled name, folder or Hub repository (default: all bundled ones)")
    command.add_argument(
        "--data", action="append", required=True, metavar="SET", help=f"test pictures: {SETS_HELP}; repeatable"
    )
    command.add_argument("--json", action="store_true", help="print JSON instead of a Markdown table")
    command.set_defaults(run=_run_table)

    command = commands.add_parser("card", help="measure a variant folder and write its model card anew")
    command.add_argument("folder", type=Path, help="variant folder")
    command.add_argument(
        "--test", action="append", required=True, metavar="SET", help=f"test pictures: {SETS_HELP}; repeatable"
    )
    _add_features(command)
    command.add_argument("--namespace", help="user or organisation that the variant is going to be pushed to")
    command.set_defaults(run=_run_card)

    command = commands.add_parser("list", help="the variants that a namespace of the Hub offers, or the bundled ones")
    command.add_argument(
        "namespace", nargs="?", default=os.environ.get(NAMESPACE_VARIABLE), help="user or organisation"
    )
    command.add_argument("--json", action="store_true", help="print JSON instead of a table")
    command.set_defaults(run=_run_list)

    command = commands.add_parser("pull", help="fetch variants from the Hub, every file of them")
    command.add_argument("repository", nargs="+", help="NAMESPACE/NAME, NAMESPACE/NAME@REVISION, or NAMESPACE for all")
    command.add_argument("-o", "--output", type=Path, help="folder to copy them to (default: they stay in the cache)")
    command.set_defaults(run=_run_pull)

    command = commands.add_parser("push", help="send variant folders to the Hub, as much of them as differs there")
    command.add_argument("folder", type=Path, nargs="+", help="variant folder")
    command.add_argument("--to", required=True, metavar="NAMESPACE", help="user or organisation")
    command.add_argument("--no-collection", action="store_true", help="leave the namespace's collection as it is")
    command.add_argument("--pull-request", action="store_true", help="propose the change instead of making it")
    _add_sending(command)
    command.set_defaults(run=_run_push)

    command = commands.add_parser("push-space", help="bring a Space of the Hub up to date with this demo")
    command.add_argument("space", metavar="NAMESPACE/NAME")
    command.add_argument("--models", metavar="NAMESPACE", help="whose variants it shows (default: those of its own)")
    _add_sending(command)
    command.set_defaults(run=_run_push_space)
    return top


def _add_sending(command: argparse.ArgumentParser) -> None:
    command.add_argument("--private", action="store_true", help="only you can see what is made new")
    command.add_argument("--dry-run", action="store_true", help="only show which files would go")
    command.add_argument("--replace-card", action="store_true", help="replace a README.md that was edited on the Hub")


def _add_places(command: argparse.ArgumentParser) -> None:
    command.add_argument("input", type=Path, metavar="IN", help="picture or folder")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="picture or folder to write")
    command.add_argument("--scale", type=int, choices=SCALES, help="enlargement (default: 3, or that of the --model)")
    command.add_argument("--overwrite", action="store_true", help="of a folder, also what is in OUT already")


def _add_ensemble(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--ensemble", action="store_true", help="average the eight turns of each picture: slower, better"
    )


def _add_features(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--features",
        help="also measure the perceptual distance, with the weights of VGG-19 from this safetensors file or Hub "
        f"repository, such as {PRETRAINED_REPOSITORY}",
    )


def _load_features(args: argparse.Namespace) -> Features | None:
    return Features(args.features).to(best_device()) if args.features else None


def _run_upscale(args: argparse.Namespace) -> int:
    names = args.model or [variant_name(args.scale or 3, args.loss)]
    model = load_ensemble(names, args.ensemble, args.scale).to(
        current_process().device if args.input.is_dir() else best_device()
    )
    return _change_pictures(args, lambda picture: upscale(picture, model, exact=args.fp32), keep_metadata=True)


def _run_downscale(args: argparse.Namespace) -> int:
    return _change_pictures(args, lambda picture: downscale(picture, args.scale or 3))


def _change_pictures(
    args: argparse.Namespace, change: Callable[[Picture], Picture], keep_metadata: bool = False
) -> int:
    """Change one picture, or every picture of a folder; of those that cannot be used, the reason goes to stderr."""
    if not args.input.is_dir():
        args.output.parent.mkdir(parents=True, exist_ok=True)
        change(open_picture(args.input, keep_metadata=keep_metadata)).save(args.output)
        return 0
    outcome = change_folder(args.input, args.output, change, keep_metadata, args.overwrite)
    if not current_process().is_main_process:
        return 0  # one tells for all
    for file, reason in outcome.refused.items():
        print(f"{printable_name(file)}: {reason}", file=sys.stderr)
    print(outcome)
    return 1 if outcome.refused else 0


def _run_evaluate(args: argparse.Namespace) -> int:
    model = load_ensemble(args.model, args.ensemble, args.scale).to(best_device())
    report = evaluate(model, picture_files(args.data), _load_features(args))
    what = {"model": " + ".join(args.model) + (" on eight turns" if args.ensemble else ""), "data": args.data}
    if args.json:
        print(json.dumps(what | {"scale": model.scale} | report_json(report), indent=2))
        return 0
    distance = " and perceptual distance" if args.features else ""
    print(f"{what['model']} on {args.data}, x{model.scale}: PSNR (dB), SSIM{distance} of the luminance")
    for line in report_lines(report):
        print(line)
    return 0


def _run_table(args: argparse.Namespace) -> int:
    rows = measure_rows(args.model or bundled_names(), args.data)
    if args.json:
        print(json.dumps([row.as_json() for row in rows], indent=2))
        return 0
    for line in table_lines(rows):
        print(line, flush=True)
    return 0


def _run_card(args: argparse.Namespace) -> int:
    write_card(args.folder, tuple(args.test), _load_features(args), args.namespace)
    return 0


def _run_list(args: argparse.Namespace) -> int:
    if args.namespace:
        found = [(offer.repository, offer.commit, offer.card) for offer in list_variants(args.namespace)]
    else:
        found = [(name, None, read_card_metadata(name)) for name in bundled_names()]
    rows = [{"name": name, "commit": commit, **each} for name, commit, card in found for each in summarize_card(card)]
    if args.json:
        print(json.dumps(rows, indent=2))
        return 0
    width = max([len(row["name"]) for row in rows], default=4) + 2
    print(f"{'name':{width}}{'scale':7}{'loss':13}{'commit':9}PSNR (dB)")
    for row in rows:
        scale, commit = f"x{row['scale']}" if row["scale"] else "?", (row["commit"] or "bundled")[:7]
        scores = "  ".join(f"{name} {value:.2f}" for name, value in row["psnr"].items()) or "not measured"
        print(f"{row['name']:{width}}{scale:7}{row['loss'] or '?':13}{commit:9}{scores}")
    return 0


def _run_pull(args: argparse.Namespace) -> int:
    wanted = [text.partition("@") for text in args.repository]
    for name, _, _ in wanted:
        check_repository(name) if "/" in name else check_namespace(name)
    disable_progress_bars()  # of each small file
    for name, _, revision in wanted:
        repositories = [name] if "/" in name else [offer.repository for offer in list_variants(name)]
        if not repositories:
            raise HubError(f"{name} offers no variants of SRCNN; check the name.")
        for repository in tqdm(repositories, unit="variant"):
            snapshot = download_repository(repository, revision or "main")
            folder = args.output / repository.split("/")[1] if args.output else snapshot.folder
            if args.output:
                copy_atomically(snapshot.folder, folder)
            with tqdm.external_write_mode():
                if snapshot.notice:
                    print(snapshot.notice, file=sys.stderr)
                print(f"{repository} at {snapshot.commit[:7]}: {folder}")
    return 0


def _run_push(args: argparse.Namespace) -> int:
    sent = []
    for folder in args.folder:
        target_repository(folder, args.to)  # names are checked before anything is sent
    disable_progress_bars()  # of each small file
    for folder in tqdm(args.folder, unit="variant"):
        sent.append(push_variant(folder, args.to, pull_request=args.pull_request, **_push_choices(args)))
        with tqdm.external_write_mode():
            _print_sent(sent[-1], args.dry_run)
    if not (args.dry_run or args.pull_request or args.no_collection):
        print(f"Collection: {push_collection(args.to, [each.repository for each in sent])}")
    return 0


def _run_push_space(args: argparse.Namespace) -> int:
    disable_progress_bars()
    _print_sent(push_space(args.space, args.models or args.space.split("/")[0], **_push_choices(args)), args.dry_run)
    return 0


def _push_choices(args: argparse.Namespace) -> dict[str, bool]:
    return {"private": args.private, "dry_run": args.dry_run, "replace_card": args.replace_card}


def _print_sent(sent: Upload, dry_run: bool) -> None:
    if not sent.files:
        print(f"{sent.repository}: up to date")
    elif dry_run:
        print(f"{sent.repository}: would send {', '.join(sent.files)}")
    else:
        files = ", ".join(sent.files) if len(sent.files) <= 8 else f"{len(sent.files)} files"
        print(f"{sent.repository}: sent {files} ({sent.where})")
    for file in sent.kept:
        print(f"{sent.repository}: {file} was edited on the Hub and is kept; --replace-card replaces it")
