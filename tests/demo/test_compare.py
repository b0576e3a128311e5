"""Compare from outside: a real browser and the real Gradio client against `python app.py`."""

import os
import re

import numpy as np
import pytest
import skimage.data
from gradio_client import handle_file
from PIL import Image
from playwright.sync_api import Page, expect

from srcnn.evaluation.comparison import Comparison, compare, compare_losses
from srcnn.evaluation.metrics import psnr
from srcnn.imaging.color import luminance
from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import open_picture
from srcnn.inference.upscaling import upscale, upscale_bicubic
from srcnn.naming import LOSS_TITLES
from srcnn.variants.loading import load
from srcnn.visuals.crops import crop_at, most_improved_point
from srcnn.visuals.rendering import draw_error_maps
from tests.support.browser import (
    ARTEFACTS,
    DESKTOP,
    PHONE,
    choose,
    pixels_of,
    shoot,
    slider_of,
    slider_pictures,
    table_text,
    wait_on_page,
)
from tests.support.project import PROJECT


def compared(page: Page) -> None:
    """Wait for the first result and what follows from it."""
    expect(page.locator(".scores td")).to_have_count(6)
    expect(page.locator(".strip img")).to_have_count(4)


def into_readme(name: str) -> None:
    if os.environ.get("UPDATE_SCREENSHOTS"):
        picture = Image.open(ARTEFACTS / f"{name}.png").convert("RGB").quantize(256)  # a third of the bytes
        picture.save(PROJECT / "docs" / f"{name}.png", optimize=True)


@pytest.fixture(scope="module")
def astronaut_file(tmp_path_factory, astronaut):
    path = tmp_path_factory.mktemp("examples") / "astronaut.png"
    astronaut.save(path)
    return path


def test_the_page_opens_with_an_example_compared(desktop, tmp_path):
    Picture(skimage.data.astronaut()).save(tmp_path / "astronaut.png")
    expect(desktop.locator(".scores td")).to_have_text(table_text("srcnn-x3-mse", tmp_path / "astronaut.png"))
    shoot(desktop, "compare-desktop")
    into_readme("compare-desktop")


def test_an_uploaded_photograph_is_measured_as_the_command_line_measures_it(desktop, photograph):
    expect(desktop.locator(".scores td")).to_have_count(6)
    choose(desktop, photograph)
    for scale in (3, 2, 4):
        if scale != 3:
            desktop.get_by_label(f"x{scale}", exact=True).check()
        expect(desktop.locator(".scores td")).to_have_text(table_text(f"srcnn-x{scale}-mse", photograph))


def test_the_sliders_show_the_librarys_pictures_without_loss(desktop, photograph):
    expect(desktop.locator(".scores td")).to_have_count(6)
    choose(desktop, photograph)
    expect(desktop.locator(".scores td")).to_have_text(table_text("srcnn-x3-mse", photograph))
    result = compare(open_picture(photograph), load("srcnn-x3-mse"))
    left, right = (
        slider_pictures(desktop, "Bicubic | SRCNN 9-1-5"),
        slider_pictures(desktop, "SRCNN 9-1-5 | Ground truth"),
    )
    for shown, expected in zip(
        [*left, *right], [result.bicubic, result.srcnn, result.srcnn, result.truth], strict=True
    ):
        assert np.array_equal(shown, expected.pixels)


def test_an_example_is_compared_when_it_is_clicked(desktop, tmp_path):
    Picture(skimage.data.chelsea()).save(tmp_path / "chelsea.png")
    expect(desktop.locator(".scores td")).to_have_count(6)
    desktop.get_by_role("button", name="chelsea").or_(desktop.locator(".gallery-item").nth(1)).first.click()
    expect(desktop.locator(".scores td")).to_have_text(table_text("srcnn-x3-mse", tmp_path / "chelsea.png"))


def test_the_self_ensemble_is_a_choice(desktop, photograph):
    expect(desktop.locator(".scores td")).to_have_count(6)
    choose(desktop, photograph)
    expect(desktop.locator(".scores td")).to_have_text(table_text("srcnn-x3-mse", photograph))
    desktop.get_by_label("Self-ensemble").check()
    expect(desktop.locator(".scores td")).to_have_text(table_text("srcnn-x3-mse", photograph, "--ensemble"))


