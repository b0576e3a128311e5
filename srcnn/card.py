"""The model card of a variant folder: how it was trained, and what it scores on sets of test pictures."""

from pathlib import Path

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from srcnn import images
from srcnn.evaluate import Report, evaluate
from srcnn.files import written_whole
from srcnn.model import SRCNN, parameter_count
from srcnn.plots import draw_crops, draw_curves

CROPS, CURVES = "crops.png", "curves.png"

# of a recipe: what came of the training; the rest are the options of train.py
OUTCOME = ("images", "validation_images", "validation_psnr", "best_step", "history")

BODY = """\
# {name}

SRCNN {architecture} for x{scale} enlargement, trained with the {loss} loss. It takes the luminance of a picture that
bicubic interpolation has already enlarged {scale} times, and restores detail that interpolation leaves blurred.
{parameters:,} parameters, {receptive} x {receptive} pixels of context for each output pixel.
Method: Dong, Loy, He, Tang,
[Image Super-Resolution Using Deep Convolutional Networks](https://arxiv.org/abs/1501.00092).

![The same detail as low resolution, bicubic, this variant and ground truth]({crops})

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
side; the mean over the pictures of a set. `python -m srcnn evaluate {name} --data FOLDER` measures it again.

## Training

{recipe}

## Limits

Three layers see {receptive} x {receptive} pixels and know only bicubic reduction: pictures that are noisy, compressed
or blurred in another way gain little, fine texture stays soft, and the more so the higher the scale. The training
pictures are for research use; check their terms before you use the weights for anything else.
"""

TRAINING = """\
On {images} pictures of {sets}; {validation_images} more of them were kept out to choose the best checkpoint: step
{best_step:,} with {validation_psnr:.2f} dB there. The weights are a moving average over the steps. No test picture was
trained or chosen on.

```
{command}
```"""


def write_card(folder: Path, tests: tuple[Path, ...]) -> None:
    """Measure the variant in `folder` on folders of test pictures, draw its pictures and write its README.md.

    Raises ImageError for a test picture that cannot be used.
    """
    model = SRCNN.from_pretrained(folder)
    reports = {test.resolve().name: evaluate(model, images.listing(test)) for test in tests}
    draw_crops(model, folder / CROPS)
    if "history" in model.recipe:
        draw_curves(model.recipe["history"], folder / CURVES)
    header = card_data(folder.name, model, reports).to_yaml()
    card = ModelCard(f"---\n{header}\n---\n\n{body(folder.name, model, reports)}")
    with written_whole(folder / "README.md") as temporary:
        card.save(temporary)


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
        results=results_table(reports),
        recipe=recipe_text(name, model.recipe),
    )


def results_table(reports: dict[str, Report]) -> str:
    """Bicubic beside the variant, a row a test set."""
    if not reports:
        return "Not measured yet: `python -m srcnn card FOLDER --test FOLDER` fills this in."
    lines = ["| Test set | Pictures | Bicubic PSNR / SSIM | This variant PSNR / SSIM | Gain |", "|---|---|---|---|---|"]
    for test, report in reports.items():
        before, after = report.bicubic, report.srcnn
        lines.append(
            f"| {test} | {len(report.names)} | {before.psnr:.2f} dB / {before.ssim:.4f} "
            f"| {after.psnr:.2f} dB / {after.ssim:.4f} | {after.psnr - before.psnr:+.2f} dB |"
        )
    return "\n".join(lines)


def recipe_text(name: str, recipe: dict) -> str:
    """What the variant was trained on, how that went, and the command that trains it again."""
    if not recipe:
        return "The weights do not say how they were trained."
    text = TRAINING.format(sets=" and ".join(recipe["data"]), command=training_command(name, recipe), **recipe)
    return f"{text}\n\n![Loss and validation PSNR over the steps]({CURVES})" if "history" in recipe else text


def training_command(name: str, recipe: dict) -> str:
    words = ["python train.py"]
    for key, value in recipe.items():
        if key in OUTCOME or value in (None, []):
            continue
        flag = f"--{key.replace('_', '-')}"
        if isinstance(value, bool):
            words.append(flag if value else flag.replace("--", "--no-", 1))
        elif key == "data":
            words.extend(f"{flag} {folder}" for folder in value)
        else:
            words.append(f"{flag} {' '.join(map(str, value)) if isinstance(value, list) else value}")
    words.append(f"--output weights/{name}")
    return " \\\n    ".join(words)
