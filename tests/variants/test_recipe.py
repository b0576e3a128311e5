import json
import re
import shlex

import pytest

from srcnn.training.options import TrainingOptions
from srcnn.variants.card_training import recipe_text, training_command
from srcnn.variants.loading import bundled_names, load_any_scale
from srcnn.variants.recipe import dataset_repositories, list_curves, released_base
from train import parse

OUTCOME = {"images": 9, "validation_images": 2, "validation_psnr": 31.5, "best_step": 7}


def commands_of(text: str) -> list[str]:
    joined = re.search("```\n(.*)```", text, re.DOTALL)[1].replace("\\\n", "")
    return [" ".join(line.split()) for line in joined.splitlines()]


def test_the_recipe_is_the_command_that_trains_it_again():
    choices = {"scale": 2, "data": ["T91", "BSDS400"], "kernel_sizes": [9, 1, 5], "residual": False, "start": None}
    text = recipe_text("srcnn-x2-mse", choices | OUTCOME)
    expected = "python train.py --scale 2 --data T91 --data BSDS400 --kernel-sizes 9 1 5 --no-residual"
    assert commands_of(text) == [f"{expected} --output weights/srcnn-x2-mse"]


CHOICES = [
    ["--scale", 2, "--validate", "a", "--validate", "b c"],
    ["--kernel-sizes", 9, 5, 5, "--residual", "--no-turns", "--shrink", 0.9, 0.6, "--start", "srcnn-x3-mse"],
    ["--loss", "perceptual", "--feature-layers", "relu1_2", "relu2_2"],
    ["--network", "vdsr", "--scale", 2, 3, 4, "--depth", 10, "--channels", 48, "--teacher", "me/edsr-baseline-x2-mse"],
    ["--network", "vdsr", "--scale", 4, "--teacher", "a", "--teacher-weight", 0.25],
    ["--network", "vdsr", "--scale", 2, 3, "--teacher", "edsr-baseline-x2-l1", "my own/edsr-x3"],
    ["--network", "edsr", "--scale", 3, "--residual-scaling", 0.1, "--start", "edsr-baseline-x2-l1"],
]


def of_a_shell(command: str) -> TrainingOptions:
    python, script, *arguments = shlex.split(command.replace("\\\n", ""))
    assert (python, script) == ("python", "train.py")
    return parse(arguments)


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("choices", CHOICES, ids=str)
def test_the_command_is_understood_as_the_options_that_it_came_from(choices, as_json):
    folders = ["--data", "T91", "--data", "my photos", "--output", "weights/mine"]
    options = parse([*map(str, choices), *folders])
    recipe = options.recipe()
    recipe = json.loads(json.dumps(recipe)) if as_json else recipe
    assert of_a_shell(training_command("weights/mine", recipe | OUTCOME)) == options


def test_what_a_network_has_no_use_for_stays_out_of_its_command():
    options = parse(["--network", "vdsr", "--data", "T91", "--output", "mine"])
    command = training_command("mine", options.recipe())
    assert "--network vdsr" in command
    for word in ("None", "kernel-sizes", "residual", "depth", "channels", "teacher"):
        assert word not in command


def test_the_commands_of_the_released_variants_are_understood():
    for name in bundled_names():
        recipe = load_any_scale(name).recipe
        for run in [*recipe.get("before", []), recipe]:
            options = of_a_shell(training_command("mine", run))
            assert (options.network, options.loss) == (run.get("network", "srcnn"), run["loss"])
            assert [*options.scale] == (run["scale"] if isinstance(run["scale"], list) else [run["scale"]])


