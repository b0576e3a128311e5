from conftest import PROJECT

from srcnn.published import AUTHORS


def test_the_readme_shows_the_authors_figures():
    lines = (PROJECT / "README.md").read_text().splitlines()
    for release, scales in AUTHORS.items():
        kernel_sizes, pictures = release.split(", ")
        for scale, sets in scales.items():
            row = next(line for line in lines if line.startswith(f"| Authors' {kernel_sizes} x{scale}, {pictures} |"))
            figures = [f"{sets[test].psnr:.2f} / {sets[test].ssim:.4f}" for test in ("Set5", "Set14", "BSD100")]
            assert [cell.strip() for cell in row.split("|")[2:-1]] == figures
