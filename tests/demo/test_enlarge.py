"""Enlarge from outside: a real browser and the real Gradio client against `python app.py`."""

import zipfile
from urllib.parse import urljoin

import numpy as np
import pytest
from gradio_client import handle_file
from gradio_client.exceptions import AppError
from PIL import ExifTags, Image, ImageCms
from playwright.sync_api import Locator, Page, expect

from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import open_picture
from srcnn.inference.upscaling import upscale, upscale_bicubic
from srcnn.variants.loading import load
from tests.support.browser import PHONE, choose, open_tab, pixels_of, shoot, slider_of, slider_pictures

RNG = np.random.default_rng(0)
NAMES = (("Same-x3", ""), ("Same-x3", " (2)"), ("rocket part-x3", ""))
NO_PICTURE = "This file is not a picture in a known format; use PNG, JPEG or WebP."
HINT = "Choose one or several pictures and press Enlarge"


@pytest.fixture
def page(desktop) -> Page:
    expect(desktop.locator(".strip img")).to_have_count(4)  # until then, Compare is at work
    open_tab(desktop, "Enlarge")
    return desktop


@pytest.fixture(scope="module")
def upright_later(tmp_path_factory, astronaut):
    """A JPEG as a camera writes it: lying on its side, in colours of its own."""
    profile, exif = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Orientation] = "Maker", 6
    path = tmp_path_factory.mktemp("camera") / "from a camera.jpg"
    own = profile.replace("sRGB".encode("utf-16-be"), "mine".encode("utf-16-be"))
    own = own.replace(b"rXYZ", b"tmp!").replace(b"bXYZ", b"rXYZ").replace(b"tmp!", b"bXYZ")
    Image.fromarray(astronaut.pixels[:50, :70]).save(path, exif=exif, icc_profile=own)
    return path


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A picture that takes minutes with the self-ensemble."""
    path = tmp_path_factory.mktemp("large") / "large.jpg"
    Picture(np.tile(RNG.integers(0, 256, (100, 100, 3), dtype=np.uint8), (16, 16, 1))).save(path)
    return path


def panel(page: Page) -> Locator:
    return page.locator("[role=tabpanel]:visible")


def start(page: Page) -> None:
    panel(page).get_by_role("button", name="Enlarge", exact=True).click()


def downloaded(page: Page, kind: str, folder):
    button = panel(page).get_by_role("link", name=f"Download {kind}")
    with page.expect_download() as download:
        button.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def same(file, expected: Picture) -> None:
    picture = open_picture(file, keep_metadata=True)
    assert np.array_equal(picture.pixels, expected.pixels)
    assert picture.pixels.dtype == expected.pixels.dtype
    assert (picture.alpha is None) == (expected.alpha is None)
    assert picture.alpha is None or np.array_equal(picture.alpha, expected.alpha)
    assert (picture.profile, picture.exif) == (expected.profile, expected.exif)


def test_one_picture_is_downloaded_whole(page, photograph, tmp_path):
    expect(page.get_by_text(HINT)).to_be_visible()
    expect(panel(page).locator("button[aria-label*='.']")).to_have_count(0)  # a key without its text
    shoot(page, "enlarge-empty-desktop")
    choose(page, photograph)
    start(page)
    expect(page.get_by_text("301 × 241 → 903 × 723 pixels.")).to_be_visible()
    shoot(page, "enlarge-desktop")
    file = downloaded(page, "PNG", tmp_path)
    assert file.name == "rocket part-x3-srcnn-9-1-5-mse.png"
    source, model = open_picture(photograph), load("srcnn-x3-mse")
    same(file, upscale(source, model))
    before, after = slider_pictures(page, "Bicubic | SRCNN 9-1-5")
    assert np.array_equal(before, upscale_bicubic(source, 3).pixels)
    assert np.array_equal(after, upscale(source, model).pixels)
    expect(panel(page).get_by_role("button", name="Add files")).to_be_visible()


def test_profile_and_exif_of_a_photograph_are_kept(page, upright_later, tmp_path):
    choose(page, upright_later)
    panel(page).get_by_label("x2", exact=True).check()
    start(page)
    expect(page.get_by_text("50 × 70 → 100 × 140 pixels.")).to_be_visible()
    file = downloaded(page, "PNG", tmp_path)
    same(file, upscale(open_picture(upright_later, keep_metadata=True), load("srcnn-x2-mse")))
    with Image.open(upright_later) as source, Image.open(file) as result:
        assert result.info["icc_profile"] == source.info["icc_profile"]
        assert result.getexif()[ExifTags.Base.Make] == "Maker"
        assert ExifTags.Base.Orientation not in result.getexif()


def test_several_pictures_and_a_bad_one_among_them(page, photograph, tmp_path):
    clear = Picture(*(RNG.integers(0, 256, (20, 30, *channels), dtype=np.uint8) for channels in ((3,), ())))
    deep = Picture(RNG.integers(0, 65536, (25, 20), dtype=np.uint16))
    for folder, picture in (("a", clear), ("b", deep)):
        (tmp_path / folder).mkdir()
        picture.save(tmp_path / folder / "Same.png")
    without_suffix = (tmp_path / "b" / "Same.png").rename(tmp_path / "b" / "Same")
    bad = [tmp_path / "a <b> c.png", tmp_path / "notes.txt"]
    for file in bad:
        file.write_text("This is no picture.")
    choose(page, tmp_path / "a" / "Same.png", *bad, without_suffix, photograph)
    start(page)
    expect(panel(page).get_by_role("alert")).to_have_text(
        [f"{name}: {NO_PICTURE}" for name in ("a b c.png", "notes.txt")]  # Gradio takes out the angles
    )
    expect(page.get_by_text("3 pictures are enlarged.")).to_be_visible()
    shoot(page, "enlarge-several-desktop")

    model = load("srcnn-x3-mse")
    with zipfile.ZipFile(downloaded(page, "ZIP", tmp_path)) as archive:
        assert archive.namelist() == [f"{stem}-srcnn-9-1-5-mse{again}.png" for stem, again in NAMES]
        archive.extractall(tmp_path / "all")
    expected = [upscale(picture, model) for picture in (clear, deep, open_picture(photograph))]
    for name, picture in zip(archive.namelist(), expected, strict=True):
        same(tmp_path / "all" / name, picture)

    panel(page).get_by_label("Picture on the slider").select_option("rocket part.png (301 × 241 → 903 × 723)")
    expect(panel(page).locator("figure.slider >> visible=true").locator("img").last).to_have_js_property(
        "naturalWidth", 903
    )
    assert np.array_equal(slider_pictures(page, "Bicubic | SRCNN 9-1-5")[1], expected[2].pixels)


def test_cancel_stops_and_the_page_goes_on(page, large):
    choose(page, large)
    panel(page).get_by_label("Self-ensemble").check()
    start(page)
    expect(page.get_by_text("Picture 1 of 1")).to_be_visible()
    shoot(page, "enlarge-working-desktop")
    panel(page).get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled.")).to_be_visible()
    expect(panel(page).get_by_role("button", name="Cancel")).to_be_disabled()
    panel(page).get_by_label("Self-ensemble").uncheck()
    panel(page).get_by_role("button", name="chelsea").click()  # one picture at a time is computed: the large one is not
    expect(page.get_by_text("451 × 300 → 1353 × 900 pixels.")).to_be_visible()
    expect(page.get_by_text("Cancelled.")).to_have_count(0)


def test_removing_the_pictures_empties_the_page(page, photograph):
    choose(page, photograph)
    start(page)
    expect(page.get_by_text("301 × 241 → 903 × 723 pixels.")).to_be_visible()
    panel(page).get_by_role("button", name="Clear").click()
    expect(page.get_by_text(HINT)).to_be_visible()
    expect(panel(page).get_by_text("Download PNG")).not_to_be_visible()
    start(page)
    expect(panel(page).get_by_role("alert")).to_have_text("There is no picture yet: upload one or choose an example.")


def test_too_many_pictures_get_a_sentence(page, tmp_path):
    for number in range(21):
        Picture(np.zeros((2, 2), dtype=np.uint8)).save(tmp_path / f"{number}.png")
    choose(page, *tmp_path.glob("*.png"))
    start(page)
    expect(panel(page).get_by_role("alert")).to_have_text(
        "These are 21 pictures, the limit here is 20 at once; remove some of them."
    )
    shoot(page, "enlarge-error-desktop")


def test_the_phone(open_page, upright_later):
    page = open_page(PHONE)
    expect(page.locator(".strip img")).to_have_count(4)
    open_tab(page, "Enlarge")
    shoot(page, "enlarge-empty-phone", full_page=True)
    choose(page, upright_later)
    start(page)
    expect(page.get_by_text("50 × 70 → 150 × 210 pixels.")).to_be_visible()
    expect(panel(page).get_by_text("Download PNG")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shoot(page, "enlarge-phone", full_page=True)
    page.evaluate("scrollTo(0, 0)")
    panel(page).get_by_role("button", name="chelsea").click()
    expect(page.get_by_text("451 × 300 → 1353 × 900 pixels.")).to_be_in_viewport()


def test_in_chinese(open_page, upright_later):
    page = open_page(PHONE, locale="zh-CN")
    open_tab(page, "放大")
    choose(page, upright_later)
    panel(page).get_by_role("button", name="放大", exact=True).click()
    expect(page.get_by_text("50 × 70 → 150 × 210 像素。")).to_be_visible()
    expect(panel(page).get_by_text("下载 PNG")).to_be_visible()


def test_the_endpoint_keeps_alpha_and_depth(client, tmp_path):
    clear = Picture(*(RNG.integers(0, 256, (9, 12, *channels), dtype=np.uint8) for channels in ((3,), ())))
    deep = Picture(RNG.integers(0, 65536, (9, 12), dtype=np.uint16))
    model = load("srcnn-x4-mse")
    for name, picture in (("clear", clear), ("deep", deep)):
        picture.save(tmp_path / f"{name}.png")
        source = handle_file(tmp_path / f"{name}.png")
        _, file, note = client.predict(source, 4, "mse", False, api_name="/enlarge")
        same(file, upscale(picture, model))
        assert "12 × 9 → 48 × 36 pixels." in note


def test_the_endpoint_tells_what_the_download_lacks_of_the_file(client, tmp_path):
    frames = [Image.new("RGB", (12, 9), colour) for colour in ("red", "green", "blue")]
    for name in ("<b>a.gif", "a.tif"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
        _, _, note = client.predict(handle_file(tmp_path / name), 3, "mse", False, api_name="/enlarge")
        assert "only the first of its 3 frames or pages was used." in note
        assert "<b>" not in note
    Picture(np.zeros((9, 12, 3), np.uint8), iptc=b"\x1c\x02\x78\x00\x04Port").save(tmp_path / "a.jpg")
    _, _, note = client.predict(handle_file(tmp_path / "a.jpg"), 3, "mse", False, api_name="/enlarge")
    assert "a.jpg: a .png file cannot hold its IPTC." in note


def test_the_endpoint_keeps_colours_of_sixteen_bits(client, tmp_path):
    levels = RNG.integers(0, 65536, (9, 12, 4), dtype=np.uint16)
    Picture(levels[..., :3], levels[..., 3]).save(tmp_path / "a.tif")
    _, file, _ = client.predict(handle_file(tmp_path / "a.tif"), 3, "mse", False, api_name="/enlarge")
    same(file, upscale(open_picture(tmp_path / "a.tif"), load("srcnn-x3-mse")))


def test_the_endpoint_takes_the_other_network_and_refuses_what_there_is_not(client, photograph):
    _, file, _ = client.predict(handle_file(photograph), 3, "mse", False, "9-5-5", api_name="/enlarge")
    same(file, upscale(open_picture(photograph), load("srcnn-955-x3-mse")))
    with pytest.raises(AppError, match="There is no picture yet"):
        client.predict(None, 3, "mse", False, api_name="/enlarge")


def test_a_large_picture_is_looked_at_everywhere_at_full_size_and_downloaded_whole(page, tmp_path):
    """The page has it reduced, and once it is enlarged there, every pixel of what is in sight."""
    picture = Picture(np.tile(np.arange(250, dtype=np.uint8), (700, 3)))
    picture.save(tmp_path / "large.png")
    choose(page, tmp_path / "large.png")
    start(page)
    expect(page.get_by_text("750 × 700 → 2250 × 2100 pixels. Sides of more than 2040 pixels are seen")).to_be_visible()
    result = upscale(picture, load("srcnn-x3-mse"))
    same(downloaded(page, "PNG", tmp_path), result)
    slider = slider_of(page, "Bicubic | SRCNN 9-1-5")
    right = slider.locator(".layer.right")
    expect(right.locator("img")).to_have_count(1)
    zoom = slider.get_by_role("button", name="Zoom in")
    for _ in range(6):
        zoom.click()
    expect(right.locator(".tile").first).to_be_attached()
    for _ in range(3):
        slider.get_by_role("button", name="Zoom out").click()
    zoom.focus()
    corner = right.locator(".tile[data-source$='2-2.png']")
    slider.get_by_role("slider").focus()
    for _ in range(12):
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Shift+ArrowDown")
    expect(corner).to_be_attached()
    shown = pixels_of(urljoin(page.url, corner.get_attribute("data-source")))
    assert np.array_equal(shown, result.pixels[2040:, 2040:])


def test_what_was_made_before_is_not_offered_as_what_is_chosen_now(page, photograph, tmp_path):
    choose(page, photograph)
    panel(page).get_by_label("x2", exact=True).check()
    start(page)
    expect(page.get_by_text("301 × 241 → 602 × 482 pixels.")).to_be_visible()
    panel(page).get_by_label("x4", exact=True).check()
    expect(panel(page).get_by_text("This is out of date.")).to_be_visible()
    assert panel(page).locator("a.download").evaluate("link => getComputedStyle(link).pointerEvents") == "none"
    panel(page).get_by_role("button", name="Renew it").click()
    expect(page.get_by_text("301 × 241 → 1204 × 964 pixels.")).to_be_visible()
    expect(panel(page).get_by_text("This is out of date.")).not_to_be_visible()
    assert downloaded(page, "PNG", tmp_path).name == "rocket part-x4-srcnn-9-1-5-mse.png"


def test_the_endpoint_gives_large_pictures_whole(client, tmp_path):
    Picture(np.tile(np.arange(250, dtype=np.uint8), (700, 3))).save(tmp_path / "large.png")
    _, file, note = client.predict(handle_file(tmp_path / "large.png"), 3, "mse", False, api_name="/enlarge")
    assert open_picture(file).pixels.shape == (2100, 2250)
    assert "750 × 700 → 2250 × 2100 pixels." in note
