import math
import re

import pytest
from huggingface_hub import EvalResult, ModelCard, ModelCardData

from srcnn import SRCNN, VDSR
from srcnn.evaluation.published_scores import BICUBIC_SCORES, standard_set
from srcnn.evaluation.scores import Report, Score
from srcnn.variants.card_metadata import build_metadata, read_results, summarize_card
from tests.support.hub_commands import lines

BASE = {"name": "srcnn-x3-mse", "scale": 3, "loss": "mse", "kernel_sizes": [9, 1, 5], "data": ["T91"]}
NOTHING = {"scale": None, "loss": None, "psnr": {}}


def report(*scores: Score) -> Report:
    return Report(["a.png"] * len(scores), [Score(30.0, 0.8)] * len(scores), [*scores])


@pytest.fixture
def l1() -> SRCNN:
    model = SRCNN(scale=3, loss="l1")
    model.recipe = {"data": ["T91", "hf://datasets/me/photos/train"], "start": "srcnn-x3-mse", "before": [BASE]}
    return model


def text_of(metadata: ModelCardData) -> str:
    return f"---\n{metadata.to_yaml()}\n---\n\n# A variant\n"


def test_the_yaml_holds_what_the_hub_files_a_variant_under(l1):
    text = text_of(build_metadata("srcnn-x3-l1", l1, {}, base="me/srcnn-x3-mse", licence="mit"))
    assert ModelCard(text).data.to_dict() == {
        "base_model": "me/srcnn-x3-mse",
        "datasets": ["me/photos"],
        "library_name": "srcnn",
        "license": "mit",
        "pipeline_tag": "image-to-image",
        "tags": ["super-resolution", "srcnn", "x3", "l1"],
        "base_model_relation": "finetune",
    }


def test_what_the_hub_would_refuse_is_left_out(l1):
    l1.recipe = {"data": ["T91"]}
    data = build_metadata("srcnn-x3-l1", l1, {}).to_dict()
    assert not data.keys() & {"base_model", "base_model_relation", "datasets", "model-index", "license"}


# the Hub's rule for the ids of datasets in results, as its error message prints it
DATASET_ID = re.compile(r"(?:[\w-]+/)?[\w\-.]+", re.ASCII)


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("me/Tiny-Set/data/set.tar.gz", "hf://datasets/me/Tiny-Set/data/set.tar.gz", "me/Tiny-Set"),
        ("you/T@v1", "hf://datasets/you/T@v1", "you/T"),
        ("Manga 109 (HR)", "Manga 109 (HR)", "manga-109-hr"),
        ("Prüfbilder", "Prüfbilder", "pr-fbilder"),
        ("写真", "写真", "unnamed"),
        ("one/HR", "one/HR", "one-hr"),
        ("Set5", "Set5", "set5"),
    ],
)
def test_every_test_set_has_an_id_that_the_hub_takes(l1, name, source, expected):
    data = build_metadata("v", l1, {3: {name: report(Score(31.0, 0.9))}}, {name: source}).to_dict()
    kind = data["model-index"][0]["results"][0]["dataset"]["type"]
    assert kind == expected
    assert DATASET_ID.fullmatch(kind)


@pytest.mark.parametrize(
    ("name", "standard"),
    [
        ("Set5", "Set5"),
        ("set14", "Set14"),
        ("Set5_HR", "Set5"),
        ("Set14/GTmod12", "Set14"),
        ("B100", "BSD100"),
        ("BSDS100-HR", "BSD100"),
        ("eugenesiow/Set5/data/Set5_HR.tar.gz", "Set5"),
        ("eugenesiow/BSD100@main", "BSD100"),
        ("Set5_noisy", None),
        ("Set5/LR", None),
        ("Set55", None),
        ("Urban100", None),
    ],
)
def test_the_standard_sets_are_recognised_by_their_usual_names_and_what_bicubic_scores(l1, name, standard):
    for scale, by_set in BICUBIC_SCORES.items():
        for test, score in by_set.items():
            assert standard_set(name, scale, score) == (standard if test == standard else None)
    assert standard_set(name, 8, Score(24.4, 0.66)) is None
    if standard:
        figures = Report(["a.png"], [BICUBIC_SCORES[3][standard]], [Score(31.0, 0.9)])
        data = build_metadata("v", l1, {3: {name: figures}})
        assert {each.dataset_name for each in data.eval_results} == {standard}


def test_the_results_come_back_from_the_yaml(l1):
    reports = {"Set5": report(Score(32.678, 0.90871, 0.19049)), "Set14": report(Score(29.2, 0.8188), Score(29.4, 0.8))}
    card = ModelCard(text_of(build_metadata("srcnn-x3-l1", l1, {3: reports})))
    assert card.data.model_name == "srcnn-x3-l1"
    assert [(each.dataset_name, each.metric_type, each.metric_value) for each in card.data.eval_results] == [
        ("Set5", "psnr", 32.68),
        ("Set5", "ssim", 0.9087),
        ("Set5", "perceptual_distance", 0.1905),
        ("Set14", "psnr", 29.3),
        ("Set14", "ssim", 0.8094),
    ]
    assert {(each.task_type, each.task_name) for each in card.data.eval_results} == {
        ("image-to-image", "x3 super-resolution")
    }


def test_figures_that_are_no_numbers_are_left_out(l1):
    reports = {"tiny": report(Score(31.0, math.nan)), "same": report(Score(math.inf, 1.0))}
    data = build_metadata("srcnn-x3-l1", l1, {3: reports})
    assert [(each.dataset_name, each.metric_type) for each in data.eval_results] == [("tiny", "psnr"), ("same", "ssim")]


