"""Train a variant of SRCNN.

    python train.py --scale 3 --loss mse --data T91 --data BSDS400 --output mine/srcnn-x3-mse

The result is a variant folder: config.json, model.safetensors and a model card. An interrupted run goes on with
--resume. On several GPUs or machines: accelerate launch train.py ... or torchrun --nproc_per_node 2 -- train.py ...
"""

import argparse
import dataclasses
import errno
import os
import sys
from pathlib import Path
from typing import NoReturn

from srcnn.cli.stopping import STOPPED_STATUS, tell_ctrl_c

tell_ctrl_c()

from accelerate import PartialState
from safetensors import SafetensorError

from srcnn.cli.output import let_output_take_any_name
from srcnn.data.degradation import crop_to_scale
from srcnn.data.own_pairs import pair_opener
from srcnn.data.picture_sets import picture_files
from srcnn.hub.errors import HubError
from srcnn.imaging.picture import ImageError
from srcnn.imaging.reading import printable_name
from srcnn.inference.export.onnx_files import ExportError, check_onnx_is_installed
from srcnn.inference.unused_memory import return_memory
from srcnn.networks.vgg19 import FeatureError, Features
from srcnn.training.interrupts import StoppedBySignal
from srcnn.training.loop import train
from srcnn.training.options import TrainingError, TrainingOptions
from srcnn.variants.card import check_drawing, write_card
from srcnn.variants.loading import VariantError
from srcnn.variants.publish import push_collection, push_variant, target_repository

# of the options whose default does not tell the kind of their values
KINDS = {"scale": int, "kernel_sizes": int, "depth": int, "channels": int, "shrink": float}
KINDS |= {"teacher": str, "feature_layers": str}


def main() -> int:
    let_output_take_any_name()
    try:
        options = parse(sys.argv[1:])
    except TrainingError as error:
        print(error, file=sys.stderr)
        return 1
    return train_and_release(options)


def train_and_release(options: TrainingOptions) -> int:
    """Train, write the variant and its card, push it where that is wanted; the exit status."""
    try:
        if options.push_to:
            target_repository(options.output, options.push_to)  # what is wrong is said now, not after hours
            check_onnx_is_installed()
        check_drawing()
        check_test_pictures(options)
        model = train(options)
        return_memory()
        if PartialState().is_main_process:
            model.save_pretrained(options.output)
            features = Features(options.features) if options.judged_by_eye else None
            write_card(options.output, options.test, features, options.push_to, options.low)
            recipe = model.recipe
            print(f"{options.output}: validation {recipe['validation_psnr']:.2f} dB at step {recipe['best_step']}")
            if options.push_to:
                push_result(options)
    except (TrainingError, FeatureError, ImageError, HubError, VariantError, ExportError) as error:
        print(error, file=sys.stderr)
        return 1
    except (OSError, SafetensorError) as error:
        print(describe_failed_write(error, options.output), file=sys.stderr)
        return 1
    except StoppedBySignal as stop:
        print(f"Stopped. The same command with --resume goes on from step {stop.step}.", file=sys.stderr)
        return 128 + stop.number
    except KeyboardInterrupt:
        saved = options.state_file.exists()
        how = "The same command with --resume goes on from the saved state." if saved else "Nothing was saved yet."
        print(f"Stopped. {how}", file=sys.stderr)
        return STOPPED_STATUS
    return 0


def describe_failed_write(error: OSError | SafetensorError, output: Path) -> str:
    """What could not be written and why, as a sentence. Where safetensors writes, it is the disk that is full."""
    is_full = isinstance(error, SafetensorError) or error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    remedy = "make room" if is_full else "change its permissions, or name another place with --state or --output,"
    place, reason = getattr(error, "filename", None) or output, getattr(error, "strerror", None) or error
    return f"{printable_name(place)} could not be written: {reason}; {remedy} and call again with --resume."


def check_test_pictures(options: TrainingOptions) -> None:
    """Raises ImageError, with the name of the file, for a test picture that the card could not measure."""
    open_file = pair_opener(options.low, options.scale[0])
    for file in (file for test in options.test for file in picture_files(test)):
        try:
            levels = open_file(file).levels
            for scale in options.scale:
                crop_to_scale(levels, scale)
        except ImageError as error:
            raise ImageError(f"The test picture {printable_name(file)} cannot be used: {error}") from error


def push_result(options: TrainingOptions) -> None:
    try:
        sent = push_variant(options.output, options.push_to)
        push_collection(options.push_to, [sent.repository])
    except HubError as error:
        raise HubError(f"{error} The variant is in {options.output}; python -m srcnn push sends it.") from error
    print(f"{sent.repository}: {sent.where or 'up to date'}")


def parse(arguments: list[str]) -> TrainingOptions:
    """The fields of TrainingOptions as command-line options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for field in dataclasses.fields(TrainingOptions):
        settings = dict(field.metadata)
        if field.default not in (None, (), "") and not isinstance(field.default, bool):
            default = " ".join(map(str, field.default)) if isinstance(field.default, tuple) else field.default
            settings["help"] += f" (default: {default})"
        if isinstance(field.default, bool):
            settings["action"] = argparse.BooleanOptionalAction
        elif field.name in ("data", "low", "validate", "test"):
            settings |= {"action": "append", "metavar": "SET"}
        elif field.name in ("output", "state"):
            settings |= {"type": Path, "metavar": "FOLDER"}
        else:
            settings["type"] = KINDS.get(field.name, type(field.default))
        default = [] if settings.get("action") == "append" else field.default
        parser.add_argument(f"--{field.name.replace('_', '-')}", dest=field.name, default=default, **settings)
    chosen = vars(parser.parse_args(arguments))
    return TrainingOptions(**{key: tuple(value) if isinstance(value, list) else value for key, value in chosen.items()})


def leave(status: int) -> NoReturn:
    """End the process; beside others, without the interpreter's shutdown.

    DistributedDataParallel keeps gloo's threads alive beyond the process group, and one that still wants the
    interpreter's lock while that shuts down aborts the process after all its work is done.
    """
    if os.environ.get("WORLD_SIZE", "1") == "1":
        sys.exit(status)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    leave(main())
