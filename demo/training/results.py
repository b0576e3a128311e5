"""What a visitor takes with him of a training: the variant's folder as a ZIP, and the command that does the same."""

import dataclasses
import zipfile
from pathlib import Path

from demo.server.cleanup import note_written
from demo.training.settings import SettingsError
from demo.training.trained import Training, find_training, report_gone
from srcnn.training.options import TrainingOptions
from srcnn.variants.card import write_card
from srcnn.variants.card_training import training_command
from srcnn.variants.catalogue import Variant

_REAL_SETS = ["T91", "BSDS400"]  # those of the released variants
_ALWAYS_NAMED = ("scale", "loss")  # also where they are train.py's defaults


def find_variant(key: object) -> tuple[Training, str, Variant]:
    """The last variant of a training, and what Compare knows it by. Raises SettingsError where there is none."""
    training = find_training(key)
    if not training or not training.variants:
        raise SettingsError("There is nothing trained here yet, or not any more; press Train first.")
    network = list(training.variants)[-1]
    return training, network, training.variants[network]


def pack_variant(key: object) -> Path:
    """The folder of a training's variant, with its card, as a ZIP. Raises SettingsError where there is none."""
    training, _, variant = find_variant(key)
    if not variant.folder.exists():
        report_gone()
    write_card(variant.folder, [])
    path = training.folder / f"{variant.name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(variant.folder.iterdir()):
            archive.write(file, f"{variant.name}/{file.name}")
    note_written(path.stat().st_size)
    return path


def command_for(variant: Variant) -> str:
    """The call of train.py that trains with the same choices on a real set."""
    defaults = {field.name: field.default for field in dataclasses.fields(TrainingOptions)}
    chosen = {
        name: value
        for name, value in variant.model.recipe.items()
        if name in defaults and (name in _ALWAYS_NAMED or value != defaults[name]) and name not in ("data", "validate")
    }
    return training_command(f"mine/{variant.name}", chosen | {"data": _REAL_SETS})
