"""The demo with networks beside SRCNN, small and untrained ones: a real browser and the real Gradio client."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import skimage.data
import torch
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from playwright.sync_api import Locator, Page, expect

from demo.widgets.settings import network_name
from srcnn.evaluation.comparison import compare
from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import open_picture
from srcnn.inference.upscaling import upscale
from srcnn.networks.architectures import load_network
from srcnn.networks.base import Network, count_parameters
from srcnn.networks.edsr import EDSR
from srcnn.networks.vdsr import VDSR
from srcnn.variants.loading import BUNDLED_FOLDER, load
from srcnn.visuals.crops import compare_detail
from tests.support.app_process import started
from tests.support.browser import (
    DESKTOP,
    PHONE,
    choose,
    open_tab,
    pixels_of,
    read_app_log,
    serious_violations,
    shoot,
    slider_pictures,
    wait_for_stillness,
    wait_for_times,
    wait_on_page,
)

VDSR_TITLE, EDSR_TITLE = "VDSR-reduced-4x8", "EDSR-reduced-2x8"
VDSR_NAME, EDSR_NAME = "VDSR 4x8", "EDSR 2x8"  # on the page
BUNDLED = ("srcnn-x2-mse", "srcnn-x3-mse", "srcnn-x4-mse", "srcnn-x4-l1", "srcnn-955-x3-mse")
OTHER_WEIGHTS = """
import pathlib, srcnn.variants.catalogue, srcnn.variants.loading
for module in (srcnn.variants.catalogue, srcnn.variants.loading):
    module.BUNDLED_FOLDER = pathlib.Path("{weights}")
