"""`srcnn export`: a variant as an ONNX file, for other programs than this."""

import argparse
import os
from pathlib import Path

from srcnn.atomic_files import write_atomically
from srcnn.cli.arguments import Commands
from srcnn.hub.download import COMMIT_PATTERN, WEIGHTS_FILE
from srcnn.imaging.reading import printable_name
from srcnn.inference.batch.checks import check_file
from srcnn.inference.export.onnx_files import ExportError, Origin, export_network, export_picture
from srcnn.naming import ALL_SCALES
from srcnn.variants.loading import choose_scale, load_with_folder


def add_export_command(commands: Commands) -> None:
    command = commands.add_parser("export", help="write a variant as an ONNX file")
    command.add_argument("variant", help="bundled name, folder or Hub repository")
    command.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.onnx", help="file to write")
    command.add_argument(
        "--picture", action="store_true", help="not the network alone: RGB bytes of a picture in and out"
    )
    command.add_argument("--scale", type=int, choices=ALL_SCALES, help="enlargement, of a variant that is for several")
    command.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    command.set_defaults(run=_run_export)


def _run_export(args: argparse.Namespace) -> int:
    if args.output.suffix.lower() != ".onnx":  # or a variant's own weights could be replaced
        raise ExportError(f"{printable_name(args.output)} does not end in .onnx; name the file so.")
    if os.path.isfile(args.output) and not args.overwrite:
        raise ExportError(f"{printable_name(args.output)} is there already; --overwrite replaces it.")
    check_file(args.output)
    model, folder = load_with_folder(args.variant)
    if args.picture or args.scale:
        model = choose_scale(model, args.variant, args.scale)
    name, _, _ = args.variant.partition("@")
    commit = folder.name if COMMIT_PATTERN.fullmatch(folder.name) else ""
    origin = Origin(name if commit else folder.name, folder / WEIGHTS_FILE, commit)
    content = export_picture(model, origin) if args.picture else export_network(model, origin)
    args.output.parent.mkdir(parents=True, exist_ok=True)
    with write_atomically(args.output) as temporary:
        temporary.write_bytes(content)
    what = f"pictures enlarged {model.scale} times" if args.picture else "the network alone"
    print(f"{printable_name(args.output)}: {what}, {len(content):,} bytes")
    return 0