def test_removing_the_picture_empties_the_page(desktop):
    expect(desktop.locator(".scores td")).to_have_count(6)
    desktop.get_by_label("Remove Image").click()
    expect(desktop.get_by_text("There is no picture yet: upload one or choose an example.")).to_be_visible()
    expect(desktop.locator(".scores td")).to_have_count(0)


@pytest.mark.parametrize("kind", ["gif", "tif"])
def test_of_several_frames_the_first_is_compared_and_it_is_told(client, tmp_path, kind):
    frames = [Image.new("RGB", (24, 18), colour) for colour in ("red", "green", "blue")]
    frames[0].save(tmp_path / f"a.{kind}", save_all=True, append_images=frames[1:])
    *_, readout, _ = client.predict(handle_file(tmp_path / f"a.{kind}"), 3, "mse", False, api_name="/compare")
    assert "This picture: only the first of its 3 frames or pages was used." in readout


def test_compare_endpoint(client, photograph):
    left, right, _, figures = client.predict(handle_file(photograph), 2, "mse", False, api_name="/compare")
    result = compare(open_picture(photograph), load("srcnn-x2-mse"))
    for file, expected in zip([*left, *right], [result.bicubic, result.srcnn, result.srcnn, result.truth], strict=True):
        assert np.array_equal(open_picture(file).pixels, expected.pixels)
    assert figures["bicubic"] == result.bicubic_score.round_figures()
    assert figures["srcnn"] == result.srcnn_score.round_figures()
    assert (figures["model"], figures["width"], figures["height"]) == ("srcnn-x2-mse", 300, 240)


def test_figures_that_are_no_numbers_have_signs_of_their_own(client, tmp_path):
    Picture(np.full((9, 9), 128, dtype=np.uint8)).save(tmp_path / "flat.png")
    _, _, table, figures = client.predict(handle_file(tmp_path / "flat.png"), 3, "mse", False, api_name="/compare")
    assert "nan" not in table
    assert "inf" not in table
    assert "<td>∞</td><td>–</td>" in table
    assert figures["bicubic"] == {"psnr": None, "ssim": None}


def test_the_wide_network_is_a_choice_and_brings_its_losses(desktop, photograph):
    compared(desktop)
    choose(desktop, photograph)
    desktop.get_by_label("SRCNN 9-5-5").locator("visible=true").check()
    expect(desktop.locator(".scores td")).to_have_text(table_text("srcnn-955-x3-mse", photograph))
    desktop.get_by_label("Trained with the loss").locator("visible=true").click()
    expect(desktop.locator("li[role=option]")).to_have_text([re.compile("MSE")])


def test_a_sliders_handle_is_dragged(desktop):
    compared(desktop)
    slider = slider_of(desktop, "Bicubic | SRCNN 9-1-5")
    box = slider.locator("img").first.bounding_box()
    before = desktop.screenshot(clip=box)
    middle = box["y"] + box["height"] / 2
    desktop.mouse.move(box["x"] + box["width"] / 2, middle)
    desktop.mouse.down()
    desktop.mouse.move(box["x"] + box["width"] * 0.9, middle, steps=5)
    desktop.mouse.up()
    expect(slider).to_be_visible()
    assert desktop.screenshot(clip=box) != before
    shoot(desktop, "slider-dragged-desktop")