"""


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    """Some of the bundled variants, a VDSR for three scales and an EDSR for one."""
    folder = tmp_path_factory.mktemp("weights")
    for name in BUNDLED:
        (folder / name).symlink_to(BUNDLED_FOLDER / name)
    torch.manual_seed(0)
    for model in (
        VDSR(depth=4, channels=8, scale=(2, 3, 4), loss="mse"),
        EDSR(depth=2, channels=8, scale=4, loss="l1"),
    ):
        model.initialise()
        model.save_pretrained(folder / model.config.name)
    return folder


@pytest.fixture(scope="module")
def app(tmp_path_factory, weights) -> Iterator[str]:
    """In place of the app with what is bundled."""
    with started(tmp_path_factory.mktemp("app"), OTHER_WEIGHTS.format(weights=weights)) as app:
        yield app.url
        app.process.terminate()
        app.process.wait()
    log = read_app_log(app.log)
    assert "Traceback" not in log, log


@pytest.fixture(scope="module")
def vdsr(weights) -> Network:
    return load_network(weights / "vdsr-reduced-4x8-mse")


@pytest.fixture(scope="module")
def edsr(weights) -> Network:
    return load_network(weights / "edsr-reduced-2x8-x4-l1")


def panel(page: Page) -> Locator:
    return page.locator("[role=tabpanel]:visible")


def shown_names(page: Page) -> list[str]:
    """The network as the readout, the detail and the sliders name it."""
    return [
        page.locator(".scores tbody th").nth(1).text_content(),
        page.locator(".strip figcaption").nth(2).text_content().rsplit(" ", 2)[0],
        *[figure.get_attribute("aria-label") for figure in page.locator("figure.slider >> visible=true").all()[:2]],
    ]


def expect_names(page: Page, kind: str) -> None:
    """They come one after another: each is a component of its own."""
    expect(page.locator(".strip figcaption").nth(2)).to_contain_text(f"{kind} ")
    names = [kind, kind, f"Bicubic | {kind}", f"{kind} | Ground truth"]
    wait_on_page(page, lambda: shown_names(page) == names, f"every part names {kind}")


def test_the_losses_are_those_that_there_are_for_the_scale(desktop, app, photograph):
    """L1 is there for x4 alone."""
    choose(desktop, photograph)
    losses, options = panel(desktop).get_by_label("Trained with the loss"), desktop.locator("li[role=option]")
    panel(desktop).get_by_label("x4", exact=True).check()
    losses.click()
    expect(options).to_have_text([re.compile("MSE"), re.compile("L1"), re.compile("Average")])
    options.nth(1).click()
    expect(losses).to_have_value("L1")
    panel(desktop).get_by_label("x2", exact=True).check()
    expect(losses).to_have_value("MSE")
    losses.click()
    expect(options).to_have_text([re.compile("MSE")])
    desktop.keyboard.press("Escape")
    expect_names(desktop, "SRCNN 9-1-5")
    desktop.goto(f"{app}/?scale=3&loss=l1")
    expect(panel(desktop).get_by_label("Trained with the loss")).to_have_value("MSE")
    expect(panel(desktop).get_by_label("x3", exact=True)).to_be_checked()
    expect_names(desktop, "SRCNN 9-1-5")


def test_a_network_brings_its_scales_and_losses_and_its_name(desktop, photograph, edsr):
    expect_names(desktop, "SRCNN 9-1-5")
    choose(desktop, photograph)
    radios = panel(desktop).get_by_label("Network").or_(panel(desktop).locator("fieldset", has_text="Network"))
    for title in ("SRCNN 9-1-5", "SRCNN 9-5-5", VDSR_NAME, EDSR_NAME):
        expect(radios.get_by_label(title, exact=True).first).to_be_visible()
    panel(desktop).get_by_label(EDSR_NAME).check()
    expect_names(desktop, EDSR_NAME)
    expect(panel(desktop).get_by_label("x4", exact=True)).to_be_checked()
    for gone in ("x2", "x3"):
        expect(panel(desktop).get_by_label(gone, exact=True)).to_have_count(0)
    panel(desktop).get_by_label("Trained with the loss").click()
    expect(desktop.locator("li[role=option]")).to_have_text([re.compile("L1")])
    desktop.keyboard.press("Escape")
    result = compare(open_picture(photograph), edsr)
    before, after = slider_pictures(desktop, f"Bicubic | {EDSR_NAME}")
    assert np.array_equal(before, result.bicubic.pixels)
    assert np.array_equal(after, result.srcnn.pixels)
    desktop.get_by_role("button", name="Where they are wrong").click()
    expect(desktop.get_by_text(f"Error of {EDSR_NAME}")).to_be_visible()
    desktop.wait_for_url(lambda url: EDSR_TITLE in url and "scale=4" in url)
    panel(desktop).get_by_label("SRCNN 9-1-5").check()
    expect_names(desktop, "SRCNN 9-1-5")
    for there in ("x2", "x3", "x4"):
        expect(panel(desktop).get_by_label(there, exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("query", "name", "scale"),
    [
        (f"network={VDSR_TITLE}&scale=4", VDSR_NAME, "x4"),
        (f"network={EDSR_TITLE}&scale=2&loss=mse", EDSR_NAME, "x4"),
        (f"network={EDSR_TITLE.lower()}&scale=4", "SRCNN 9-1-5", "x4"),
        ("network=9-5-5&scale=4", "SRCNN 9-5-5", "x3"),
    ],
)
def test_an_address_names_a_network_and_what_it_has_not_is_replaced(open_page, query, name, scale):
    page = open_page(DESKTOP, f"/?picture=camera&{query}")
    expect_names(page, name)
    expect(panel(page).get_by_label(name, exact=True)).to_be_checked()
    expect(panel(page).get_by_label(scale, exact=True)).to_be_checked()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_the_endpoints_take_every_network_at_each_of_its_scales(client, photograph, vdsr, edsr):
    """One after the other: what is kept of a variant at one scale is not given for another."""
    picture = open_picture(photograph)
    for model in (vdsr.for_scale(2), vdsr.for_scale(3), vdsr.for_scale(4), edsr):
        choice = handle_file(photograph), model.scale, model.config.loss, False, model.config.title
        left, _, table, figures = client.predict(*choice, api_name="/compare")
        result = compare(picture, model)
        assert np.array_equal(open_picture(left[1]).pixels, result.srcnn.pixels)
        assert figures["srcnn"] == result.srcnn_score.round_figures()
        assert (figures["model"], figures["scale"]) == (model.config.name, model.scale)
        assert f"<th scope='row'>{network_name(model.config.title)}</th>" in table
    _, file, _ = client.predict(*choice, api_name="/enlarge")
    assert np.array_equal(open_picture(file).pixels, upscale(picture, edsr).pixels)
    for scale, loss in ((2, "l1"), (4, "mse")):
        refused = f"There is no variant of {EDSR_TITLE} for x{scale} with the loss {loss} here"
        with pytest.raises(AppError, match=refused):
            client.predict(handle_file(photograph), scale, loss, False, EDSR_TITLE, api_name="/compare")


def test_enlarge_names_the_network(desktop, photograph, edsr):
    open_tab(desktop, "Enlarge")
    choose(desktop, photograph)
    panel(desktop).get_by_label(EDSR_NAME).check()
    expect(panel(desktop).get_by_label("x2", exact=True)).to_have_count(0)
    panel(desktop).get_by_role("button", name="Enlarge", exact=True).click()
    expect(desktop.get_by_text("301 × 241 → 1204 × 964 pixels.")).to_be_visible()
    after = slider_pictures(desktop, f"Bicubic | {EDSR_NAME}")[1]
    assert np.array_equal(after, upscale(open_picture(photograph), edsr).pixels)


def opened_models(page: Page) -> Page:
    open_tab(page, "Models")
    expect(page.locator(".drawn img")).to_have_count(2)
    wait_for_times(page)
    return page


def test_a_variant_has_a_row_for_each_scale_with_its_work_and_time(desktop):
    opened_models(desktop)
    found = [row.locator("th, td").all_text_contents()[:6] for row in desktop.locator(".models .variant").all()]
    vdsr, edsr = ["vdsr-reduced-4x8-mse", VDSR_NAME], ["edsr-reduced-2x8-x4-l1", EDSR_NAME]
    assert [row for row in found if row[:2] in (vdsr, edsr)] == [
        *([*vdsr, f"x{scale}", "MSE", "1,321", "1.3 K"] for scale in (2, 3, 4)),
        [*edsr, "x4", "L1", "7,745", "1.0 K"],
    ]
    assert [row[2] for row in found] == ["x2"] * 2 + ["x3"] * 3 + ["x4"] * 4
    times = {}
    for cell in desktop.locator(".models .variant").all():
        network, time = (cell.locator("td").nth(number).text_content() for number in (0, 5))
        assert times.setdefault(network, time) == time, "one for all scales at which a network does the same"
    assert times.keys() == {"SRCNN 9-1-5", "SRCNN 9-5-5", VDSR_NAME, EDSR_NAME}
    shoot(desktop, "models-networks-desktop", full_page=True)
    for column in (6, 7):
        desktop.locator(f".models thead th:nth-child({column}) button").click()
        values = desktop.locator(f".models tbody tr > :nth-child({column})[data-value]")
        rising = [float(cell.get_attribute("data-value")) for cell in values.all()]
        assert rising == sorted(rising)
        assert len(rising) == 9


def test_the_code_names_the_scale_of_a_variant_that_is_for_several(desktop):
    opened_models(desktop)
    desktop.get_by_role("combobox", name="Variant").click()
    desktop.get_by_role("option", name="vdsr-reduced-4x8-mse").click()
    code = desktop.locator(".cm-content")
    expect(code.first).to_contain_text('load("vdsr-reduced-4x8-mse", 3)')
    expect(code.last).to_contain_text("-o photo-x3.png --model vdsr-reduced-4x8-mse --scale 3")


def test_variants_endpoint_has_a_row_for_each_scale(client: Client, vdsr, edsr):
    found = [row for row in client.predict(api_name="/variants") if not row["name"].startswith("srcnn")]
    assert [(row["name"], row["scale"]) for row in found] == [
        (edsr.config.name, 4),
        *((vdsr.config.name, scale) for scale in (2, 3, 4)),
    ]
    for row, model in zip(found, (edsr, vdsr, vdsr, vdsr), strict=True):
        assert (row["network"], row["loss"]) == (model.config.title, model.config.loss)
        assert row["multiply_adds"] == model.config.multiply_adds(row["scale"])
        assert row["parameters"] == count_parameters(model)
        assert row["results"] == {}


def test_the_networks_that_followed_on_one_detail(open_page, vdsr, edsr):
    page = open_page(DESKTOP)
    open_tab(page, "Learn")
    strip = page.locator(".by-network")
    expect(strip.locator("img")).to_have_count(5)
    srcnn = load("srcnn-x4-mse")
    details = [
        compare_detail(Picture(skimage.data.coffee()), model, 162, 342, 72)
        for model in (srcnn, vdsr.for_scale(4), edsr)
    ]
    expected = [details[0].bicubic, *(detail.srcnn for detail in details), details[0].truth]
    for image, picture in zip(strip.locator("img").all(), expected, strict=True):
        assert np.array_equal(pixels_of(image.get_attribute("src")), picture.pixels)
    names = ["SRCNN 9-1-5", VDSR_NAME, EDSR_NAME]
    decibels = [f"{name} {detail.srcnn_psnr:.2f} dB" for name, detail in zip(names, details, strict=True)]
    bicubic = f"Bicubic {details[0].bicubic_psnr:.2f} dB"
    expect(strip.locator("figcaption")).to_have_text([bicubic, *decibels, "Ground truth"])
    table = panel(page).locator(".optimised").nth(1)
    expect(table.locator(".fact").nth(3)).to_have_text("Multiply-adds per pixel")
    expect(table.locator("td.fact")).to_have_text(
        ["3", "13 × 13", "8,129", "8.0 K", "4", "9 × 9", "1,321", "1.3 K", "9", "68 × 68", "7,745", "1.0 K"]
    )
    expect(table).to_contain_text("The same weights serve x2, x3, x4.")
    expect(panel(page).get_by_text(f"Reduced: {VDSR_NAME}, {EDSR_NAME}.")).to_be_visible()
    expect(panel(page).get_by_text("sees 41 × 41 pixels")).to_be_hidden()
    for paper in ("1501.00092", "1511.04587", "1707.02921"):
        expect(table.locator(f"a[href='https://arxiv.org/abs/{paper}']")).to_be_visible()
    shoot(page, "learn-networks-desktop", full_page=True)


def test_the_phone_and_accessibility(open_page):
    page = open_page(PHONE)
    opened_models(page)
    expect_fit(page)
    open_tab(page, "Learn")
    expect(page.locator(".by-network img")).to_have_count(5)
    expect(page.locator("td.fact", has_text="13 × 13")).to_have_css("text-align", "left")
    expect_fit(page)
    shoot(page, "learn-networks-phone", full_page=True)


def expect_fit(page: Page) -> None:
    wait_for_stillness(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert serious_violations(page, "[role=tabpanel]:not([style*='display: none'])") == []
