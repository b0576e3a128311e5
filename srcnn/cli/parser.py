"""The command line: `srcnn COMMAND`, or the same as `python -m srcnn COMMAND`.

What a command takes and does stands in one file: upscale.py, evaluate.py, table.py, export.py or hub.py.
"""

import argparse
import sys
from pathlib import Path

from huggingface_hub.utils import logging as hub_logging

from srcnn.cli.evaluate import add_card_command, add_evaluate_command
from srcnn.cli.export import add_export_command
from srcnn.cli.hub import (
    add_list_command,
    add_pull_command,
    add_push_browser_command,
    add_push_command,
    add_push_space_command,
)
from srcnn.cli.output import flush_output, let_output_take_any_name
from srcnn.cli.stopping import STOPPED_STATUS
from srcnn.cli.table import add_table_command
from srcnn.cli.upscale import add_downscale_command, add_upscale_command
from srcnn.imaging.picture import ImageError
from srcnn.inference.export.onnx_files import ExportError
from srcnn.networks.vgg19 import FeatureError
from srcnn.variants.loading import VariantError
from srcnn.visuals.plots import DRAWING_PACKAGES

_COMMANDS = (  # in the order in which --help lists them
    add_upscale_command,
    add_downscale_command,
    add_evaluate_command,
    add_table_command,
    add_card_command,
    add_export_command,
    add_list_command,
    add_pull_command,
    add_push_command,
    add_push_space_command,
    add_push_browser_command,
)

# What the extra `train` adds to the core: modules, and the packages that have them.
_TRAIN_PACKAGES = {"accelerate": "accelerate"} | DRAWING_PACKAGES


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit status: 0, or 1 after a sentence on stderr about what went wrong."""
    args = build_parser().parse_args(arguments)
    let_output_take_any_name()
    hub_logging.set_verbosity_error()  # the client's own reports of its tries; a failure gets a sentence of its own
    try:
        status, flushed = args.run(args), flush_output()
        return status or flushed
    except BrokenPipeError:  # where each line is written at once
        return flush_output()
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return STOPPED_STATUS
    except (ImageError, VariantError, FeatureError, ExportError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        package, everything = _TRAIN_PACKAGES.get((error.name or "").partition(".")[0]), _TRAIN_PACKAGES.values()
        if package is None:
            raise
        print(f"This command needs {package}; install it with `pip install {' '.join(everything)}`.", file=sys.stderr)
        return 1


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands; the namespace that it gives holds the chosen command's function as `run`."""
    started_by_its_name = Path(sys.argv[0]).stem == "srcnn"  # the console command; with -m it is __main__
    name = "srcnn" if started_by_its_name else "python -m srcnn"
    top = argparse.ArgumentParser(prog=name, description="Use and measure SRCNN.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for add_command in _COMMANDS:
        add_command(commands)
    return top
