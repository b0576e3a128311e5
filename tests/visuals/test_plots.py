import numpy as np
from PIL import Image

from srcnn import SRCNN, VDSR
from srcnn.imaging.reading import open_picture
from srcnn.visuals.plots import draw_crops, draw_curves, draw_losses


def rise_pixels(picture: np.ndarray) -> float:
    """How much higher the blue curve in a picture ends than it begins."""
    blue = (picture[..., 2] > 150) & (picture[..., 0] < 80)
    columns = np.flatnonzero(blue.any(axis=0))
    first, last = (np.flatnonzero(blue[:, column]).mean() for column in (columns[0], columns[-1]))
    return first - last


def test_the_curves_show_what_the_history_holds(tmp_path):
    rising = [{"step": 1000 * n, "loss": 1 / n, "psnr": 30 + n} for n in range(1, 20)]
    falling = [{**entry, "psnr": 50 - entry["psnr"]} for entry in rising]
    for name, history in (("rising", rising), ("falling", falling)):
        (tmp_path / f"{name}.png").write_bytes(draw_curves([(9, history)]))
    first, second = (open_picture(tmp_path / f"{name}.png").pixels for name in ("rising", "falling"))
    assert first.shape == second.shape == (300, 800, 3)
    left, right = np.s_[:, :390], np.s_[:, 410:]
    assert np.array_equal(first[left], second[left])
    assert not np.array_equal(first[right], second[right])
    assert rise_pixels(first) > 100  # the curve rises from left to right


def test_each_curve_has_a_row_and_its_own_range(tmp_path):
    """A curve 5 dB below another one, as its pictures were harder, is as steep as alone."""
    easy = [{"step": 1000 * n, "loss": 1 / n, "psnr": 30 + n / 100} for n in range(1, 20)]
    hard = [{**entry, "psnr": entry["psnr"] - 5} for entry in easy]
    (tmp_path / "two.png").write_bytes(draw_curves([(9, easy), (None, hard)]))
    picture = open_picture(tmp_path / "two.png").pixels
    assert picture.shape == (600, 800, 3)
    assert rise_pixels(picture[:300]) > 100
    assert rise_pixels(picture[300:]) > 100


def test_the_crops_show_four_versions_of_one_detail(tmp_path, network):
    (tmp_path / "crops.png").write_bytes(draw_crops(network))
    assert (tmp_path / "crops.png").stat().st_size < 150_000
    with Image.open(tmp_path / "crops.png") as image:
        assert image.size == (800, 220)
        quarters = [
            np.asarray(image.convert("L"))[60:180, n * 200 + 20 : n * 200 + 180].astype(float) for n in range(4)
        ]
    for one, other in zip(quarters[:-1], quarters[1:], strict=True):
        assert np.abs(one - other).mean() > 2


def test_the_crops_of_one_network_for_several_scales_are_of_the_one_it_is_used_at(tmp_path):
    model = VDSR(depth=3, channels=4, scale=(2, 4), loss="mse")
    model.initialise()
    drawn = []
    for used in (model.for_scale(2), model.for_scale(4)):
        (tmp_path / "crops.png").write_bytes(draw_crops(used))
        drawn.append(open_picture(tmp_path / "crops.png").pixels)
    low, truth = np.s_[60:180, 20:180], np.s_[60:180, 620:780]
    assert not np.array_equal(drawn[0][low], drawn[1][low])
    assert np.array_equal(drawn[0][truth], drawn[1][truth])


def test_the_losses_are_shown_side_by_side_with_bicubic_and_truth(tmp_path):
    def blank_panels(count: int) -> int:
        models = [SRCNN(scale=2, loss=f"loss {n}", padding="replicate") for n in range(count)]
        for model in models:
            model.initialise()
        (tmp_path / "losses.png").write_bytes(draw_losses(models))
        pixels = open_picture(tmp_path / "losses.png").pixels.astype(float).mean(axis=2)
        height, columns = pixels.shape[0] // 2, (count + 3) // 2
        width = pixels.shape[1] // columns
        cells = [pixels[y * height :, x * width :][60:180, 20:180] for y in range(2) for x in range(columns)]
        return sum(cell.std() < 1 for cell in cells)

    assert blank_panels(2) == 0
    assert blank_panels(3) == 1  # five pictures on six places
