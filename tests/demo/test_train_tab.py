"""Train from outside: real browsers against `python app.py`."""

import json
import os
import re
import zipfile

import numpy as np
from playwright.sync_api import Browser, Page, expect

from demo.texts.words import WORDS
from demo.training.pictures import measured_picture
from srcnn.evaluation.comparison import compare
from srcnn.variants.loading import load
from srcnn.visuals.crops import compare_detail
from tests.support.app_process import started
from tests.support.browser import DESKTOP, PHONE, all_answered, pixels_of, shoot
from tests.support.forks import APP, run_forked

LONG = 240_000  # ms; some hundred steps on a busy machine


def train_page(page: Page) -> Page:
    """The page of a link that opens the tab."""
    expect(page.locator("#train-start")).to_be_visible()
    expect(page.locator(".training .empty")).to_be_visible()
    return page


def state_of(page: Page) -> dict:
    return json.loads(page.evaluate("JSON.stringify(train.current() ?? {look: {}})"))


def wait_for_state(page: Page, *states: str) -> dict:
    page.wait_for_function("states => states.includes(train.current()?.look.state)", arg=list(states), timeout=LONG)
    return state_of(page)


def test_a_network_is_trained_watched_compared_tried_and_taken_away(open_page, tmp_path):
    page = train_page(open_page(DESKTOP, "?train=steps:200,loss:charbonnier"))
    for name in ("Stop", "Go on", "Try it in Compare", "Try it in Enlarge", "Download the variant"):
        expect(page.get_by_role("button", name=name)).to_be_disabled()
    expect(page.get_by_label("Charbonnier").locator("visible=true").first).to_be_checked()
    with all_answered(page):
        page.locator("#train-start").click()
        page.wait_for_function("train.current()?.look.points.length > 1", timeout=LONG)
        expect(page.locator("#train-stop")).to_be_enabled()
        before = page.locator("[data-picture=filters]").get_attribute("src")
        page.locator("#train-stop").click()
        run = wait_for_state(page, "paused", "done")
    while run["look"]["state"] != "done":  # on a busy machine a press may not be enough
        page.locator("#train-more").click()
        expect(page.locator("#train-stop")).to_be_enabled()
        run = wait_for_state(page, "paused", "done")
    assert page.locator("[data-picture=filters]").get_attribute("src") != before
    shoot(page, "train-desktop", full_page=True)
    look = run["look"]
    assert look["step"] == run["settings"]["steps"] == 200
    assert look["best"][1] > look["lines"]["bicubic"] + 0.5
    shown = f"{look['best'][1]:.2f} dB"
    expect(page.locator(".train-status")).to_contain_text(shown)
    expect(page.locator("[data-chart] polyline")).to_have_count(2)
    expect(page.locator(".runs tbody tr")).to_contain_text("Loss: Charbonnier · Steps: 200")

    with page.expect_download(timeout=LONG) as download:
        page.get_by_role("button", name="Download the variant").click()
    download.value.save_as(tmp_path / "variant.zip")
    with zipfile.ZipFile(tmp_path / "variant.zip") as archive:
        archive.extractall(tmp_path)  # noqa: S202  of the app's own making
    folder = tmp_path / "srcnn-x3-charbonnier"
    assert {file.name for file in folder.iterdir()} >= {"config.json", "model.safetensors", "README.md", "curves.png"}
    model = load(folder)
    assert model.recipe["data"] == ["photographs-without-astronaut"]
    assert f"{compare(measured_picture('astronaut'), model).srcnn_score.psnr:.2f} dB" == shown

    square = page.get_by_label(WORDS["detail_square"][0]).locator("visible=true")
    drawn = page.locator(".training [data-picture=now]")
    place, shown = page.evaluate("train.current().look.closer.square"), drawn.get_attribute("src")
    square.press("ArrowUp")
    expect(drawn).not_to_have_attribute("src", shown)
    moved = page.evaluate("train.current().look.closer.square")
    assert (moved["left"], moved["top"]) == (place["left"], place["top"] - place["high"] / 4)
    corner = (round(300 * moved[name]) + 36 for name in ("left", "top"))
    detail = compare_detail(measured_picture("astronaut"), model, *corner, 72)
    assert np.array_equal(pixels_of(drawn.get_attribute("src")), detail.srcnn.pixels)

    page.get_by_role("button", name="The same on a real set").click()
    expect(page.get_by_text("python train.py")).to_be_visible()
    page.get_by_role("button", name="Try it in Compare").click()
    made_by = page.get_by_text(re.compile(r"srcnn-x3-charbonnier \(trained here\)"))
    expect(made_by).to_be_visible(timeout=LONG)
    name = page.get_by_label("SRCNN 9-1-5 x3 Charbonnier").locator("visible=true")
    expect(name).to_be_checked()
    shoot(page, "trained-compare-desktop")


def test_visitors_train_in_turn_each_sees_his_own_and_who_leaves_ends_his(tmp_path, browser: Browser):
    with started(tmp_path) as app:
        first, second = (browser.new_context(viewport=DESKTOP) for _ in range(2))
        pages = []
        for context, query in ((first, "steps:4000,batch_size:1,scale:2"), (second, "steps:200,scale:4")):
            page = context.new_page()
            page.goto(f"{app.url}/?train={query}")
            train_page(page).locator("#train-start").click()
            pages.append(page)
            if context is first:
                wait_for_state(page, "running")
        expect(pages[1].locator("#train-feed")).to_contain_text(re.compile("queue", re.I), timeout=LONG)
        assert state_of(pages[1])["look"]["state"] == "asked"
        assert state_of(pages[0])["settings"]["scale"] == 2
        first.close()
        run = wait_for_state(pages[1], "running")
        assert run["settings"]["scale"] == 4
        pages[1].wait_for_function("train.current()?.look.points.length > 1", timeout=LONG)
        assert any(file.name == "state.safetensors" for file in app.stored())
        app.process.kill()
        app.process.wait()
        second.close()
        app.start()
        assert not app.stored()  # long before the sweep


def test_a_training_that_nobody_looks_at_is_stopped_and_a_lesson_goes_through_its_runs(open_page):
    page = train_page(open_page(PHONE, "?train=lesson:residual", locale="zh-CN", reduced_motion="reduce"))
    expect(page.get_by_label(WORDS["train_lesson_residual"][1])).to_be_checked()
    page.evaluate("train.UNSEEN_MILLISECONDS = 500")
    page.evaluate("train.facts.lessons.residual.forEach(each => { each.steps = 200; })")
    page.locator("#train-start").click()
    page.wait_for_function("train.runs.length === 2 && train.current().look.points.length > 1", timeout=LONG)
    expect(page.locator("[data-chart=psnr] polyline")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    shoot(page, "train-phone", full_page=True)
    page.get_by_role("tab").first.click()
    assert wait_for_state(page, "paused", "done")["look"]["step"] > 0


def test_a_variable_leaves_the_tab_out():
    code = "import app; print([b.id for b in app.build(trains=False).blocks.values() if type(b).__name__ == 'Tab'])"
    code = f"from demo.catalogue import start_catalogue; start_catalogue(''); {code}"
    done = run_forked(["-c", code], os.environ, APP)
    assert "train" not in done.output.splitlines()[-1]
    assert "'learn'" in done.output
