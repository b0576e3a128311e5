"""`srcnn list`, `srcnn pull`, `srcnn push`, `srcnn push-space`, `srcnn push-browser`: variants and pages on the Hub."""

import argparse
import json
import os
import sys
from pathlib import Path

from huggingface_hub.utils import disable_progress_bars
from tqdm import tqdm

from srcnn.atomic_files import copy_atomically
from srcnn.cli.arguments import Commands
from srcnn.hub.download import Offer, download_repository, list_variants
from srcnn.hub.errors import HubError
from srcnn.hub.names import check_namespace, check_repository
from srcnn.hub.upload import Upload
from srcnn.inference.export.onnx_files import list_onnx_files
from srcnn.variants.card_metadata import summarize_card
from srcnn.variants.catalogue import NAMESPACE_VARIABLE
from srcnn.variants.loading import bundled_names, read_card_metadata
from srcnn.variants.publish import push_browser_page, push_collection, push_space, push_variant, target_repository


def add_list_command(commands: Commands) -> None:
    command = commands.add_parser("list", help="the variants that a namespace of the Hub offers, or the bundled ones")
    command.add_argument(
        "namespace", nargs="?", default=os.environ.get(NAMESPACE_VARIABLE), help="user or organisation"
    )
    command.add_argument("--json", action="store_true", help="print JSON instead of a table")
    command.set_defaults(run=_run_list)


def _run_list(args: argparse.Namespace) -> int:
    if args.namespace:
        offers = list_variants(args.namespace)
    else:
        offers = [Offer(name, "", False, read_card_metadata(name)) for name in bundled_names()]
    rows = [
        {"name": offer.repository, "commit": offer.commit or None, "onnx": list_onnx_files(offer.files), **each}
        for offer in offers
        for each in summarize_card(offer.card)
    ]
    if args.json:
        print(json.dumps(rows, indent=2))
        return 0
    width = max([len(row["name"]) for row in rows], default=4) + 2
    print(f"{'name':{width}}{'scale':7}{'loss':13}{'commit':9}{'ONNX':6}PSNR (dB)")
    for row in rows:
        scale, commit = f"x{row['scale']}" if row["scale"] else "?", (row["commit"] or "bundled")[:7]
        scores = "  ".join(f"{name} {value:.2f}" for name, value in row["psnr"].items()) or "not measured"
        onnx = "yes" if row["onnx"] else "no"
        print(f"{row['name']:{width}}{scale:7}{row['loss'] or '?':13}{commit:9}{onnx:6}{scores}")
    return 0


def add_pull_command(commands: Commands) -> None:
    command = commands.add_parser("pull", help="fetch variants from the Hub, every file of them")
    command.add_argument("repository", nargs="+", help="NAMESPACE/NAME, NAMESPACE/NAME@REVISION, or NAMESPACE for all")
    command.add_argument("-o", "--output", type=Path, help="folder to copy them to (default: they stay in the cache)")
    command.set_defaults(run=_run_pull)


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


def add_push_command(commands: Commands) -> None:
    command = commands.add_parser("push", help="send variant folders to the Hub, as much of them as differs there")
    command.add_argument("folder", type=Path, nargs="+", help="variant folder")
    command.add_argument("--to", required=True, metavar="NAMESPACE", help="user or organisation")
    command.add_argument("--no-onnx", action="store_true", help="leave out the ONNX files that are made of the weights")
    command.add_argument("--no-collection", action="store_true", help="leave the namespace's collection as it is")
    command.add_argument("--pull-request", action="store_true", help="propose the change instead of making it")
    _add_upload_arguments(command)
    command.set_defaults(run=_run_push)


def _run_push(args: argparse.Namespace) -> int:
    uploads = []
    for folder in args.folder:
        target_repository(folder, args.to)  # names are checked before anything is sent
    disable_progress_bars()  # of each small file
    for folder in tqdm(args.folder, unit="variant"):
        choices = {"onnx": not args.no_onnx, "pull_request": args.pull_request, **_upload_choices(args)}
        uploads.append(push_variant(folder, args.to, **choices))
        with tqdm.external_write_mode():
            _print_upload(uploads[-1], args.dry_run)
    if not (args.dry_run or args.pull_request or args.no_collection):
        print(f"Collection: {push_collection(args.to, [each.repository for each in uploads])}")
    return 0


def add_push_space_command(commands: Commands) -> None:
    command = commands.add_parser("push-space", help="bring a Space of the Hub up to date with this demo")
    command.add_argument("space", metavar="NAMESPACE/NAME")
    command.add_argument("--models", metavar="NAMESPACE", help="whose variants it shows (default: those of its own)")
    _add_upload_arguments(command)
    command.set_defaults(run=_run_push_space)


def _run_push_space(args: argparse.Namespace) -> int:
    disable_progress_bars()
    _print_upload(
        push_space(args.space, args.models or args.space.split("/")[0], **_upload_choices(args)), args.dry_run
    )
    return 0


def add_push_browser_command(commands: Commands) -> None:
    command = commands.add_parser("push-browser", help="bring a static Space up to date with the page without a server")
    command.add_argument("space", metavar="NAMESPACE/NAME")
    _add_upload_arguments(command)
    command.set_defaults(run=_run_push_browser)


def _run_push_browser(args: argparse.Namespace) -> int:
    disable_progress_bars()
    _print_upload(push_browser_page(args.space, **_upload_choices(args)), args.dry_run)
    return 0


def _add_upload_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--private", action="store_true", help="only you can see what is made new")
    command.add_argument("--dry-run", action="store_true", help="only show which files would go")
    command.add_argument("--replace-card", action="store_true", help="replace a README.md that was edited on the Hub")


def _upload_choices(args: argparse.Namespace) -> dict[str, bool]:
    return {"private": args.private, "dry_run": args.dry_run, "replace_card": args.replace_card}


def _print_upload(upload: Upload, dry_run: bool) -> None:
    if not upload.files:
        print(f"{upload.repository}: up to date")
    elif dry_run:
        print(f"{upload.repository}: would send {', '.join(upload.files)}")
    else:
        files = ", ".join(upload.files) if len(upload.files) <= 8 else f"{len(upload.files)} files"
        print(f"{upload.repository}: sent {files} ({upload.where})")
    for file in upload.kept:
        print(f"{upload.repository}: {file} was edited on the Hub and is kept; --replace-card replaces it")
