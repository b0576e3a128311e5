"""The demo from outside: a real browser and the real Gradio client against `python app.py`."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from gradio_client import handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from playwright.sync_api import Page, expect

from demo.texts.words import WORDS
from srcnn.evaluation.comparison import compare
from srcnn.imaging.reading import open_picture
from srcnn.variants.loading import BUNDLED_FOLDER, bundled_names, load
from tests.support.browser import (
    DESKTOP,
    PHONE,
    choose,
    open_tab,
    serious_violations,
    shoot,
    table_text,
    wait_for_stillness,
)
from tests.support.markdown import Document
from tests.support.project import PROJECT
from tests.support.visitors import Complaints

# the empty slider
GRADIOS_OWN = 'aria-label="Empty value"'


def test_the_phone_shows_the_result_first(open_page):
    page = open_page(PHONE)
    expect(page.locator(".scores td")).to_have_count(6)
    assert page.locator(".scores").bounding_box()["y"] < page.get_by_label("x3", exact=True).bounding_box()["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(page.locator("footer .settings").last).to_be_visible()
    expect(page.locator("footer .divider").locator("visible=true")).to_have_count(0)  # of nothing
    shoot(page, "compare-phone", full_page=True)


def test_the_preview_is_like_the_page_that_takes_its_place(open_page, visitors, app):
    page = open_page(DESKTOP)
    expect(page.locator(".scores td")).to_have_count(6)
    with visitors.visit(app) as context:
        preview = context.new_page()
        preview.route("**/assets/*.js", lambda route: route.abort())  # Gradio never comes
        preview.goto(app)
        tabs = preview.locator("#preview .tabs span").all_text_contents()
        assert tabs == page.get_by_role("tab").all_text_contents() != []
        for width in (390, 700, 1100, 1440):
            preview.set_viewport_size(DESKTOP | {"width": width})
            page.set_viewport_size(DESKTOP | {"width": width})
            wait_for_stillness(page)
            for shown in ("h1", ".slider .stage", ".scores"):
                before, after = (each.locator(shown).first.bounding_box() for each in (preview, page))
                moved = max(abs(before[side] - after[side]) for side in before)
                assert moved < 8, (width, shown, before, after)  # pixels


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


def test_variants_endpoint(client):
    offered = {entry["name"]: entry for entry in client.predict(api_name="/variants")}
    assert set(offered) == set(bundled_names())
    found, file = offered["srcnn-x3-mse"], BUNDLED_FOLDER / "srcnn-x3-mse" / "model.safetensors"
    assert found.pop("results")["Set5"] == {"psnr": 32.68, "ssim": 0.9083}
    own = {"name": "srcnn-x3-mse", "network": "9-1-5", "scale": 3, "loss": "mse"}
    own |= {"parameters": 8129, "multiply_adds": 8032}
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


def test_the_console_of_a_page_is_heard_until_it_is_left(app, visitors):
    """Gradio complains that what it waits for is ended when its page is left, where nobody sees it."""
    speak = """() => {
        addEventListener("beforeunload", () => { console.error("left"); Promise.reject("left"); throw Error("left"); });
        console.error("heard");
    }"""
    complaints = Complaints()
    with visitors.visit(app) as context:
        page = context.new_page()
        complaints.watch(page, app)
        for _ in range(2):
            page.goto(f"{app}/theme.css")
            page.evaluate(speak)
        assert complaints == ["heard", "heard"]


def tabs_opened(page: Page) -> Iterator[str]:
    """Every tab once, when all that its first view computes is there: until then, signs of loading fade in and out."""
    for name, *parts in (
        ("Compare", ".strip img"),
        ("Enlarge", "button:has-text('Cancel')"),
        ("Models", ".models", ".gains img", ".drawn img"),
        ("Train", "#train-start"),
        ("Learn", ".tabitem:visible img", "text=It sees 13 × 13 pixels."),
    ):
        open_tab(page, name)
        for part in parts:
            expect(page.locator(f"{part} >> visible=true").first).to_be_visible()
        expect(page.locator(".pending >> visible=true")).to_have_count(0)  # no part is dimmed any more
        wait_for_stillness(page)
        yield name


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_serious_violation_of_accessibility(open_page, theme):
    page = open_page(DESKTOP, f"/?__theme={theme}")
    expect(page.locator(".strip img")).to_have_count(4)
    page.get_by_role("button", name="Compare all losses").click()
    expect(page.locator("img.plot")).to_be_visible()
    for name in tabs_opened(page):
        found = serious_violations(page)
        assert [(rule, html) for rule, html in found if not re.search(GRADIOS_OWN, html)] == [], name
        shoot(page, f"{name.lower()}-{theme}", full_page=True)


def test_a_chinese_browser_gets_a_chinese_page(open_page, tmp_path, photograph):
    page = open_page(DESKTOP, locale="zh-CN")
    expect(page.locator(".scores thead")).to_contain_text("与原图相比")
    expect(page.get_by_role("tab")).to_have_text(["对比", "放大", "模型", "训练", "原理"])  # once Gradio is there
    expect(page.get_by_role("button", name="比较所有损失函数")).to_be_visible()
    expect(page.locator(".strip figcaption").first).to_contain_text("低分辨率")
    for name, sentence in {
        "text.png": "无法识别这个文件的图片格式；请使用 PNG、JPEG 或 WebP。",
        "one.png": "这张图片太小，无法用于 x3：它有 1x1 像素，每边至少需要 9 像素。",
        "huge.png": "这张图片有 60.0 百万像素，这里的上限是 16.0；请使用较小的图片，或只取一部分。",
        "cut.jpg": "这个图片文件已损坏或不完整；请重新保存，或换一张。",
    }.items():
        write_bad_files(tmp_path)
        choose(page, tmp_path / name)
        expect(page.get_by_role("alert")).to_have_text(sentence)
    choose(page, photograph)
    expect(page.locator(".scores td")).to_have_count(6)
    for number in range(5):
        page.get_by_role("tab").nth(number).click()
        shoot(page, f"chinese-{number}", full_page=True)


@pytest.mark.parametrize("locale", ["zh-HK", "zh-TW", "zh-Hans-CN"])
def test_labels_and_tables_are_in_one_language(open_page, locale):
    page = open_page(DESKTOP, locale=locale)
    expect(page.get_by_role("tab").first).to_have_text("对比")
    expect(page.locator(".scores thead")).to_contain_text("与原图相比")


def test_every_text_is_there_in_both_languages():
    for key, (english, chinese) in WORDS.items():
        assert english
        assert re.search("[\u4e00-\u9fff]", chinese) or english == chinese, key
        assert re.findall(r"\{(\w+)", english).sort() == re.findall(r"\{(\w+)", chinese).sort(), key


def snippet(begin: str) -> str:
    """The code block of docs/api.md that begins so."""
    return next(code for _, code in Document(PROJECT / "docs/api.md").blocks if code.startswith(begin))


def test_the_documents_way_with_curl(app, photograph, tmp_path):
    shutil.copy(photograph, tmp_path / "photo.jpg")
    script = snippet("URL=").replace("http://127.0.0.1:7860", app)
    done = subprocess.run(["bash", "-ec", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "event: complete" in done.stdout
    psnr = compare(open_picture(photograph), load("srcnn-x3-mse")).srcnn_score.round_figures()["psnr"]
    assert f'"psnr": {psnr}' in done.stdout


def test_the_documents_way_with_python(app, photograph, tmp_path):
    shutil.copy(photograph, tmp_path / "photo.jpg")
    script = snippet("from gradio_client").replace("http://127.0.0.1:7860", app) + "\nprint(figures['srcnn'], png)"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "psnr" in done.stdout
    assert done.stdout.strip().endswith("photo-x3-srcnn-9-1-5-mse.png")
