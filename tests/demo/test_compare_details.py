"""What Compare shows of a comparison beside its sliders: the detail, the errors, all losses."""

import numpy as np
import pytest
import skimage.data
from playwright.sync_api import Page, expect

from srcnn.evaluation.comparison import Comparison, compare, compare_losses
from srcnn.evaluation.metrics import psnr
from srcnn.imaging.color import luminance
from srcnn.imaging.picture import Picture
from srcnn.naming import LOSS_TITLES
from srcnn.variants.loading import load
from srcnn.visuals.crops import crop_at, most_improved_point
from srcnn.visuals.rendering import draw_error_maps
from tests.support.browser import (
    DESKTOP,
    choose,
    pixels_of,
    shoot,
    slider_of,
    slider_pictures,
    table_text,
    wait_for_comparison,
    wait_on_page,
)


def strip(page: Page, number: int = 0) -> list[np.ndarray]:
    return [pixels_of(each.get_attribute("src")) for each in page.locator(".strip").nth(number).locator("img").all()]


def expected_strip(result: Comparison, x: int, y: int, side: int = 64) -> list[np.ndarray]:
    found = crop_at(result, x, y, side)
    return [each.pixels for each in (found.low, found.bicubic, found.srcnn, found.truth)]


def expect_strip(page: Page, expected: list[np.ndarray], number: int = 0) -> None:
    """The pictures of a detail become the expected ones."""

    def is_shown() -> bool:
        shown = strip(page, number)
        return len(shown) == len(expected) and all(map(np.array_equal, shown, expected))

    wait_on_page(page, is_shown, "the detail shows these pixels")


def chooser_box(page: Page) -> dict:
    page.locator(".detail .chooser").scroll_into_view_if_needed()
    return page.locator(".detail .chooser").bounding_box()


@pytest.fixture(scope="module")
def astronaut_x3(astronaut) -> Comparison:
    return compare(astronaut, load("srcnn-x3-mse"))


def test_the_detail_is_the_most_telling_place_then_where_the_visitor_clicks_and_drags(desktop, astronaut_x3):
    wait_for_comparison(desktop)
    expect_strip(desktop, expected_strip(astronaut_x3, *most_improved_point(astronaut_x3, 64)))
    box = chooser_box(desktop)
    desktop.mouse.click(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.25)
    chosen = expected_strip(astronaut_x3, 204, 128)
    expect_strip(desktop, chosen)
    truth = luminance(chosen[3])
    decibels = [f"{psnr(luminance(pixels), truth):.2f} dB" for pixels in chosen[1:3]]
    expect(desktop.locator(".strip span")).to_have_text(["", *decibels, ""])
    shoot(desktop, "detail-desktop", full_page=True)
    desktop.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.25)
    desktop.mouse.down()
    desktop.mouse.move(box["x"] + box["width"] * 2, box["y"] - 50, steps=4)
    desktop.mouse.up()
    expect_strip(desktop, expected_strip(astronaut_x3, 510, 0))


def test_the_detail_is_moved_by_keys_changes_its_size_and_stays_where_it_is(desktop, astronaut, astronaut_x3):
    wait_for_comparison(desktop)
    box = chooser_box(desktop)
    desktop.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    expect_strip(desktop, expected_strip(astronaut_x3, 255, 255))
    desktop.locator(".detail .chooser button").focus()
    for _ in range(4):  # each a quarter of the square, which has 63 pixels
        desktop.keyboard.press("ArrowLeft")
    expect_strip(desktop, expected_strip(astronaut_x3, 255 - 63, 255))
    desktop.get_by_label("128 × 128").check()
    middle = 194, 256  # of the square, which begins at a multiple of the scale
    expect_strip(desktop, expected_strip(astronaut_x3, *middle, side=128))
    desktop.get_by_label("x2", exact=True).locator("visible=true").check()
    result = compare(astronaut, load("srcnn-x2-mse"))
    expect_strip(desktop, expected_strip(result, *middle, side=128))


def test_a_detail_is_magnified_without_smoothing(desktop):
    wait_for_comparison(desktop)
    low = desktop.locator(".strip img").first
    assert low.evaluate("image => getComputedStyle(image).imageRendering") == "pixelated"
    assert low.bounding_box()["width"] > 2 * 64


