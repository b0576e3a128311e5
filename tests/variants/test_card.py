"""A variant's card: what it says of the network, its figures and its training."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

import srcnn
from srcnn import EDSR, SRCNN, VDSR
from srcnn.data.picture_sets import list_pictures
from srcnn.data.training_images import checksum_files, count_overlaps, load_training_images
from srcnn.evaluation.published_scores import BICUBIC_SCORES
from srcnn.evaluation.scores import Report, Score, evaluate
from srcnn.imaging.reading import open_picture
from srcnn.networks.architectures import NETWORKS, load_network
from srcnn.networks.base import Network
from srcnn.training.losses import CHARBONNIER_EPSILON
from srcnn.variants.card import is_generated, results_table, write_card
from srcnn.variants.card_metadata import read_results
from srcnn.variants.card_texts import LOSS_NOTES, NETWORK_TEXTS
from srcnn.variants.loading import BUNDLED_FOLDER, VariantError, bundled_names
from srcnn.visuals.plots import draw_crops
from tests.support.cards import write_card_text

pytestmark = pytest.mark.usefixtures("undrawn")


def saved(folder: Path, model: Network) -> Path:
    """As a variant whose folder is called what it is."""
    model.initialise()
    model.save_pretrained(folder / model.config.name)
    return folder / model.config.name


def vdsr(**choices) -> VDSR:
    return VDSR(**{"depth": 3, "channels": 4, "scale": (2, 3, 4), "loss": "mse"} | choices)


def card_of(name: str) -> ModelCard:
    return ModelCard.load(BUNDLED_FOLDER / name / "README.md")


def test_the_card_says_what_evaluate_measures(tmp_path, photographs):
    folder = tmp_path / "srcnn-x3-mse"
    model = SRCNN(scale=3, loss="mse", padding="replicate")
    model.save_pretrained(folder)
    write_card(folder, (photographs,))
    report = evaluate(SRCNN.from_pretrained(folder), list_pictures(photographs))
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
    write_card(folder, (photographs / "camera.png",), vgg)
    report = evaluate(SRCNN.from_pretrained(folder), [photographs / "camera.png"], vgg)
    text = (folder / "README.md").read_text()
    assert f" | {report.bicubic.distance:.4f} | {report.srcnn.distance:.4f} |" in text
    assert "lower than with MSE by design" in " ".join(text.split())


def test_a_card_without_test_sets_says_so(tmp_path):
    SRCNN(scale=2, loss="mse").save_pretrained(tmp_path / "srcnn-x2-mse")
    write_card(tmp_path / "srcnn-x2-mse", ())
    assert "Not measured yet" in (tmp_path / "srcnn-x2-mse" / "README.md").read_text()


def test_the_authors_weights_stand_beside_the_variant():
    scores = [Score(30.39, 0.8682)], [Score(32.5, 0.9)]
    table = results_table(
        NETWORK_TEXTS["srcnn"], 3, {"Set5": Report(["a.png"], *scores), "mine": Report(["a.png"], *scores)}
    )
    bicubic, variant, gain = "30.39 / 0.8682", "**32.50 / 0.9000**", "+2.11 dB"
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()[2:]]
    assert rows == [
        ["Set5 (1)", bicubic, "32.39 / 0.9033", "32.75 / 0.9090", variant, gain],
        ["mine (1)", bicubic, "-", "-", variant, gain],
    ]


def test_a_network_for_several_scales_has_a_table_for_each(tmp_path, photographs):
    folder = saved(tmp_path, vdsr())
    text = write_card_text(folder, photographs)
    tables = re.findall(r"\*\*x(\d)\*\*\n\n((?:\|.*\n)+)", text)
    assert [int(scale) for scale, _ in tables] == [2, 3, 4]
    found = read_results(ModelCard.load(folder / "README.md").data)
    for scale, table in tables:
        report = evaluate(load_network(folder).for_scale(int(scale)), list_pictures(photographs))
        cells = [cell.strip() for cell in table.splitlines()[2].split("|")[2:-1]]
        assert cells[0] == f"{report.bicubic.psnr:.2f} / {report.bicubic.ssim:.4f}"
        assert cells[2] == f"**{report.srcnn.psnr:.2f} / {report.srcnn.ssim:.4f}**"
        expected = {"psnr": round(report.srcnn.psnr, 2), "ssim": round(report.srcnn.ssim, 4)}
        assert found[int(scale)] == {photographs.name: expected}
    assert found.keys() == {2, 3, 4}
    assert "2, 3 or 4 pixels shaved from each side" in text


def test_with_features_each_scale_has_a_table_of_distances(tmp_path, photographs, vgg):
    folder = saved(tmp_path, vdsr(scale=(2, 4)))
    text = write_card_text(folder, photographs / "camera.png", features=vgg).partition("Perceptual distance:")[2]
    assert re.findall(r"\*\*x(\d)\*\*\n\n\| Test set", text) == ["2", "4"]


def test_the_crops_of_several_scales_are_of_the_largest(tmp_path, monkeypatch):
    monkeypatch.setattr("srcnn.variants.card.draw_crops", draw_crops)
    folder = saved(tmp_path, vdsr())
    write_card(folder, ())
    (tmp_path / "x4.png").write_bytes(draw_crops(load_network(folder).for_scale(4)))
    assert (folder / "crops.png").read_bytes() == (tmp_path / "x4.png").read_bytes()


def test_what_a_card_of_several_scales_tells_to_type_names_one_of_them(tmp_path):
    text = write_card_text(saved(tmp_path, vdsr()), namespace="me")
    assert 'load("me/vdsr-reduced-3x4-mse", scale=3)  # scale 2, 3 or 4; from the Hub' in text
    assert "-o photo-x3.png --scale 3 --model me/vdsr-reduced-3x4-mse" in text
    text = write_card_text(saved(tmp_path, vdsr(scale=4)))
    assert 'load("vdsr-reduced-3x4-x4-mse")  # or a folder' in text
    assert "-o photo-x4.png --model vdsr-reduced-3x4-x4-mse" in text


# that the Hub files a model under: all that its card links to
PAPERS = {"srcnn": "1501.00092", "vdsr": "1511.04587", "edsr": "1707.02921"}


@pytest.mark.parametrize("model", [SRCNN(scale=3, loss="mse"), vdsr(), EDSR(depth=1, channels=4, scale=2, loss="mse")])
def test_a_card_says_what_its_network_takes_and_links_to_its_own_paper(tmp_path, model):
    architecture = model.config.architecture
    folder = saved(tmp_path, model)
    text = write_card_text(folder)
    assert re.findall(r"arxiv\.org/abs/([\d.]+)", (folder / "README.md").read_text()) == [PAPERS[architecture]]
    (call,) = re.findall(r"`(\w+)\.from_pretrained\(\"weights/", text)
    assert call == NETWORKS[architecture].__name__
    assert getattr(srcnn, call) is type(model)
    assert f"after `from srcnn import {call}`" in text
    enlarged = "already enlarged by bicubic" in text
    assert enlarged == (model.upsampling == 1)
    assert "(N, 1, 2H, 2W)" in text or enlarged
    assert architecture in ModelCard.load(folder / "README.md").data.tags


def test_the_card_of_the_charbonnier_loss_states_its_epsilon():
    assert f"epsilon = {CHARBONNIER_EPSILON} of the range 0..1" in LOSS_NOTES["charbonnier"]


def test_each_network_has_its_text():
    assert NETWORK_TEXTS.keys() == NETWORKS.keys()


@pytest.mark.parametrize(
    ("reduced", "whole", "words"),
    [
        (vdsr(), VDSR(scale=2, loss="mse"), "3 layers with 4 feature maps; the paper's has 20 layers with 64"),
        (
            EDSR(depth=2, channels=4, loss="mse"),
            EDSR(loss="mse"),
            "2 residual blocks with 4 feature maps; the paper's baseline has 16 blocks with 64",
        ),
    ],
)
def test_only_a_network_of_another_size_than_the_papers_says_so(tmp_path, reduced, whole, words):
    text, parameters = write_card_text(saved(tmp_path, reduced)), sum(each.numel() for each in whole.parameters())
    assert f"**This is a reduced network**: {words}" in text
    assert f"{parameters:,} parameters" in text
    assert "Its figures are not those of the paper's network." in text
    assert "**This is a" not in write_card_text(saved(tmp_path, whole))


def test_a_larger_network_than_the_papers_says_so(tmp_path):
    assert "**This is a larger network**: 21 layers" in write_card_text(saved(tmp_path, vdsr(depth=21, channels=64)))


@pytest.mark.parametrize(
    ("architecture", "scale", "title", "psnr"),
    [("vdsr", 3, "Published VDSR", 33.66), ("edsr", 4, "Published EDSR-baseline", 32.09)],
)
def test_published_figures_stand_beside_the_variant_and_whose_they_are(architecture, scale, title, psnr):
    report = Report(["a.png"], [BICUBIC_SCORES[scale]["Set5"]], [Score(32.5, 0.9)])
    head, _, row = results_table(NETWORK_TEXTS[architecture], scale, {"Set5": report}).splitlines()
    assert f"| {title} |" in head
    assert f"| {psnr:.2f} / - |" in row
    assert NETWORK_TEXTS[architecture].note.startswith(f"{title}:")
    assert "on a set of its own" in " ".join(NETWORK_TEXTS[architecture].note.split())


def test_without_a_scale_there_is_no_card(tmp_path):
    SRCNN().save_pretrained(tmp_path / "mine")
    (tmp_path / "mine" / "README.md").unlink()
    with pytest.raises(VariantError, match="which scale"):
        write_card(tmp_path / "mine", ())
    assert not (tmp_path / "mine" / "README.md").exists()


def test_a_card_says_how_many_test_pictures_were_trained_on_and_nothing_where_nobody_looked(fine_tuned, photographs):
    """By their pixels, under whatever names: two of these four are in the training."""
    known = fine_tuned.parent / "known"
    known.mkdir()
    files = list_pictures(photographs)
    for number, file in enumerate(files):
        open_picture(file).save(known / f"{number}.png")
    assert "trained or chosen on" not in write_card_text(fine_tuned, known)
    pictures = load_training_images([photographs], (3,), 60)
    seen = files[:2] * 2
    pictures.checksums = checksum_files(seen)
    for overlaps, words in (
        (count_overlaps(pictures, [known]), "**Of known, 2 of 4 pictures were trained or chosen on.**"),
        (count_overlaps(replace(pictures, checksums=[]), [known]), "No picture of known, pixel for pixel, was trained"),
    ):
        model = load_network(fine_tuned)
        (before,) = model.recipe["before"]
        looked = before | {"test_overlaps": dict.fromkeys(overlaps, 0)}
        model.recipe = model.recipe | {"test_overlaps": overlaps, "before": [looked]}
        model.save_pretrained(fine_tuned)
        assert words in write_card_text(fine_tuned, known)
        model.recipe = model.recipe | {"before": [before]}
        model.save_pretrained(fine_tuned)
        assert "trained or chosen on" not in write_card_text(fine_tuned, known), "the run before did not look"


def test_sets_of_one_name_have_a_row_each(fine_tuned, photographs):
    folders = [fine_tuned.parent / "one" / "HR", fine_tuned.parent / "two" / "HR"]
    for folder in folders:
        shutil.copytree(photographs, folder)
    (folders[1] / "camera.png").unlink()
    rows = re.findall(r"^\| (.*?) \|.* dB \|$", write_card_text(fine_tuned, *folders, folders[0]), re.MULTILINE)
    assert rows == ["one/HR (4)", "two/HR (3)"]


def test_what_draws_a_card_is_looked_for_before_anything_is_measured(fine_tuned, monkeypatch, photographs):
    monkeypatch.setattr("srcnn.visuals.plots.find_spec", lambda name: None if name == "matplotlib" else name)
    monkeypatch.setattr("srcnn.variants.card.evaluate", lambda *_: pytest.fail("it was measured"))
    with pytest.raises(VariantError, match="is drawn with matplotlib; install it: pip install matplotlib$"):
        write_card(fine_tuned, (photographs,))


def test_the_hubs_own_class_gives_a_card_back_as_it_was_written(fine_tuned, photographs):
    write_card(fine_tuned, (photographs,), licence="mit")
    written = (fine_tuned / "README.md").read_bytes().decode()
    assert str(ModelCard(written)) == written


def test_only_a_card_that_nobody_touched_counts_as_generated(fine_tuned):
    write_card(fine_tuned, (), licence="mit")
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


@pytest.mark.parametrize("name", bundled_names())
def test_nobody_edited_the_released_cards(name):
    assert is_generated((BUNDLED_FOLDER / name / "README.md").read_text("utf-8"))


def without_results(text: str) -> str:
    """A card's text between its metadata, with the figures, and its seal, but for the section of the figures."""
    above, _, rest = text.partition("\n---\n")[2].rpartition("\n<!--")[0].partition("## Results\n")
    return above + rest[rest.index("\n## ") :]