def test_a_slider_shows_any_two_and_is_moved_swapped_and_zoomed_by_keys(desktop, astronaut):
    compared(desktop)
    first = desktop.locator("figure.slider").first
    handle = first.get_by_role("slider")
    handle.focus()
    for _ in range(5):
        desktop.keyboard.press("ArrowRight")
    expect(handle).to_have_value("55")
    desktop.keyboard.press("s")
    expect(first).to_have_attribute("aria-label", "SRCNN 9-1-5 | Bicubic")
    first.get_by_label("Picture on the right").select_option("SRCNN 9-5-5 · MSE")
    expect(first).to_have_attribute("aria-label", "SRCNN 9-1-5 | SRCNN 9-5-5 · MSE")
    wide = compare(astronaut, load("srcnn-955-x3-mse"))
    assert np.array_equal(slider_pictures(desktop, "SRCNN 9-1-5 | SRCNN 9-5-5 · MSE")[1], wide.srcnn.pixels)
    expect(desktop.locator(".scores tr").last).to_contain_text(f"{wide.srcnn_score.psnr:.2f}")
    expect(handle).to_have_value("55")
    handle.focus()
    for key in ("+", "+", "Shift+ArrowLeft"):
        desktop.keyboard.press(key)
    places = [each.get_attribute("style") for each in desktop.locator(".stage .layer > div").all()]
    assert len(places) == 4
    assert set(places) == {"transform: translate(-50%, -62.5%) scale(2.25);"}
    expect(desktop.locator(".stage img").first).to_have_attribute("alt", "SRCNN 9-1-5")
    shoot(desktop, "slider-zoomed-desktop")
    scale = desktop.get_by_label("x3", exact=True).locator("visible=true")
    scale.press("ArrowRight")
    expect(desktop.get_by_label("x4", exact=True).locator("visible=true")).to_be_checked()
    desktop.keyboard.press("ArrowDown")  # the first follows the last
    expect(desktop.get_by_label("x2", exact=True).locator("visible=true")).to_be_checked()
    desktop.wait_for_url(re.compile("scale=2"))


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
    compared(desktop)
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
    compared(desktop)
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
    compared(desktop)
    low = desktop.locator(".strip img").first
    assert low.evaluate("image => getComputedStyle(image).imageRendering") == "pixelated"
    assert low.bounding_box()["width"] > 2 * 64


def test_error_maps_of_both_in_one_scale(desktop, astronaut_x3):
    compared(desktop)
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
    compared(desktop)
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
    compared(desktop)
    start, plot = desktop.get_by_role("button", name="Compare all losses"), desktop.locator("img.plot")
    for _ in range(2):
        desktop.locator("[role=tabpanel]:visible .examples button[value=astronaut]").click()
        start.click()
        expect(plot).to_be_visible()
        desktop.locator("[role=tabpanel]:visible .examples button[value=camera]").click()
        expect(desktop.get_by_text("This is out of date.").last).to_be_visible()
        expect(plot).to_have_count(0)
        expect(desktop.locator(".scores")).to_have_count(1)


def test_a_picture_can_be_enlarged_as_it_is(open_page, photograph):
    """There is no truth: one slider, no figures and none of the sections that need it; the link says so."""
    page, model = open_page(DESKTOP), load("srcnn-x3-mse")
    compared(page)
    choose(page, photograph)
    page.get_by_label("Enlarge it as it is").check()
    picture = open_picture(photograph)
    sizes = f"{picture.width} × {picture.height} pixels was enlarged to {picture.width * 3} × {picture.height * 3};"
    expect(page.get_by_text(sizes)).to_be_visible()
    bicubic, result = slider_pictures(page, "Bicubic | SRCNN 9-1-5")
    assert np.array_equal(bicubic, upscale_bicubic(picture, 3).pixels)
    assert np.array_equal(result, upscale(picture, model).pixels)
    expect(page.locator("figure.slider >> visible=true")).to_have_count(1)
    assert "Ground truth" not in page.locator("figure.slider select").first.inner_text()
    for gone in (".scores", ".detail", "text=Compare all losses", "text=How it is measured"):
        expect(page.locator(f"{gone} >> visible=true")).to_have_count(0)
    page.locator("figure.slider select").last.select_option(label="SRCNN 9-1-5 · L1")
    expect(slider_of(page, "Bicubic | SRCNN 9-1-5 · L1")).to_be_visible()
    _, other = slider_pictures(page, "Bicubic | SRCNN 9-1-5 · L1")
    assert np.array_equal(other, upscale(picture, load("srcnn-x3-l1")).pixels)
    page.wait_for_url(re.compile("as_is=1"))
    page.get_by_label("Enlarge it as it is").uncheck()
    expect(page.locator(".scores td").first).to_be_visible()
    expect(page.locator(".detail .strip img")).to_have_count(4)
    page.goto(page.url.split("?")[0] + "?picture=camera&as_is=1")
    expect(page.get_by_text("512 × 512 pixels was enlarged to 1536 × 1536;")).to_be_visible()