def test_error_maps_of_both_in_one_scale(desktop, astronaut_x3):
    wait_for_comparison(desktop)
    desktop.get_by_role("button", name="Where they are wrong").click()
    title = "Error of Bicubic | Error of SRCNN 9-1-5"
    slider = slider_of(desktop, title)
    expect(slider.locator("img").nth(1)).to_be_visible()
    maps = draw_error_maps(astronaut_x3)
    for shown, expected in zip(slider_pictures(desktop, title), (maps.bicubic, maps.srcnn), strict=True):
        assert np.array_equal(shown, expected.pixels)
    shoot(desktop, "errors-desktop", full_page=True)
    before = slider.locator("img").nth(1).get_attribute("src")
    desktop.get_by_label("x2", exact=True).locator("visible=true").check()
    expect(slider.locator("img").nth(1)).not_to_have_attribute("src", before)


def test_all_losses_at_once(desktop, astronaut):
    wait_for_comparison(desktop)
    desktop.get_by_role("button", name="Compare all losses").click()
    expect(desktop.locator("img.plot")).to_be_visible()
    losses = {title: load(f"srcnn-x3-{loss}") for loss, title in LOSS_TITLES.items()}
    rows = list(compare_losses(astronaut, losses))
    table = desktop.locator(".scores").nth(1)
    expect(table.locator("tbody th")).to_have_text(["Bicubic", *losses])
    expect(table.locator("td")).to_have_text(
        [figure for row in rows for figure in (f"{row.score.psnr:.2f}", f"{row.score.ssim:.4f}")]
    )
    expect(desktop.locator(".strip").nth(1).locator("figcaption")).to_have_count(len(rows) + 1)
    shown = strip(desktop, 1)
    result = compare(astronaut, losses["MSE"])
    place = crop_at(result, *most_improved_point(result, 64), 64).place
    expected = [*(row.picture for row in rows), result.truth]
    assert all(np.array_equal(part, picture.part(place).pixels) for part, picture in zip(shown, expected, strict=True))
    shoot(desktop, "losses-desktop", full_page=True)


def test_all_losses_of_another_picture_go_away(desktop):
    """They would stand below the figures of this one; of the picture before, they are asked for again."""
    wait_for_comparison(desktop)
    start, plot = desktop.get_by_role("button", name="Compare all losses"), desktop.locator("img.plot")
    for _ in range(2):
        desktop.locator("[role=tabpanel]:visible .examples button[value=astronaut]").click()
        start.click()
        expect(plot).to_be_visible()
        desktop.locator("[role=tabpanel]:visible .examples button[value=camera]").click()
        expect(desktop.get_by_text("This is out of date.").last).to_be_visible()
        expect(plot).to_have_count(0)
        expect(desktop.locator(".scores")).to_have_count(1)


def test_comparing_all_losses_can_be_cancelled(desktop, tmp_path, photograph):
    wait_for_comparison(desktop)
    Picture(np.tile(skimage.data.astronaut(), (3, 3, 1))).save(tmp_path / "large.png")
    choose(desktop, tmp_path / "large.png")
    expect(desktop.get_by_text("1536 × 1536 pixels")).to_be_visible()
    desktop.get_by_role("button", name="Compare all losses").click()
    expect(desktop.locator(".scores").nth(1)).to_be_visible()
    desktop.get_by_role("button", name="Cancel").locator("visible=true").click()
    expect(desktop.get_by_text("Cancelled.")).to_be_visible()
    choose(desktop, photograph)
    expect(desktop.locator(".scores td")).to_have_text(table_text("srcnn-x3-mse", photograph))
    expect(desktop.locator("img.plot")).to_have_count(0)


def test_two_visitors_at_once_see_each_their_own_picture(open_page, tmp_path):
    pages, pictures = (
        [open_page(DESKTOP) for _ in range(2)],
        [Picture(skimage.data.coffee()[:240, x : x + 240]) for x in (0, 300)],
    )
    for page in pages:
        wait_for_comparison(page)
    for number, (page, picture) in enumerate(zip(pages, pictures, strict=True)):
        picture.save(tmp_path / f"{number}.png")
        choose(page, tmp_path / f"{number}.png")
    for page, picture in zip(pages, pictures, strict=True):
        expect(page.get_by_text("240 × 240 pixels")).to_be_visible()
        result = compare(picture, load("srcnn-x3-mse"))
        expect_strip(page, expected_strip(result, *most_improved_point(result, 64)))
        assert np.array_equal(slider_pictures(page, "SRCNN 9-1-5 | Ground truth")[1], picture.pixels)
