"""The demo from outside: a real browser and the real Gradio client against `python app.py`."""

import json
import os
import re
import shutil

import numpy as np
import pytest
import skimage.data
from browser import ARTEFACTS, PHONE, choose, shoot, slider_pictures
from conftest import PROJECT, run_python
from gradio_client import handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from playwright.sync_api import expect

from srcnn import evaluate, images, upscale, variants
from srcnn.images import Picture


def table_text(model: str, file, *options: str) -> list[str]:
    """The cells of the page's table, from what the command line measures."""
    done = run_python("-m", "srcnn", "evaluate", model, "--data", file, "--json", *options)
    result = json.loads(done.stdout)
    before, after = result["bicubic"], result["srcnn"]
    rows = [before, after]
    return [
        *[text for row in rows for text in (f"{row['psnr']:.2f}", f"{row['ssim']:.4f}")],
        f"{after['psnr'] - before['psnr']:+.2f}",
        f"{after['ssim'] - before['ssim']:+.4f}",
    ]


def test_the_page_opens_with_an_example_compared(desktop, tmp_path):
    images.save(Picture(skimage.data.astronaut()), tmp_path / "astronaut.png")
    expect(desktop.locator(".scores td")).to_have_text(table_text("srcnn-x3-mse", tmp_path / "astronaut.png"))
    shoot(desktop, "compare-desktop")
    if os.environ.get("UPDATE_SCREENSHOTS"):
        shutil.copy(ARTEFACTS / "compare-desktop.png", PROJECT / "docs" / "compare-desktop.png")


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
    result = evaluate.compare(images.open(photograph), variants.load("srcnn-x3-mse"))
    left, right = slider_pictures(desktop, "Bicubic | SRCNN"), slider_pictures(desktop, "SRCNN | Ground truth")
    for shown, expected in zip(
        [*left, *right], [result.bicubic, result.srcnn, result.srcnn, result.truth], strict=True
    ):
        assert np.array_equal(shown, expected.pixels)


def test_an_example_is_compared_when_it_is_clicked(desktop, tmp_path):
    images.save(Picture(skimage.data.chelsea()), tmp_path / "chelsea.png")
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


def test_an_enlarged_picture_is_downloaded_whole(desktop, photograph, tmp_path):
    expect(desktop.locator(".scores td")).to_have_count(6)
    desktop.get_by_role("tab", name="Enlarge").click()
    shoot(desktop, "enlarge-empty-desktop")
    choose(desktop, photograph)
    expect(desktop.get_by_text("301 × 241 became 903 × 723 pixels.")).to_be_visible()
    shoot(desktop, "enlarge-desktop")
    with desktop.expect_download() as download:
        desktop.get_by_role("button", name="Download PNG").or_(desktop.get_by_text("Download PNG")).first.click()
    assert download.value.suggested_filename == "rocket part-x3.png"
    download.value.save_as(tmp_path / "enlarged.png")
    expected = upscale.upscale(images.open(photograph), variants.load("srcnn-x3-mse"))
    assert np.array_equal(images.open(tmp_path / "enlarged.png").pixels, expected.pixels)


