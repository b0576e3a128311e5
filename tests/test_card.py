from pathlib import Path

import pytest
from conftest import PROJECT
from huggingface_hub import ModelCard

from srcnn import SRCNN, images
from srcnn.card import is_generated, results_table, write_card
from srcnn.evaluate import Report, Score, evaluate
from srcnn.variants import WEIGHTS, bundled

FINE_TUNED = {
    "data": ["T91"],
    "start": "srcnn-x3-mse",
    "before": [{"name": "srcnn-x3-mse", "scale": 3, "loss": "mse", "kernel_sizes": [9, 1, 5], "data": ["T91"]}],
    "images": 9,
    "validation_images": 2,
    "validation_psnr": 31.5,
    "best_step": 7,
}


@pytest.fixture
def fine_tuned(tmp_path) -> Path:
    """A folder with a variant of L1 that began as one of MSE."""
    model = SRCNN(scale=3, loss="l1", padding="replicate")
    model.recipe = {"scale": 3, "loss": "l1", **FINE_TUNED}
    model.save_pretrained(tmp_path / "srcnn-x3-l1")
    return tmp_path / "srcnn-x3-l1"


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
    assert f"| {report.bicubic.psnr:.2f} / {report.bicubic.ssim:.4f} | - | - | **" in card.text
    assert f"**{report.srcnn.psnr:.2f} / {report.srcnn.ssim:.4f}** | " in card.text
    assert "8,129 parameters; each output pixel depends on 13 x 13 pixels" in card.text


def test_with_features_the_card_states_the_perceptual_distance(tmp_path, photographs, vgg):
    folder = tmp_path / "srcnn-x3-perceptual"
    SRCNN(scale=3, loss="perceptual", padding="replicate").save_pretrained(folder)
    write_card(folder, (photographs,), vgg)
    report = evaluate(SRCNN.from_pretrained(folder), images.listing(photographs), vgg)
    text = (folder / "README.md").read_text()
    assert f" | {report.bicubic.distance:.4f} | {report.srcnn.distance:.4f} |" in text
    assert "lower than with MSE by design" in " ".join(text.split())


def test_a_card_without_test_sets_says_so(tmp_path):
    SRCNN(scale=2, loss="mse").save_pretrained(tmp_path / "srcnn-x2-mse")
    write_card(tmp_path / "srcnn-x2-mse", ())
    assert "Not measured yet" in (tmp_path / "srcnn-x2-mse" / "README.md").read_text()


def test_the_authors_weights_stand_beside_the_variant():
    scores = [Score(30.39, 0.8682)], [Score(32.5, 0.9)]
    table = results_table(3, {"Set5": Report(["a.png"], *scores), "mine": Report(["a.png"], *scores)})
    bicubic, variant, gain = "30.39 / 0.8682", "**32.50 / 0.9000**", "+2.11 dB"
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
    assert rows == [
        ["Set5 (1)", bicubic, "32.39 / 0.9033", "32.75 / 0.9090", variant, gain],
        ["mine (1)", bicubic, "-", "-", variant, gain],
    ]


def test_a_card_for_a_namespace_loads_from_there_and_names_what_it_was_fine_tuned_from(fine_tuned):
    write_card(fine_tuned, (), namespace="me")
    card = ModelCard.load(fine_tuned / "README.md")
    assert (card.data.base_model, card.data["base_model_relation"]) == ("me/srcnn-x3-mse", "finetune")
    assert 'variants.load("me/srcnn-x3-l1")' in card.text
    assert 'SRCNN.from_pretrained("me/srcnn-x3-l1")' in card.text
    assert "Fine-tuned from [me/srcnn-x3-mse](https://huggingface.co/me/srcnn-x3-mse)." in card.text


def test_a_card_without_a_namespace_names_it_in_the_text_alone(fine_tuned):
    write_card(fine_tuned, ())
    card = ModelCard.load(fine_tuned / "README.md")
    assert card.data.base_model is None
    assert 'variants.load("srcnn-x3-l1")' in card.text
    assert 'SRCNN.from_pretrained("weights/srcnn-x3-l1")' in card.text
    assert "Fine-tuned from `srcnn-x3-mse`." in card.text


def test_the_terms_name_the_sets_that_are_for_research_use(fine_tuned):
    write_card(fine_tuned, ())
    assert "BSDS500, which BSDS400 is a part of, are for research use" in (fine_tuned / "README.md").read_text()
    SRCNN(scale=3, loss="mse").save_pretrained(fine_tuned.parent / "other")
    write_card(fine_tuned.parent / "other", ())
    assert "are for research use" not in (fine_tuned.parent / "other" / "README.md").read_text()


def test_the_hubs_own_class_gives_a_card_back_as_it_was_written(fine_tuned, photographs):
    write_card(fine_tuned, (photographs,), namespace="me")
    written = (fine_tuned / "README.md").read_bytes().decode()
    assert str(ModelCard(written)) == written


def test_the_one_arxiv_paper_that_a_card_links_to_is_srcnns(fine_tuned):
    """The Hub files a model under all of them."""
    write_card(fine_tuned, (), namespace="me")
    assert (fine_tuned / "README.md").read_text().count("arxiv.org/") == 1


def test_only_a_card_that_nobody_touched_counts_as_generated(fine_tuned):
    write_card(fine_tuned, ())
    text = (fine_tuned / "README.md").read_bytes().decode()
    assert is_generated(text)
    assert is_generated(text.replace("\n", "\r\n"))
    for edited in (
        text.replace("license: mit", "license: other"),
        text.replace("## Limits", "## Limits "),
        text.replace("## Limits", "## Limits\n"),
        f"{text}A note below.\n",
        f"{text}\n",
        text[: text.rindex("<!--")],
        "# A card by hand\n",
        "",
    ):
        assert edited != text
        assert not is_generated(edited)


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
