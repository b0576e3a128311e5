"""What a variant's recipe tells: what it was trained on and started from, how that went, the command to do it again.

A recipe is the dict that training writes into the header of the weights: the options of train.py, what came of them,
and under `before` the recipes of the runs that it went on from, the oldest first.
"""

import re
import shlex
from contextlib import suppress

from srcnn.networks import NETWORKS
from srcnn.naming import JUDGED_BY_EYE
from srcnn.sources import DATASETS

# what came of the training; the rest are the options of train.py
OUTCOME = ("before", "images", "validation_images", "validation_psnr", "best_step", "history")
DATASET = re.compile(f"{DATASETS}([^/@]+/[^/@]+)")  # a training set that is on the Hub

TEXT = """\
Trained on {images:,} pictures of {sets}{copies}; {validation_images} more were kept out to validate on.
{start}{teacher}These are the weights of step {best_step:,}, {choice}, with {validation_psnr:.2f} dB on those{average}.
No test picture was trained or chosen on.

<details>
<summary>{title}</summary>

```
{commands}
```

</details>"""

TAUGHT = """\
It learned from a mean of the truth and what `{teacher}` makes of a picture, which has a share of {teacher_weight:.0%}.
"""


def training_sets(recipe: dict) -> list[str]:
    """What the weights were trained on, in the runs before and in this one: names of folders, and places on the Hub."""
    runs = [*recipe.get("before", []), recipe]
    return list(dict.fromkeys(entry for run in runs for entry in run.get("data", [])))


def dataset_repositories(recipe: dict) -> list[str]:
    """Those of the training sets that are on the Hub, as OWNER/NAME."""
    found = [DATASET.match(entry) for entry in training_sets(recipe)]
    return list(dict.fromkeys(match[1] for match in found if match))


def base_of(name: str, recipe: dict) -> str | None:
    """The released variant that the variant `name` was fine-tuned from.

    None where it began anew, or went on from a run that was not released: one whose name is not that of its recipe.
    """
    if not recipe.get("before"):
        return None
    start = recipe["before"][-1]
    released = released_name(start)
    return released if start.get("name") == released and name != released else None


def released_name(recipe: dict) -> str | None:
    """What a variant of this recipe is called; None where the recipe does not say it."""
    with suppress(KeyError, ValueError, TypeError):  # it is anybody's file
        kind = NETWORKS[network_of(recipe)]
        choices = {key: recipe[key] for key in (*kind.trained_with, "loss") if recipe.get(key) is not None}
        return kind.Config(**choices, scale=scale_of(recipe)).name
    return None


def network_of(recipe: dict) -> str:
    """Older recipes do not name theirs: there was only SRCNN."""
    return recipe.get("network", "srcnn")


def scale_of(recipe: dict) -> int | tuple[int, ...] | None:
    """As a config has it: a number, or several in order."""
    scale = recipe.get("scale")
    return tuple(sorted(scale)) if isinstance(scale, list | tuple) else scale


def whole_history(recipe: dict) -> list[dict]:
    """The validations of a run, after those of the runs with the same loss and scales that it went on from."""

    def aim(run: dict) -> tuple:
        return network_of(run), scale_of(run), run.get("loss")

    runs = [recipe]
    for before in reversed(recipe.get("before", [])):
        if "history" not in before or aim(before) != aim(recipe):
            break
        runs.insert(0, before)
    entries: list[dict] = []
    for run in runs:
        start = entries[-1]["step"] if entries else 0
        entries += [entry | {"step": entry["step"] + start} for entry in run["history"]]
    return entries


def recipe_text(name: str, recipe: dict, namespace: str | None = None) -> str:
    """What the variant was trained on, how that went, and the commands that train it again, as Markdown."""
    if not recipe:
        return "The weights do not say how they were trained."
    before = recipe.get("before", [])
    commands = [training_command(run["name"], run) for run in before] + [training_command(f"weights/{name}", recipe)]
    return TEXT.format(
        images=recipe["images"],
        sets=listed([set_text(entry) for entry in recipe["data"]]),
        copies=" (reduced copies counted)" if recipe.get("shrink") else "",
        validation_images=recipe["validation_images"],
        start=start_text(name, recipe, namespace),
        best_step=recipe["best_step"],
        choice="the last" if recipe.get("loss") in JUDGED_BY_EYE else "the best",
        validation_psnr=recipe["validation_psnr"],
        teacher=teacher_text(recipe),
        average="; they are a moving average over the steps" if recipe.get("ema") else "",
        title="The commands that train it again, the first run first" if before else "The command that trains it again",
        commands="\n".join(commands),
    )


def listed(parts: list[str]) -> str:
    """A, B and C."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def set_text(entry: str) -> str:
    """A training set as Markdown: with a link to its page, where it is on the Hub."""
    match = DATASET.match(entry)
    return f"[{entry.removeprefix(DATASETS)}](https://huggingface.co/datasets/{match[1]})" if match else entry


def start_text(name: str, recipe: dict, namespace: str | None) -> str:
    """A line about the weights that the run started from, where it did not begin anew."""
    base = base_of(name, recipe)
    if base and namespace:
        return f"Fine-tuned from [{namespace}/{base}](https://huggingface.co/{namespace}/{base}).\n"
    if base:
        return f"Fine-tuned from `{base}`.\n"
    return f"It went on from the weights of `{recipe['start']}`.\n" if recipe.get("start") else ""


def teacher_text(recipe: dict) -> str:
    """A line about the variant that it learned from, where it did not learn from the pictures alone."""
    if not recipe.get("teacher"):
        return ""
    return TAUGHT.format(**recipe)


def training_command(output: str, recipe: dict) -> str:
    """The call of train.py that a recipe was made by, one option a line."""
    lines = ["python train.py"]
    for key, value in recipe.items():
        if key in (*OUTCOME, "name") or value in (None, [], ()):
            continue
        flag = f"--{key.replace('_', '-')}"
        if isinstance(value, bool):
            lines.append(flag if value else flag.replace("--", "--no-", 1))
        elif key == "data":
            lines.extend(f"{flag} {words(folder)}" for folder in value)
        else:
            lines.append(f"{flag} {words(*value) if isinstance(value, list | tuple) else words(value)}")
    lines.append(f"--output {words(output)}")
    return " \\\n    ".join(lines)


def words(*values: object) -> str:
    """For a shell."""
    return " ".join(shlex.quote(str(value)) for value in values)