def test_the_text_names_the_variant_that_it_learned_from():
    recipe = {"loss": "mse", "data": ["T91"], "teacher": "edsr-baseline-x2-mse", "teacher_weight": 0.25, **OUTCOME}
    text = recipe_text("srcnn-x2-mse", recipe)
    assert "what `edsr-baseline-x2-mse` makes of a picture, which has a share of 25%." in text
    assert "--teacher edsr-baseline-x2-mse" in text
    several = recipe_text("vdsr-mse", recipe | {"teacher": ["edsr-baseline-x2-mse", "me/edsr-x3-l1"]})
    assert "what `edsr-baseline-x2-mse` and `me/edsr-x3-l1` make of a picture, which has a share of 25%." in several
    assert "--teacher edsr-baseline-x2-mse me/edsr-x3-l1" in several
    assert "learned from" not in recipe_text("srcnn-x2-mse", {"loss": "mse", "data": ["T91"], **OUTCOME})


def test_fine_tuned_weights_come_with_the_commands_of_both_runs():
    first = {"name": "srcnn-x2-mse", "loss": "mse", "data": ["T91"], **OUTCOME}
    recipe = {"loss": "l1", "data": ["T91"], "start": "srcnn-x2-mse", "before": [first], **OUTCOME}
    assert commands_of(recipe_text("srcnn-x2-l1", recipe)) == [
        "python train.py --loss mse --data T91 --output srcnn-x2-mse",
        "python train.py --loss l1 --data T91 --start srcnn-x2-mse --output weights/srcnn-x2-l1",
    ]


def test_the_text_tells_where_the_pictures_came_from_and_which_weights_these_are():
    places = ["T91", "mine", "hf://datasets/me/photos@v1/train"]
    text = recipe_text("srcnn-x2-mse", {"loss": "mse", "data": places, "ema": 0.999, "shrink": [0.9], **OUTCOME})
    photos = "[me/photos@v1/train](https://huggingface.co/datasets/me/photos)"
    assert f"9 pictures of T91, mine and {photos} (reduced copies counted); 2 more were kept out" in text
    assert "step 7, the best, with 31.50 dB on those; they are a moving average over the steps." in text
    plain = recipe_text("srcnn-x2-adversarial", {"loss": "adversarial", "data": ["T91"], "ema": 0.0, **OUTCOME})
    assert "9 pictures of T91; 2 more were kept out" in plain
    assert "step 7, the last, with 31.50 dB on those." in plain


def test_weights_without_a_recipe_say_so():
    assert recipe_text("srcnn-x2-mse", {}) == "The weights do not say how they were trained."


def test_training_sets_of_all_runs_that_the_hub_has():
    before = [{"data": ["hf://datasets/me/T91/set.zip", "T91"]}, {"data": ["hf://datasets/you/photos@main"]}]
    recipe = {"data": ["BSDS400", "hf://datasets/me/T91"], "before": before}
    assert dataset_repositories(recipe) == ["me/T91", "you/photos"]
    assert dataset_repositories({"data": ["T91", "hf://you/model"]}) == []
    assert dataset_repositories({}) == []


@pytest.mark.parametrize(
    ("start", "base"),
    [
        ({"name": "srcnn-x3-mse", "scale": 3, "loss": "mse", "kernel_sizes": [9, 1, 5]}, "srcnn-x3-mse"),
        ({"name": "srcnn-955-x3-mse", "scale": 3, "loss": "mse", "kernel_sizes": [9, 5, 5]}, "srcnn-955-x3-mse"),
        ({"name": "srcnn-x3-mse", "scale": 3, "loss": "mse", "kernel_sizes": [9, 5, 5]}, None),
        ({"name": "srcnn-x3-mse-long", "scale": 3, "loss": "mse", "kernel_sizes": [9, 1, 5]}, None),
        ({"name": "srcnn-x3-l1", "scale": 3, "loss": "l1", "kernel_sizes": [9, 1, 5]}, None),
        ({"name": "authors"}, None),
        ({"name": "vdsr-mse", "network": "vdsr", "scale": [2, 3, 4], "loss": "mse", "depth": None}, "vdsr-mse"),
        ({"name": "vdsr-mse", "network": "vdsr", "scale": (4, 3, 2), "loss": "mse"}, "vdsr-mse"),
        ({"name": "vdsr-mse", "network": "vdsr", "scale": [2, 3, 4], "loss": "mse", "depth": 10}, None),
        (
            {"name": "vdsr-reduced-10x64-x4-l1", "network": "vdsr", "scale": 4, "loss": "l1", "depth": 10},
            "vdsr-reduced-10x64-x4-l1",
        ),
        ({"name": "edsr-baseline-x2-l1", "network": "edsr", "scale": 2, "loss": "l1"}, "edsr-baseline-x2-l1"),
        ({"name": "edsr-baseline-x2-l1", "network": "edsr", "loss": "l1"}, None),
        ({"name": "edsr-x2-l1", "network": "rcan", "scale": 2, "loss": "l1"}, None),
        ({"name": "edsr-x2-l1", "network": ["edsr"], "scale": {}, "loss": "l1"}, None),
    ],
)
def test_a_base_is_a_released_variant_of_another_name(start, base):
    assert released_base("srcnn-x3-l1", {"start": start["name"], "before": [{"name": "first"}, start]}) == base
    if not base:
        assert f"It went on from the weights of `{start['name']}`." in recipe_text(
            "srcnn-x3-l1", {"data": ["T91"], "start": start["name"], "before": [start], **OUTCOME}
        )