def test_the_figures_of_a_card_by_test_set(l1):
    reports = {"Set5": report(Score(32.678, 0.90871, 0.19049)), "Set14": report(Score(29.2, math.nan))}
    data = ModelCard(text_of(build_metadata("srcnn-x3-l1", l1, {3: reports}))).data
    expected = {3: {"Set5": {"psnr": 32.68, "ssim": 0.9087, "distance": 0.1905}, "Set14": {"psnr": 29.2}}}
    assert read_results(data) == read_results(data.to_dict()) == expected


@pytest.mark.parametrize("as_dict", [False, True])
def test_a_listing_reads_back_what_a_card_says(l1, as_dict):
    reports = {"Set5": report(Score(32.678, 0.90871, 0.19)), "Set14": report(Score(29.2, 0.8188))}
    data = ModelCard(text_of(build_metadata("srcnn-x3-l1", l1, {3: reports}))).data
    expected = [{"scale": 3, "loss": "l1", "psnr": {"Set5": 32.68, "Set14": 29.2}}]
    assert summarize_card(data.to_dict() if as_dict else data) == expected


def test_a_card_of_several_scales_keeps_the_figures_of_each_apart():
    model = VDSR(depth=3, channels=4, scale=(2, 3, 4), loss="mse")
    psnr = {2: 37.25, 3: 33.5, 4: 31.0}
    reports = {
        scale: {"Set5": report(Score(value, 0.9)), "Set14": report(Score(value - 4, 0.8))}
        for scale, value in psnr.items()
    }
    card = ModelCard(text_of(build_metadata("vdsr-reduced-3x4-mse", model, reports)))
    assert card.data.tags == ["super-resolution", "vdsr", "x2", "x3", "x4", "mse"]
    for data in (card.data, card.data.to_dict()):
        assert read_results(data) == {
            scale: {"Set5": {"psnr": value, "ssim": 0.9}, "Set14": {"psnr": value - 4, "ssim": 0.8}}
            for scale, value in psnr.items()
        }
        assert summarize_card(data) == [
            {"scale": scale, "loss": "mse", "psnr": {"Set5": value, "Set14": value - 4}}
            for scale, value in psnr.items()
        ]
    assert [each.task_name for each in card.data.eval_results] == [
        f"x{scale} super-resolution" for scale in psnr for _ in range(4)
    ]


def result(**choices) -> EvalResult:
    needed = {"task_type": "image-to-image", "task_name": "x4 super-resolution"}
    needed |= {"dataset_type": "set5", "dataset_name": "Set5"}
    return EvalResult(**needed | {"metric_type": "psnr", "metric_value": 31.0} | choices)


@pytest.mark.parametrize(
    "strange",
    [
        None,
        {},
        ModelCardData(),
        ModelCardData(tags="image"),
        ModelCardData(tags=[None, 3, ["x3"], {"x": 3}, "x0", "3x", "x" + "9" * 5000, "hinge"]),
        ModelCardData(model_name="a", eval_results=[result(metric_type="ssim"), result(metric_value="31")]),
        ModelCardData(model_name="a", eval_results=[result(metric_value=value) for value in (math.nan, math.inf)]),
        ModelCardData(model_name="a", eval_results=[result(metric_value=value) for value in (None, True, 10**400)]),
        ModelCardData(
            model_name="a", eval_results=[result(task_name=name) for name in (None, 4, "x0", "x4", "x999 s")]
        ),
        ModelCardData(eval_results="many", ignore_metadata_errors=True),
        ModelCardData(eval_results=5, ignore_metadata_errors=True),
        {"tags": 5},
        {"model-index": 5},
        {"model-index": [{"name": "a", "results": [{"task": [], "dataset": [], "metrics": 1}]}]},
        {"model-index": [{"name": "a", "results": [{"task": {"type": "b"}, "dataset": ["c"], "metrics": []}]}]},
        {1: 2},
        ["no", "mapping"],
    ],
)
def test_a_strangers_card_is_no_error(strange):
    assert summarize_card(strange) == [NOTHING]
    assert read_results(strange) == {}


def test_of_a_strange_card_what_can_be_read_is_read():
    data = ModelCardData(tags=[7, "x4", "x2"], model_name="a", eval_results=[result(metric_value="?"), result()])
    there = {"scale": 4, "loss": None, "psnr": {"Set5": 31.0}}
    assert summarize_card(data) == [there, {"scale": 2, "loss": None, "psnr": {}}]


# Sends a card to the Hub that the client finds in its environment; prints what a listing reads of it there.
SEND = """
import json, sys
from huggingface_hub import HfApi, ModelCard
from srcnn.variants.card_metadata import summarize_card
card = ModelCard(sys.argv[1])
card.validate()
HfApi().create_repo("me/srcnn-x3-l1", exist_ok=True)
card.push_to_hub("me/srcnn-x3-l1")
print(json.dumps(summarize_card(HfApi().model_info("me/srcnn-x3-l1").card_data)))
"""


def test_the_hub_takes_a_card_and_gives_its_figures_back(l1, hub, person):
    """Over HTTP, against the local Hub. That it looks at a card at all shows in what it refuses."""
    data = build_metadata("srcnn-x3-l1", l1, {3: {"Set5": report(Score(32.678, 0.90871))}})
    sent = person("-c", SEND, text_of(data))
    assert sent.result == [{"scale": 3, "loss": "l1", "psnr": {"Set5": 32.68}}]
    assert "POST /api/validate-yaml" in lines(hub)
    data.eval_results[0].dataset_type = "eugenesiow/Set5/data"
    assert "dataset.type" in person("-c", SEND, text_of(data)).errors
    data.eval_results[0].dataset_type = "set5"
    data.base_model = "weights/of/srcnn-x3-mse"
    assert '"base_model" with value "weights/of/srcnn-x3-mse" is not valid' in person("-c", SEND, text_of(data)).errors