def test_the_phone_shows_the_result_first(open_page):
    page = open_page(PHONE)
    expect(page.locator(".scores td")).to_have_count(6)
    assert page.locator(".scores").bounding_box()["y"] < page.get_by_label("x3", exact=True).bounding_box()["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shoot(page, "compare-phone", full_page=True)
    page.get_by_role("tab", name="Enlarge").click()
    page.locator(".gallery-item:visible").first.click()
    expect(page.get_by_text("512 × 512 became 1536 × 1536 pixels.")).to_be_visible()
    shoot(page, "enlarge-phone", full_page=True)


def write_bad_files(folder) -> dict[str, str]:
    """Files that cannot be compared, and the words that the page has for each."""
    (folder / "text.png").write_text("This is no picture.")
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    Image.fromarray(noise).save(folder / "whole.jpg")
    (folder / "cut.jpg").write_bytes((folder / "whole.jpg").read_bytes()[:20_000])
    Image.new("RGB", (1, 1)).save(folder / "one.png")
    Image.new("1", (10_000, 6_000)).save(folder / "huge.png")
    Image.new("RGB", (2, 2)).save(folder / "small.png")
    return {
        "text.png": "This file is not a picture in a known format; use PNG, JPEG or WebP.",
        "cut.jpg": "This picture file is damaged or cut off; save it again or use another one.",
        "one.png": "This picture is too small for x3: it has 1x1 pixels, each side needs at least 9.",
        "huge.png": "This picture has 60.0 megapixels, the limit here is 16.0; use a smaller one or a part of it.",
        "small.png": "This picture is too small for x3: it has 2x2 pixels, each side needs at least 9.",
    }


def test_bad_input_gets_a_sentence_and_the_page_goes_on(desktop, tmp_path, photograph):
    expect(desktop.locator(".scores td")).to_have_count(6)
    for name, sentence in write_bad_files(tmp_path).items():
        choose(desktop, tmp_path / name)
        expect(desktop.get_by_role("alert")).to_have_text(sentence)
        expect(desktop.locator(".scores td")).to_have_count(0)
        if name == "cut.jpg":
            shoot(desktop, "error-desktop")
    choose(desktop, photograph)
    expect(desktop.locator(".scores td")).to_have_text(table_text("srcnn-x3-mse", photograph))


def test_without_a_picture_a_choice_gets_a_sentence(desktop):
    desktop.get_by_role("tab", name="Enlarge").click()
    desktop.get_by_label("x4", exact=True).locator("visible=true").check()
    expect(desktop.get_by_role("alert")).to_have_text("There is no picture yet: upload one or choose an example.")


def test_compare_endpoint(client, photograph):
    left, right, _, figures = client.predict(handle_file(photograph), 2, "mse", False, api_name="/compare")
    result = evaluate.compare(images.open(photograph), variants.load("srcnn-x2-mse"))
    for file, expected in zip([*left, *right], [result.bicubic, result.srcnn, result.srcnn, result.truth], strict=True):
        assert np.array_equal(images.open(file).pixels, expected.pixels)
    assert figures["bicubic"] == result.bicubic_score.rounded()
    assert figures["srcnn"] == result.srcnn_score.rounded()
    assert (figures["model"], figures["width"], figures["height"]) == ("srcnn-x2-mse", 300, 240)


def test_figures_that_are_no_numbers_have_signs_of_their_own(client, tmp_path):
    images.save(Picture(np.full((9, 9), 128, dtype=np.uint8)), tmp_path / "flat.png")
    _, _, table, figures = client.predict(handle_file(tmp_path / "flat.png"), 3, "mse", False, api_name="/compare")
    assert "nan" not in table
    assert "inf" not in table
    assert "<td>∞</td><td>–</td>" in table
    assert figures["bicubic"] == {"psnr": None, "ssim": None}


def test_enlarge_endpoint_keeps_alpha_and_depth(client, tmp_path):
    model = variants.load("srcnn-x4-mse")
    rng = np.random.default_rng(0)
    clear = Picture(*(rng.integers(0, 256, (9, 12, *channels), dtype=np.uint8) for channels in ((3,), ())))
    deep = Picture(rng.integers(0, 65536, (9, 12), dtype=np.uint16))
    for name, picture in (("clear", clear), ("deep", deep)):
        images.save(picture, tmp_path / f"{name}.png")
        _, file, _ = client.predict(handle_file(tmp_path / f"{name}.png"), 4, "mse", False, api_name="/enlarge")
        result, expected = images.open(file), upscale.upscale(picture, model)
        assert np.array_equal(result.pixels, expected.pixels)
        assert result.alpha is None or np.array_equal(result.alpha, expected.alpha)


def test_large_pictures_are_shown_by_their_middle_and_downloaded_whole(client, tmp_path):
    images.save(Picture(np.tile(np.arange(250, dtype=np.uint8), (700, 3))), tmp_path / "large.png")
    shown, file, note = client.predict(handle_file(tmp_path / "large.png"), 3, "mse", False, api_name="/enlarge")
    assert images.open(file).pixels.shape == (2100, 2250)
    assert [images.open(part).pixels.shape for part in shown] == [(2048, 2048)] * 2
    assert "the download is the whole picture" in note


def test_variants_endpoint(client):
    offered = {entry["name"]: entry for entry in client.predict(api_name="/variants")}
    assert set(offered) == set(variants.bundled())
    found, file = offered["srcnn-x3-mse"], variants.WEIGHTS / "srcnn-x3-mse" / "model.safetensors"
    assert found.pop("results")["Set5"] == {"psnr": 32.68, "ssim": 0.9083}
    own = {"name": "srcnn-x3-mse", "network": "9-1-5", "scale": 3, "loss": "mse", "parameters": 8129}
    assert found == own | {"size": file.stat().st_size, "repository": None, "commit": None}


def test_bad_input_at_the_endpoints_is_an_error_with_the_same_sentences(client, tmp_path, photograph):
    for name, sentence in write_bad_files(tmp_path).items():
        with pytest.raises(AppError, match=re.escape(sentence)):
            client.predict(handle_file(tmp_path / name), 3, "mse", False, api_name="/compare")
    with pytest.raises(AppError, match="There is no picture yet"):
        client.predict(None, 3, "mse", False, api_name="/compare")
    for scale, loss in ((5, "mse"), (3, "../../etc")):
        with pytest.raises(AppError):
            client.predict(handle_file(photograph), scale, loss, False, api_name="/compare")


def test_a_file_of_the_server_cannot_be_sent_in(client):
    for payload in (
        "/etc/hostname",
        {"path": "/etc/hostname"},
        {"path": "/etc/hostname", "url": "file:///etc/hostname"},
    ):
        with pytest.raises(AppError):
            client.predict(payload, 3, "mse", False, api_name="/compare")
