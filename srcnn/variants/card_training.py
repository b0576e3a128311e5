"""The part of a model card that says how the variant was trained, and by which commands."""

import shlex

from srcnn.data.picture_sets import DATASET_PREFIX, dataset_repository
from srcnn.naming import JUDGED_BY_EYE
from srcnn.variants.recipe import OUTCOME_FIELDS, released_base

_TRAINING_TEXT = """\
Trained on {images:,} pictures of {sets}{copies}; {validation_images} more were kept out to validate on.
{start}{teacher}These are the weights of step {best_step:,}, {choice}, with {validation_psnr:.2f} dB on those{average}.

<details>
<summary>{title}</summary>

```
{commands}
```

</details>"""

_TEACHER_TEXT = """\
It learned from a mean of the truth and what {teachers} {make} of a picture, which has a share of {share:.0%}.
"""


def recipe_text(name: str, recipe: dict, base: str | None = None) -> str:
    """What the variant was trained on, how that went, and the commands that train it again, as Markdown.

    base: the repository that it was fine-tuned from, where one is known.
    """
    if not recipe:
        return "The weights do not say how they were trained."
    before = recipe.get("before", [])
    commands = [training_command(run["name"], run) for run in before] + [training_command(f"weights/{name}", recipe)]
    return _TRAINING_TEXT.format(
        images=recipe["images"],
        sets=join_with_and([_set_text(entry) for entry in recipe["data"]]) + _low_text(recipe),
        copies=" (reduced copies counted)" if recipe.get("shrink") else "",
        validation_images=recipe["validation_images"],
        start=_start_text(name, recipe, base),
        best_step=recipe["best_step"],
        choice="the last" if recipe.get("loss") in JUDGED_BY_EYE else "the best",
        validation_psnr=recipe["validation_psnr"],
        teacher=_teacher_text(recipe),
        average="; they are a moving average over the steps" if recipe.get("ema") else "",
        title="The commands that train it again, the first run first" if before else "The command that trains it again",
        commands="\n".join(commands),
    )


def join_with_and(parts: list[str]) -> str:
    """A, B and C."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def _set_text(entry: str) -> str:
    """A training set as Markdown: with a link to its page, where it is on the Hub."""
    repository = dataset_repository(entry)
    if not repository:
        return entry
    return f"[{entry.removeprefix(DATASET_PREFIX)}](https://huggingface.co/datasets/{repository})"


def _low_text(recipe: dict) -> str:
    if not recipe.get("low"):
        return ""
    return f", each with a low-resolution picture of {join_with_and([_set_text(entry) for entry in recipe['low']])}"


def _start_text(name: str, recipe: dict, base: str | None) -> str:
    """A line about the weights that the run started from, where it did not begin anew."""
    if base:
        return f"Fine-tuned from [{base}](https://huggingface.co/{base}).\n"
    if released := released_base(name, recipe):
        return f"Fine-tuned from `{released}`.\n"
    return f"It went on from the weights of `{recipe['start']}`.\n" if recipe.get("start") else ""


def _teacher_text(recipe: dict) -> str:
    """A line about the variant that it learned from, where it did not learn from the pictures alone."""
    if not recipe.get("teacher"):
        return ""
    teachers = [recipe["teacher"]] if isinstance(recipe["teacher"], str) else recipe["teacher"]
    names, make = join_with_and([f"`{name}`" for name in teachers]), "makes" if len(teachers) == 1 else "make"
    return _TEACHER_TEXT.format(teachers=names, make=make, share=recipe["teacher_weight"])


def training_command(output: str, recipe: dict) -> str:
    """The call of train.py that a recipe was made by, one option a line."""
    lines = ["python train.py"]
    for key, value in recipe.items():
        if key in (*OUTCOME_FIELDS, "name") or value in (None, [], ()):
            continue
        flag = f"--{key.replace('_', '-')}"
        if isinstance(value, bool):
            lines.append(flag if value else flag.replace("--", "--no-", 1))
        elif key in ("data", "low", "validate"):
            lines.extend(f"{flag} {_quote_words(folder)}" for folder in value)
        else:
            lines.append(f"{flag} {_quote_words(*value) if isinstance(value, list | tuple) else _quote_words(value)}")
    lines.append(f"--output {_quote_words(output)}")
    return " \\\n    ".join(lines)


def _quote_words(*values: object) -> str:
    """For a shell."""
    return " ".join(shlex.quote(str(value)) for value in values)
