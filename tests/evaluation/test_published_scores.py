from srcnn.evaluation.published_scores import AUTHORS_SCORES, BICUBIC_SCORES
from srcnn.variants.loading import BUNDLED_FOLDER, bundled_names, load_any_scale
from tests.support.project import PROJECT


def test_the_readme_shows_the_authors_figures():
    lines = (PROJECT / "README.md").read_text().splitlines()
    for release, scales in AUTHORS_SCORES.items():
        kernel_sizes, pictures = release.split(", ")
        for scale, sets in scales.items():
            row = next(line for line in lines if line.startswith(f"| Authors' {kernel_sizes} x{scale}, {pictures} |"))
            figures = [f"{sets[test].psnr:.2f} / {sets[test].ssim:.4f}" for test in ("Set5", "Set14", "BSD100")]
            assert [cell.strip() for cell in row.split("|")[2:-1]] == figures


def test_every_card_has_these_figures_of_bicubic():
    for name in bundled_names():
        card = (BUNDLED_FOLDER / name / "README.md").read_text()
        scales = load_any_scale(name).config.scales
        for test in ("Set5", "Set14", "BSD100"):
            rows = [line for line in card.splitlines() if line.startswith(f"| {test} (")]  # first those of the scales
            for scale, row in zip(scales, rows, strict=False):
                score = BICUBIC_SCORES[scale][test]
                assert row.split("|")[2].strip() == f"{score.psnr:.2f} / {score.ssim:.4f}"
            assert len(rows) >= len(scales)
