"""The Models tab from outside: a real browser against `python app.py` with the bundled variants."""

import os
import re
import subprocess
import sys

import pytest
from playwright.sync_api import Locator, Page, expect

from demo.tabs.models_gains import gains_over_bicubic
from demo.tabs.models_table import shorten_count
from demo.widgets.settings import network_name
from srcnn.imaging.reading import open_picture
from srcnn.inference.upscaling import upscale
from srcnn.naming import LOSS_TITLES
from srcnn.networks.base import count_parameters
from srcnn.variants.catalogue import Variant, load_catalogue
from srcnn.variants.loading import BUNDLED_FOLDER, load
from tests.support.browser import DESKTOP, PHONE, all_answered, open_tab, shoot, wait_for_times
from tests.support.project import PROJECT

DARK = "/?__theme=dark"


@pytest.fixture(scope="module")
def uses() -> list[Variant]:
    """Every bundled variant at each of its scales."""
    members = load_catalogue().members.values()
    return [member.for_scale(scale) for member in members for scale in member.model.config.scales]


@pytest.fixture
def models(desktop) -> Page:
    return opened(desktop)


def opened(page: Page, name: str = "Models") -> Page:
    open_tab(page, name)
    expect(page.locator(".gains img")).to_have_count(3)
    expect(page.locator(".drawn img")).to_have_count(2)
    wait_for_times(page)
    return page


def column(page: Page, number: int) -> list[str]:
    return page.locator(f".models tbody tr > :nth-child({number})").all_text_contents()


def head(page: Page, number: int) -> Locator:
    return page.locator(f".models thead th:nth-child({number})")


def choose_variant(page: Page, name: str) -> None:
    page.get_by_role("combobox", name="Variant").click()
    page.get_by_role("option", name=name, exact=True).click()
    expect(page.locator(".cm-content").last).to_contain_text(f"--model {name}")


def code(page: Page, number: int) -> str:
    return "\n".join(page.locator(".cm-content").nth(number).locator(".cm-line").all_text_contents())


def test_every_released_variant_is_listed_with_its_cards_figures(models, uses):
    found = {}
    for row in models.locator(".models .variant").all():
        network, scale, *cells = row.locator("td").all_text_contents()
        found[row.locator("th").text_content(), int(scale.removeprefix("x"))] = [network, *cells]
    assert found.keys() == {(member.name, member.model.scale) for member in uses}
    for member in uses:
        name, scale, config = member.name, member.model.scale, member.model.config
        card = (BUNDLED_FOLDER / name / "README.md").read_text()
        if len(config.scales) == 1:
            figures = [figure for pair in re.findall(r"\| \*\*(\S+) / (\S+)\*\* \|", card) for figure in pair]
            count = re.search("([0-9,]+) parameters", card)[1]
        else:
            scores = member.results.get(scale, {}).values()
            figures = [text for each in scores for text in (f"{each['psnr']:.2f}", f"{each['ssim']:.4f}")]
            count = f"{count_parameters(member.model):,}"
        network, loss, parameters, work, time, size, *rest = found[name, scale]
        assert (network, loss, parameters) == (network_name(config.title), LOSS_TITLES[config.loss], count)
        assert work == shorten_count(config.multiply_adds(scale))
        assert re.fullmatch(r"\d+\.\d s|\d+(\.\d+)? ms", time)
        assert size == f"{member.file.stat().st_size / 1000:.0f}"
        assert rest == [*figures, "bundled"]
    expect(models.locator(".models .reference")).to_have_count(9)  # of three scales: bicubic and two by the authors
    shoot(models, "models-desktop", full_page=True)


def test_a_click_and_a_key_sort_by_numbers(models):
    expect(head(models, 3)).to_have_attribute("aria-sort", "ascending")
    models.get_by_role("button", name="Set5 PSNR").click()
    expect(head(models, 9)).to_have_attribute("aria-sort", "ascending")
    expect(models.locator(".models [aria-sort]")).to_have_count(1)
    rising = [float(text) for text in column(models, 9)]
    assert rising == sorted(rising)
    assert len(set(rising)) > 20
    models.keyboard.press("Enter")  # the keyboard is still at this head
    expect(head(models, 9)).to_have_attribute("aria-sort", "descending")
    assert [float(text) for text in column(models, 9)] == rising[::-1]