def test_comparing_all_losses_can_be_cancelled(desktop, tmp_path, photograph):
    compared(desktop)
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


def test_the_address_carries_the_settings(open_page, tmp_path):
    page = open_page(DESKTOP, "/?picture=chelsea&scale=4&loss=l1&ensemble=1")
    Picture(skimage.data.chelsea()).save(tmp_path / "chelsea.png")
    expect(page.locator(".scores td")).to_have_text(table_text("srcnn-x4-l1", tmp_path / "chelsea.png", "--ensemble"))
    page.get_by_label("x2", exact=True).locator("visible=true").check()
    page.get_by_label("Self-ensemble").locator("visible=true").uncheck()
    expected = table_text("srcnn-x2-l1", tmp_path / "chelsea.png")
    expect(page.locator(".scores td")).to_have_text(expected)
    page.wait_for_url(re.compile("scale=2"))
    assert "ensemble" not in page.url
    page.reload()
    expect(page.locator(".scores td")).to_have_text(expected)
    expect(page.get_by_label("x2", exact=True).locator("visible=true")).to_be_checked()


def test_an_address_that_means_nothing_opens_the_page_as_it_is(open_page, astronaut_file):
    page = open_page(DESKTOP, "/?picture=../../etc/passwd&scale=17&loss=<b>&network=1-1&ensemble=maybe")
    expect(page.locator(".scores td")).to_have_text(table_text("srcnn-x3-mse", astronaut_file))


def test_the_link_is_copied(open_page):
    page = open_page(DESKTOP, permissions=["clipboard-read", "clipboard-write"])
    compared(page)
    page.get_by_label("x4", exact=True).locator("visible=true").check()
    page.wait_for_url(re.compile("scale=4"))
    page.get_by_role("button", name="Copy a link").click()
    expect(page.get_by_text("The link is copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_a_visitors_own_picture_is_in_no_link(desktop, photograph):
    compared(desktop)
    choose(desktop, photograph)
    desktop.wait_for_url(re.compile(r"\?scale=3"))
    assert "picture" not in desktop.url


def test_the_phone_shows_the_result_first_and_everything_below(open_page):
    page = open_page(PHONE)
    compared(page)
    assert page.locator(".scores").bounding_box()["y"] < page.get_by_label("x3", exact=True).first.bounding_box()["y"]
    page.get_by_role("button", name="Compare all losses").click()
    expect(page.locator("img.plot")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shoot(page, "whole-phone", full_page=True)
    page.locator(".detail .chooser").scroll_into_view_if_needed()
    page.locator(".detail .chooser").evaluate("chooser => scrollBy(0, chooser.getBoundingClientRect().top - 20)")
    shoot(page, "compare-phone")
    into_readme("compare-phone")


def test_a_result_is_kept_as_long_as_the_weights_are_the_same(client, photograph):
    """The same pixels under another name are no second inference, another network is."""
    first = client.predict(handle_file(photograph), 4, "mse", False, api_name="/compare")[3]
    again = client.predict(handle_file(photograph), 4, "mse", False, api_name="/compare")[3]
    other = client.predict(handle_file(photograph), 4, "l1", False, api_name="/compare")[3]
    assert again == first, "it even took as long"
    assert other["srcnn"] != first["srcnn"]


def test_two_visitors_at_once_see_each_their_own_picture(open_page, tmp_path):
    pages, pictures = (
        [open_page(DESKTOP) for _ in range(2)],
        [Picture(skimage.data.coffee()[:240, x : x + 240]) for x in (0, 300)],
    )
    for page in pages:
        compared(page)
    for number, (page, picture) in enumerate(zip(pages, pictures, strict=True)):
        picture.save(tmp_path / f"{number}.png")
        choose(page, tmp_path / f"{number}.png")
    for page, picture in zip(pages, pictures, strict=True):
        result = compare(picture, load("srcnn-x3-mse"))
        expect_strip(page, expected_strip(result, *most_improved_point(result, 64)))
        assert np.array_equal(slider_pictures(page, "SRCNN 9-1-5 | Ground truth")[1], picture.pixels)
