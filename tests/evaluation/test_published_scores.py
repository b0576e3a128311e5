from srcnn.evaluation.published_scores import BICUBIC_SCORES
from srcnn.variants.loading import BUNDLED_FOLDER, bundled_names, load_any_scale


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