def test_what_is_not_known_is_sorted_last_and_the_order_stays(models, uses):
    button = models.get_by_role("button", name="Parameters")
    rising = [f"{count:,}" for count in sorted(count_parameters(member.model) for member in uses)]
    for order, known in (("ascending", rising), ("descending", rising[::-1])):
        button.press("Space")
        expect(head(models, 5)).to_have_attribute("aria-sort", order)
        assert column(models, 5) == known + ["–"] * 9
    open_tab(models, "Compare")
    with all_answered(models):
        open_tab(models, "Models")  # which has the table sent anew
    assert column(models, 5) == known + ["–"] * 9


def test_the_download_is_the_file(models, tmp_path):
    for name in ("srcnn-x3-mse", "srcnn-955-x2-mse"):
        if name != "srcnn-x3-mse":
            choose_variant(models, name)
        with models.expect_download() as download:
            models.get_by_text("Download the weights").click()
        assert download.value.suggested_filename == f"{name}.safetensors"
        download.value.save_as(tmp_path / name)
        assert (tmp_path / name).read_bytes() == (BUNDLED_FOLDER / name / "model.safetensors").read_bytes()


def test_the_code_runs(models, photograph, tmp_path):
    (tmp_path / "weights").symlink_to(BUNDLED_FOLDER)
    open_picture(photograph).save(tmp_path / "photo.jpg")
    expected = upscale(open_picture(tmp_path / "photo.jpg"), load("srcnn-x2-l1")).pixels
    choose_variant(models, "srcnn-x2-l1")
    python, shell = code(models, 0), code(models, 1)
    assert python.startswith("# pip install .  # in the project's folder\n")
    assert shell.startswith("python -m srcnn upscale photo.jpg ")
    for command in ([sys.executable, "-c", python], [sys.executable, *shell.split()[1:]]):
        subprocess.run(command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(PROJECT)}, check=True)
        assert (open_picture(tmp_path / "photo-x2.png").pixels == expected).all()
        (tmp_path / "photo-x2.png").unlink()


def test_curves_and_gains_follow_the_choice_and_nothing_is_drawn_before_the_tab_is_opened(desktop, uses):
    expect(desktop.locator(".scores td")).to_have_count(6)
    assert desktop.locator(".gains img, .drawn img").count() == 0
    opened(desktop)
    pictures = [desktop.locator(".drawn img").first, desktop.locator(".gains img").first]
    before = [picture.get_attribute("src") for picture in pictures]
    choose_variant(desktop, "srcnn-x4-l1")
    expect(pictures[0]).not_to_have_attribute("src", before[0])
    desktop.get_by_label("BSD100").check()
    expect(pictures[1]).not_to_have_attribute("src", before[1])
    best = next(iter(gains_over_bicubic(uses, 2, "BSD100")))
    expect(pictures[1]).to_have_attribute("alt", f"PSNR gain over bicubic on BSD100 at x2; the largest: {best}")


@pytest.mark.parametrize("theme", ["", DARK])
def test_a_phone_scrolls_the_table_not_the_page_and_keeps_the_names_in_sight(open_page, theme):
    page = opened(open_page(PHONE, theme))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    box, name = page.locator(".wide", has=page.locator(".models")), page.locator(".models .variant th").first
    before = name.bounding_box()["x"]
    box.evaluate("box => box.scrollLeft = 200")
    assert box.evaluate("box => box.scrollLeft") == 200
    assert name.bounding_box()["x"] == before
    shoot(page, f"models-phone{'-dark' if theme else ''}", full_page=True)


def test_in_chinese_and_in_the_dark(open_page):
    page = opened(open_page(DESKTOP, DARK, locale="zh-CN"), "模型")
    assert page.locator(".models thead th").all_text_contents()[:3] == ["模型", "网络", "倍数"]
    expect(page.locator(".models .variant td").last).to_have_text("内置")
    expect(page.get_by_text("下载权重")).to_be_visible()
    shoot(page, "models-desktop-dark-chinese", full_page=True)
