"""The model card of a variant folder: how it was trained, and what it scores on sets of test pictures."""

from pathlib import Path

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from srcnn import images
from srcnn.evaluate import Report, Score, evaluate
from srcnn.features import DISTANCE_LAYERS, Features
from srcnn.files import written_whole
from srcnn.losses import CHARBONNIER_EPSILON
from srcnn.model import SRCNN, parameter_count
from srcnn.options import JUDGED_BY_EYE
from srcnn.plots import draw_crops, draw_curves

CROPS, CURVES = "crops.png", "curves.png"

# of a recipe: what came of the training; the rest are the options of train.py
OUTCOME = ("before", "images", "validation_images", "validation_psnr", "best_step", "history")

LOSS_NOTES = {
    "mse": """\
Mean squared error is what PSNR measures, so no other loss is expected to give a higher PSNR. Where several details
would fit a blurred one, its best answer is their mean, which is soft.""",
    "l1": """\
The mean absolute error counts large errors less than MSE does: where several details would fit a blurred one, its best
answer is their median instead of their mean.""",
    "charbonnier": f"""\
The Charbonnier loss, sqrt(error^2 + epsilon^2) with epsilon = {CHARBONNIER_EPSILON} of the range 0..1, is L1 with a
rounded tip: smooth where the error is small.""",
    "perceptual": """\
The perceptual loss compares what VGG-19 sees in the result and in the truth, beside MSE. It rewards an edge that is as
sharp as in a photograph even where its place is a guess. A wrong guess costs more than a blur, so **PSNR is lower than
with MSE by design**.""",
    "adversarial": """\
A second network learned to tell restored patches from photographs, and this one to fool it, beside the perceptual loss
and MSE. That rewards what looks real over what is safe, so **PSNR is lower than with MSE by design**, and what looks
like detail may be invented: do not measure anything in such a picture.""",
}

BODY = """\
# {name}

SRCNN {architecture} for x{scale} enlargement, trained with the {loss} loss. It takes the luminance of a picture that
bicubic interpolation has already enlarged {scale} times, and restores detail that interpolation leaves blurred.
{parameters:,} parameters, {receptive} x {receptive} pixels of context for each output pixel.
Method: Dong, Loy, He, Tang,
[Image Super-Resolution Using Deep Convolutional Networks](https://arxiv.org/abs/1501.00092).

![The same detail as low resolution, bicubic, this variant and ground truth]({crops})

{loss_note}

## Use

```python
from srcnn import images, upscale, variants

model = variants.load("{name}")  # a bundled name, a folder or a Hub repository
picture = images.open("photo.jpg")
images.save(upscale.upscale(picture, model), "photo-x{scale}.png")
```

## Results

{results}

PSNR and SSIM on luminance (BT.601, studio swing, uint8), MATLAB's bicubic reduction, {scale} pixels shaved from each
side; the mean over the pictures of a set.{distance_note}
`python -m srcnn evaluate {name} --data FOLDER` measures it again.

## Training

{recipe}

## Limits

Three layers see {receptive} x {receptive} pixels and know only bicubic reduction: pictures that are noisy, compressed
or blurred in another way gain little, fine texture stays soft, and the more so the higher the scale. The training
pictures are for research use; check their terms before you use the weights for anything else.
"""

DISTANCE_NOTE = f"""
Distance: how different result and truth look to VGG-19 (0: alike; features of {", ".join(DISTANCE_LAYERS)} at unit
length, mean squared difference)."""

TRAINING = """\
On {images} pictures of {sets}{copies};
{validation_images} more of them were kept out to validate on. These are the weights of step {best_step:,}, {choice},
with {validation_psnr:.2f} dB there; they are a moving average over the steps. No test picture was trained or chosen on.

```
{command}
```"""


def write_card(folder: Path, tests: tuple[Path, ...], features: Features | None = None) -> None:
    """Measure the variant in `folder` on folders of test pictures, draw its pictures and write its README.md.

    With `features` the perceptual distance is measured, too. Raises ImageError for a test picture that cannot be used.
    """
    model = SRCNN.from_pretrained(folder)
    reports = {test.resolve().name: evaluate(model, images.listing(test), features) for test in tests}
    draw_crops(model, folder / CROPS)
    if "history" in model.recipe:
        draw_curves(whole_history(model.recipe), folder / CURVES)
    header = card_data(folder.name, model, reports).to_yaml()
    card = ModelCard(f"---\n{header}\n---\n\n{body(folder.name, model, reports)}")
    with written_whole(folder / "README.md") as temporary:
        card.save(temporary)


