"""What a variant's recipe tells: what it was trained on and started from, how that went, the command to do it again.

A recipe is the dict that training writes into the header of the weights: the options of train.py, what came of them,
and under `before` the recipes of the runs that it went on from, the oldest first.
"""

from contextlib import suppress
from itertools import groupby

from srcnn.data.picture_sets import dataset_repository
from srcnn.networks.architectures import NETWORKS

# what came of the training; the rest are the options of train.py
_OUTCOMES = ("images", "validation_images", "validation_psnr", "best_step", "history", "test_overlaps")
OUTCOME_FIELDS = ("before", *_OUTCOMES)


def training_sets(recipe: dict) -> list[str]:
    """What the weights were trained on, in the runs before and in this one: names of folders, and places on the Hub."""
    runs = [*recipe.get("before", []), recipe]
    return list(dict.fromkeys(entry for run in runs for entry in run.get("data", [])))


def dataset_repositories(recipe: dict) -> list[str]:
    """Those of the training sets that are on the Hub, as OWNER/NAME."""
    return list(dict.fromkeys(filter(None, map(dataset_repository, training_sets(recipe)))))


def count_overlap(recipe: dict, checksum: str) -> int | None:
    """How many pictures of a test set were trained or chosen on, in the runs before and in this one.

    checksum: that of `checksum_set`. None where a run did not compare its pictures with them.
    """
    runs = [*recipe.get("before", []), recipe]
    found = [overlaps.get(checksum) if isinstance(overlaps := run.get("test_overlaps"), dict) else None for run in runs]
    return None if None in found else sum(found)


def released_base(name: str, recipe: dict) -> str | None:
    """The released variant that the variant `name` was fine-tuned from.

    None where it began anew, or went on from a run that was not released: one whose name is not that of its recipe.
    """
    if not recipe.get("before"):
        return None
    start = recipe["before"][-1]
    released = _recipe_variant_name(start)
    return released if start.get("name") == released and name != released else None


def _recipe_variant_name(recipe: dict) -> str | None:
    """What a variant of this recipe is called; None where the recipe does not say it."""
    with suppress(KeyError, ValueError, TypeError):  # it is anybody's file
        kind = NETWORKS[_recipe_architecture(recipe)]
        choices = {key: recipe[key] for key in (*kind.training_fields, "loss") if recipe.get(key) is not None}
        return kind.Config(**choices, scale=_recipe_scale(recipe)).name
    return None


def _recipe_architecture(recipe: dict) -> str:
    """Older recipes do not name theirs: there was only SRCNN."""
    return recipe.get("network", "srcnn")


def _recipe_scale(recipe: dict) -> int | tuple[int, ...] | None:
    """As a config has it: a number, or several in order."""
    scale = recipe.get("scale")
    return tuple(sorted(scale)) if isinstance(scale, list | tuple) else scale


def list_curves(recipe: dict) -> list[tuple[int | None, list[dict]]]:
    """The validations of a run, after those of the runs with the same loss and scales that it went on from.

    The figures of runs that were validated on other pictures cannot be compared: those on the same pictures make a
    curve, with how many pictures these are where the recipe says it. Steps count from the first run's.
    """

    def aim(run: dict) -> tuple:
        return _recipe_architecture(run), _recipe_scale(run), run.get("loss")

    def pictures(run: dict) -> list:
        return [run.get(name) for name in ("data", "low", "validate", "validation_images")]

    runs = [recipe]
    for before in reversed(recipe.get("before", [])):
        if "history" not in before or aim(before) != aim(recipe):
            break
        runs.insert(0, before)
    curves, start = [], 0
    for _, alike in groupby((run for run in runs if run["history"]), key=pictures):
        history: list[dict] = []
        for run in alike:
            history += [entry | {"step": entry["step"] + start} for entry in run["history"]]
            start = history[-1]["step"]
        curves.append((run.get("validation_images"), history))
    return curves