def test_weights_that_began_anew_have_no_base():
    assert released_base("srcnn-x3-mse", {}) is None
    assert released_base("srcnn-x3-mse", {"start": None, "before": []}) is None


def steps_of_curves(recipe: dict) -> list[tuple[int | None, list[int]]]:
    return [(pictures, [entry["step"] for entry in history]) for pictures, history in list_curves(recipe)]


def test_the_curves_begin_with_the_runs_of_the_same_loss_and_scale():
    def recipe(loss: str, steps: tuple[int, ...], before: tuple[dict, ...] = ()) -> dict:
        history = [{"step": step, "loss": 1.0, "psnr": 30.0} for step in steps]
        return {"loss": loss, "scale": 3, "history": history, "before": [*before]}

    other, first = recipe("mse", (5,)), recipe("l1", (10, 20))
    assert steps_of_curves(recipe("l1", (4, 8), before=(other, first))) == [(None, [10, 20, 24, 28])]
    assert steps_of_curves(recipe("l1", (4, 8), before=(first, other))) == [(None, [4, 8])]


def test_runs_that_were_validated_on_other_pictures_have_a_curve_of_their_own():
    def recipe(*steps: int, before: tuple = (), **pictures: object) -> dict:
        history = [{"step": step, "loss": 1.0, "psnr": 30.0} for step in steps]
        return {"loss": "mse", "scale": 3, "history": history, "before": [*before], **pictures}

    first = recipe(5, 9, data=["T91"], validation_images=6)
    alike = recipe(3, data=["T91"], validation_images=6)
    silent = recipe(data=["photos"], validation_images=8)  # it was stopped before its first validation
    more = recipe(4, 8, data=["T91"], validation_images=7)
    last = recipe(7, before=(first, alike, silent, more), data=["T91"], validate=["mine"], validation_images=7)
    assert steps_of_curves(last) == [(6, [5, 9, 12]), (7, [16, 20]), (7, [27])]


def test_the_curves_of_another_network_or_of_fewer_scales_are_left_out():
    def recipe(**choices) -> dict:
        return {"loss": "mse", "scale": [2, 3], "history": [{"step": 5, "loss": 1.0, "psnr": 30.0}], **choices}

    vdsr = recipe(network="vdsr")
    for before, count in ((vdsr, 2), (recipe(network="vdsr", scale=(3, 2)), 2), (recipe(network="vdsr", scale=2), 1)):
        assert steps_of_curves(vdsr | {"before": [before]}) == [(None, [5, 10][:count])]
    old, new = recipe(scale=3), recipe(scale=3, network="srcnn")
    assert steps_of_curves(new | {"before": [old]}) == [(None, [5, 10])]
    assert steps_of_curves(recipe(scale=3, network="edsr") | {"before": [old]}) == [(None, [5])]
