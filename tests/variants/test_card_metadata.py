import json
import math
import os
import subprocess
import sys

import pytest
from huggingface_hub import EvalResult, ModelCard, ModelCardData

from srcnn import SRCNN, VDSR
from srcnn.evaluation.scores import Report, Score
from srcnn.variants.card_metadata import build_metadata, read_results, summarize_card
from tests.local_hub.server import WRITE_TOKEN, LocalHub
from tests.support.project import PROJECT

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
    text = text_of(build_metadata("srcnn-x3-l1", l1, {}, "me"))
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
    assert build_metadata("srcnn-x3-l1", l1, {}).base_model is None
    l1.recipe = {"data": ["T91"]}
    data = build_metadata("srcnn-x3-l1", l1, {}, "me").to_dict()
    assert not data.keys() & {"base_model", "base_model_relation", "datasets", "model-index"}


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
card = ModelCard(sys.stdin.read())
card.validate()
HfApi().create_repo("me/srcnn-x3-l1", exist_ok=True)
card.push_to_hub("me/srcnn-x3-l1")
print(json.dumps(summarize_card(HfApi().model_info("me/srcnn-x3-l1").card_data)))
"""


def test_the_hub_takes_a_card_and_gives_its_figures_back(l1, tmp_path):
    """Over HTTP, against the local Hub. That it looks at a card at all shows in what it refuses."""
    data = build_metadata("srcnn-x3-l1", l1, {3: {"Set5": report(Score(32.678, 0.90871))}}, "me")
    with LocalHub() as hub:
        settings = {"HF_HOME": str(tmp_path), "HF_TOKEN": WRITE_TOKEN, "OMP_NUM_THREADS": "1"}

        def send(text: str) -> subprocess.CompletedProcess:
            command, environment = [sys.executable, "-c", SEND], os.environ | hub.environment | settings
            return subprocess.run(command, input=text, env=environment, cwd=PROJECT, capture_output=True, text=True)

        sent = send(text_of(data))
        assert sent.returncode == 0, sent.stderr
        assert json.loads(sent.stdout.splitlines()[-1]) == [{"scale": 3, "loss": "l1", "psnr": {"Set5": 32.68}}]
        assert "POST /api/validate-yaml" in {f"{request.method} {request.path}" for request in hub.requests}
        data.base_model = "weights/of/srcnn-x3-mse"
        assert '"base_model" with value "weights/of/srcnn-x3-mse" is not valid' in send(text_of(data)).stderr