def whole_history(recipe: dict) -> list[dict]:
    """The validations of a run, after those of the runs with the same loss and scale that it went on from."""
    runs = [recipe]
    for before in reversed(recipe.get("before", [])):
        if "history" not in before or any(before.get(key) != recipe.get(key) for key in ("loss", "scale")):
            break
        runs.insert(0, before)
    entries: list[dict] = []
    for run in runs:
        start = entries[-1]["step"] if entries else 0
        entries += [entry | {"step": entry["step"] + start} for entry in run["history"]]
    return entries


def card_data(name: str, model: SRCNN, reports: dict[str, Report]) -> ModelCardData:
    results = []
    for test, report in reports.items():
        for metric, value in (("psnr", round(report.srcnn.psnr, 2)), ("ssim", round(report.srcnn.ssim, 4))):
            results.append(
                EvalResult(
                    task_type="image-to-image",
                    task_name=f"x{model.config.scale} super-resolution",
                    dataset_type=test.lower(),
                    dataset_name=test,
                    metric_type=metric,
                    metric_name=f"{metric.upper()} (Y)",
                    metric_value=value,
                )
            )
    return ModelCardData(
        license="mit",
        library_name="srcnn",
        pipeline_tag="image-to-image",
        tags=["super-resolution", "srcnn", f"x{model.config.scale}"],
        model_name=name if results else None,
        eval_results=results or None,
    )


def body(name: str, model: SRCNN, reports: dict[str, Report]) -> str:
    return BODY.format(
        name=name,
        crops=CROPS,
        architecture="-".join(map(str, model.config.kernel_sizes)),
        scale=model.config.scale,
        loss=model.config.loss,
        parameters=parameter_count(model),
        receptive=2 * model.halo + 1,
        loss_note=LOSS_NOTES.get(model.config.loss, ""),
        results=results_table(reports),
        distance_note=DISTANCE_NOTE if has_distance(reports) else "",
        recipe=recipe_text(name, model.recipe),
    )


def results_table(reports: dict[str, Report]) -> str:
    """Bicubic beside the variant, a row a test set."""
    if not reports:
        return "Not measured yet: `python -m srcnn card FOLDER --test FOLDER` fills this in."
    distance = " / distance" if has_distance(reports) else ""
    lines = [
        f"| Test set | Pictures | Bicubic PSNR / SSIM{distance} | This variant PSNR / SSIM{distance} | Gain |",
        "|---|---|---|---|---|",
    ]
    for test, report in reports.items():
        gain = report.srcnn.psnr - report.bicubic.psnr
        lines.append(
            f"| {test} | {len(report.names)} | {figures(report.bicubic)} | {figures(report.srcnn)} | {gain:+.2f} dB |"
        )
    return "\n".join(lines)


def figures(score: Score) -> str:
    distance = "" if score.distance is None else f" / {score.distance:.4f}"
    return f"{score.psnr:.2f} dB / {score.ssim:.4f}{distance}"


def has_distance(reports: dict[str, Report]) -> bool:
    return any(report.srcnn.distance is not None for report in reports.values())


def recipe_text(name: str, recipe: dict) -> str:
    """What the variant was trained on, how that went, and the command that trains it again."""
    if not recipe:
        return "The weights do not say how they were trained."
    choice = "the last" if recipe.get("loss") in JUDGED_BY_EYE else "the best there"
    commands = [training_command(before["name"], before) for before in recipe.get("before", [])]
    commands.append(training_command(f"weights/{name}", recipe))
    sets = " and ".join(recipe["data"])
    copies = " (reduced copies counted)" if recipe.get("shrink") else ""
    text = TRAINING.format(sets=sets, copies=copies, choice=choice, command="\n".join(commands), **recipe)
    return f"{text}\n\n![Loss and validation PSNR over the steps]({CURVES})" if "history" in recipe else text


def training_command(output: str, recipe: dict) -> str:
    """The call of train.py that a recipe was made by, one option a line."""
    words = ["python train.py"]
    for key, value in recipe.items():
        if key in (*OUTCOME, "name") or value in (None, []):
            continue
        flag = f"--{key.replace('_', '-')}"
        if isinstance(value, bool):
            words.append(flag if value else flag.replace("--", "--no-", 1))
        elif key == "data":
            words.extend(f"{flag} {folder}" for folder in value)
        else:
            words.append(f"{flag} {' '.join(map(str, value)) if isinstance(value, list) else value}")
    words.append(f"--output {output}")
    return " \\\n    ".join(words)
