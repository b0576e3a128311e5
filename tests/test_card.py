import re

from conftest import PROJECT
from huggingface_hub import ModelCard

from srcnn import SRCNN, images
from srcnn.card import whole_history, write_card
from srcnn.evaluate import evaluate
from srcnn.variants import WEIGHTS, bundled


def card_of(name: str) -> ModelCard:
    return ModelCard.load(WEIGHTS / name / "README.md")


def test_the_card_says_what_evaluate_measures(tmp_path, photographs):
    folder = tmp_path / "srcnn-x3-mse"
    model = SRCNN(scale=3, loss="mse", padding="replicate")
    model.save_pretrained(folder)
    write_card(folder, (photographs,))
    report = evaluate(SRCNN.from_pretrained(folder), images.listing(photographs))
    card = ModelCard.load(folder / "README.md")
    results = {result.metric_type: result.metric_value for result in card.data.eval_results}
    assert results == {"psnr": round(report.srcnn.psnr, 2), "ssim": round(report.srcnn.ssim, 4)}
    assert card.data.model_name == "srcnn-x3-mse"
    assert card.data.pipeline_tag == "image-to-image"
    assert f"{report.bicubic.psnr:.2f} dB" in card.text
    assert "8,129 parameters, 13 x 13 pixels" in card.text


def test_with_features_the_card_states_the_perceptual_distance(tmp_path, photographs, vgg):
    folder = tmp_path / "srcnn-x3-perceptual"
    SRCNN(scale=3, loss="perceptual", padding="replicate").save_pretrained(folder)
    write_card(folder, (photographs,), vgg)
    report = evaluate(SRCNN.from_pretrained(folder), images.listing(photographs), vgg)
    text = (folder / "README.md").read_text()
    assert f" / {report.bicubic.distance:.4f} | " in text
    assert f" / {report.srcnn.distance:.4f} | " in text
    assert "lower than with MSE by design" in " ".join(text.split())


def test_a_card_without_test_sets_says_so(tmp_path):
    SRCNN(scale=2, loss="mse").save_pretrained(tmp_path / "srcnn-x2-mse")
    write_card(tmp_path / "srcnn-x2-mse", ())
    assert "Not measured yet" in (tmp_path / "srcnn-x2-mse" / "README.md").read_text()


def test_the_recipe_is_the_command_that_trains_it_again(tmp_path):
    model = SRCNN(scale=2, loss="mse")
    model.recipe = {
        "scale": 2,
        "data": ["T91", "BSDS400"],
        "kernel_sizes": [9, 1, 5],
        "residual": False,
        "images": 9,
        "validation_images": 2,
        "validation_psnr": 31.5,
        "best_step": 7,
    }
    model.save_pretrained(tmp_path / "srcnn-x2-mse")
    write_card(tmp_path / "srcnn-x2-mse", ())
    text = (tmp_path / "srcnn-x2-mse" / "README.md").read_text()
    command = re.search(r"python train\.py[^`]*", text).group().replace("\\\n   ", "").split()
    expected = "python train.py --scale 2 --data T91 --data BSDS400 --kernel-sizes 9 1 5 --no-residual"
    assert command == [*expected.split(), "--output", "weights/srcnn-x2-mse"]


def test_fine_tuned_weights_come_with_the_commands_of_both_runs(tmp_path):
    outcome = {"images": 9, "validation_images": 2, "validation_psnr": 31.5, "best_step": 7}
    model = SRCNN(scale=2, loss="l1")
    first = {"name": "srcnn-x2-mse", "loss": "mse", "data": ["T91"], **outcome}
    model.recipe = {"loss": "l1", "data": ["T91"], "start": "srcnn-x2-mse", "before": [first], **outcome}
    model.save_pretrained(tmp_path / "srcnn-x2-l1")
    write_card(tmp_path / "srcnn-x2-l1", ())
    text = (tmp_path / "srcnn-x2-l1" / "README.md").read_text().replace("\\\n   ", "")
    commands = [" ".join(line.split()) for line in text.splitlines() if line.startswith("python train.py")]
    assert commands == [
        "python train.py --loss mse --data T91 --output srcnn-x2-mse",
        "python train.py --loss l1 --data T91 --start srcnn-x2-mse --output weights/srcnn-x2-l1",
    ]


def test_the_curves_begin_with_the_runs_of_the_same_loss_and_scale():
    def recipe(loss: str, steps: tuple[int, ...], before: tuple[dict, ...] = ()) -> dict:
        history = [{"step": step, "loss": 1.0, "psnr": 30.0} for step in steps]
        return {"loss": loss, "scale": 3, "history": history, "before": [*before]}

    other, first = recipe("mse", (5,)), recipe("l1", (10, 20))
    history = whole_history(recipe("l1", (4, 8), before=(other, first)))
    assert [entry["step"] for entry in history] == [10, 20, 24, 28]
    assert [entry["step"] for entry in whole_history(recipe("l1", (4, 8), before=(first, other)))] == [4, 8]


def test_the_readme_shows_the_cards_figures():
    rows = [line for line in (PROJECT / "README.md").read_text().splitlines() if line.startswith("| [`srcnn-")]
    assert len(rows) == len(bundled())
    for name in bundled():
        row = next(row for row in rows if f"`{name}`" in row)
        claimed = {(r.dataset_name, r.metric_type): r.metric_value for r in card_of(name).data.eval_results}
        figures = [f"{claimed[test, 'psnr']:.2f} / {claimed[test, 'ssim']:.4f}" for test in ("Set5", "Set14", "BSD100")]
        assert [cell.strip() for cell in row.split("|")[2:-1]] == figures


def test_the_released_cards_are_true(shared):
    """Each bundled card holds the figures that its weights give today."""
    for name in bundled():
        claimed = {(r.dataset_name, r.metric_type): r.metric_value for r in card_of(name).data.eval_results}
        assert {test for test, _ in claimed} == {"Set5", "Set14", "BSD100"}
        report = evaluate(SRCNN.from_pretrained(WEIGHTS / name), images.listing(shared / "data/test/Set5"))
        assert claimed["Set5", "psnr"] == round(report.srcnn.psnr, 2)
        assert claimed["Set5", "ssim"] == round(report.srcnn.ssim, 4)
