"""Compare from outside: a real browser and the real Gradio client against `python app.py`."""

import os
import re

import numpy as np
import pytest
import skimage.data
from gradio_client import handle_file
from PIL import Image
from playwright.sync_api import expect

from srcnn.evaluation.comparison import compare
from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import open_picture
from srcnn.inference.upscaling import upscale, upscale_bicubic
from srcnn.variants.loading import load
from tests.support.browser import (
    ARTEFACTS,
    DESKTOP,
    PHONE,
    choose,
    shoot,
    slider_of,
    slider_pictures,
    table_text,
    wait_for_comparison,
)
from tests.support.project import PROJECT


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
    wait_for_comparison(desktop)
    choose(desktop, photograph)
    desktop.get_by_label("SRCNN 9-5-5").locator("visible=true").check()
    expect(desktop.locator(".scores td")).to_have_text(table_text("srcnn-955-x3-mse", photograph))
    desktop.get_by_label("Trained with the loss").locator("visible=true").click()
    expect(desktop.locator("li[role=option]")).to_have_text([re.compile("MSE")])


def test_a_sliders_handle_is_dragged(desktop):
    wait_for_comparison(desktop)
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
    wait_for_comparison(desktop)
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


def test_a_picture_can_be_enlarged_as_it_is(open_page, photograph):
    """There is no truth: one slider, no figures and none of the sections that need it; the link says so."""
    page, model = open_page(DESKTOP), load("srcnn-x3-mse")
    wait_for_comparison(page)
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
    wait_for_comparison(page)
    page.get_by_label("x4", exact=True).locator("visible=true").check()
    page.wait_for_url(re.compile("scale=4"))
    page.get_by_role("button", name="Copy a link").click()
    expect(page.get_by_text("The link is copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_a_visitors_own_picture_is_in_no_link(desktop, photograph):
    wait_for_comparison(desktop)
    choose(desktop, photograph)
    desktop.wait_for_url(re.compile(r"\?scale=3"))
    assert "picture" not in desktop.url


def test_the_phone_shows_the_result_first_and_everything_below(open_page):
    page = open_page(PHONE)
    wait_for_comparison(page)
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
