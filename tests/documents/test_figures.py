"""The tables of README.md, in both languages, and of docs/results.md show what the model cards and the papers say."""

import re

import pytest
from huggingface_hub import ModelCard

from srcnn.evaluation.published_scores import AUTHORS_SCORES, BICUBIC_SCORES
from srcnn.naming import SCALES
from srcnn.networks.architectures import load_network
from srcnn.networks.base import count_parameters
from srcnn.variants.card_metadata import read_results
from srcnn.variants.loading import BUNDLED_FOLDER, bundled_names
from tests.support.project import PROJECT

TESTS = ("Set5", "Set14", "BSD100")
READMES = pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])


def lines_of(document: str) -> list[str]:
    return (PROJECT / document).read_text("utf-8").splitlines()


def figures_of(variants: list[str]) -> dict[tuple[int, str], dict]:
    """What the cards of variants say, by scale and name."""
    cards = {name: read_results(ModelCard.load(BUNDLED_FOLDER / name / "README.md").data) for name in variants}
    return {(scale, name): by_test for name, scales in cards.items() for scale, by_test in scales.items()}


def rows_of_results() -> dict[tuple[int, str], list[str]]:
    """The figures in docs/results.md by scale and variant; a scale begins with its row of bicubic."""
    found, scale = {}, None
    for line in lines_of("docs/results.md"):
        if bicubic := re.match(r"\| Bicubic x(\d) \|", line):
            scale = int(bicubic[1])
        if variant := re.match(r"\| \[`([\w-]+)`\]", line):
            found[scale, variant[1]] = [cell.strip() for cell in line.split("|")[2:5]]
    return found


def test_the_results_are_those_of_the_cards():
    claimed, rows = figures_of(bundled_names()), rows_of_results()
    assert rows.keys() == claimed.keys()
    for place, by_test in claimed.items():
        tests = [by_test[test] for test in TESTS]
        assert rows[place] == [f"{each['psnr']:.2f} / {each['ssim']:.4f}" for each in tests]


def test_the_results_are_those_of_the_authors():
    for release, scales in AUTHORS_SCORES.items():
        kernel_sizes, pictures = release.split(", ")
        for scale, sets in scales.items():
            begin = f"| Authors' {kernel_sizes} x{scale}, {pictures} |"
            row = next(line for line in lines_of("docs/results.md") if line.startswith(begin))
            figures = [f"{sets[test].psnr:.2f} / {sets[test].ssim:.4f}" for test in TESTS]
            assert [cell.strip() for cell in row.split("|")[2:-1]] == figures


@READMES
def test_the_readme_shows_the_cards_psnr_and_the_parameters(readme):
    """On Set5 at x2, x3 and x4, of the variants that a row names by a pattern; of the parameters, the extremes."""
    rows = [match for line in lines_of(readme) if (match := re.match(r"\|[^|]*`weights/([^`]+)` \|(.*)", line))]
    assert len(rows) == 4
    for row in rows:
        variants = [folder.name for folder in BUNDLED_FOLDER.glob(row[1])]
        psnr = {scale: by_test["Set5"]["psnr"] for (scale, _), by_test in figures_of(variants).items()}
        *shown, parameters = row[2].split("|")[:4]
        assert [float(cell) for cell in shown] == [psnr[scale] for scale in SCALES]
        counts = {count_parameters(load_network(BUNDLED_FOLDER / name)) for name in variants}
        assert re.findall(r"[\d,]+", parameters) == [f"{count:,}" for count in sorted({min(counts), max(counts)})]


@READMES
def test_the_readme_shows_the_psnr_of_bicubic_and_of_the_authors(readme):
    for scales in (BICUBIC_SCORES, *AUTHORS_SCORES.values()):
        figures = " | ".join(f"{scales[scale]['Set5'].psnr:.2f}" for scale in SCALES)
        assert any(f"| {figures} |" in line for line in lines_of(readme))