@pytest.mark.parametrize("name", ["srcnn-x3-mse", "srcnn-x4-adversarial", "vdsr-mse", "edsr-baseline-x2-l1"])
def test_the_released_cards_say_what_would_be_written_today(tmp_path, name):
    shutil.copytree(BUNDLED_FOLDER / name, tmp_path / name)
    write_card(tmp_path / name, ())
    released, today = (folder / name / "README.md" for folder in (BUNDLED_FOLDER, tmp_path))
    assert without_results(released.read_text("utf-8")) == without_results(today.read_text("utf-8"))


def test_the_released_cards_are_true(shared):
    """Each bundled card holds the figures that its weights give today, those of several scales at the largest: VDSR
    takes ten seconds a megapixel, whatever the scale."""
    for name in bundled_names():
        model, claimed = load_network(BUNDLED_FOLDER / name), read_results(card_of(name).data)
        assert claimed.keys() == {*model.config.scales}
        assert "No picture of Set5, Set14 and BSD100, pixel for pixel, was trained or chosen on." in card_of(name).text
        for scale, by_test in claimed.items():
            assert by_test.keys() == {"Set5", "Set14", "BSD100"}, f"{name} x{scale}"
        report = evaluate(model.for_scale(max(claimed)), list_pictures(shared / "data/test/Set5"))
        assert claimed[max(claimed)]["Set5"]["psnr"] == round(report.srcnn.psnr, 2)
        assert claimed[max(claimed)]["Set5"]["ssim"] == round(report.srcnn.ssim, 4)
