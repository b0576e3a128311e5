"""What Compare shows is of what is chosen: visitors act at random and quickly, then all is held beside the library.

SHOWN_SEQUENCES sets how many sequences are tried: 200 by hand, few in the suite.
"""

import functools
import json
import os
import random
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import numpy as np
import pytest
import skimage.data
from playwright.sync_api import Page, Request, expect

from demo.widgets.examples import EXAMPLE_NAMES
from srcnn.evaluation.comparison import Comparison, compare
from srcnn.imaging.picture import Picture
from srcnn.variants.catalogue import load_catalogue
from srcnn.variants.loading import average_networks
from srcnn.visuals.crops import crop_at
from tests.support.browser import DESKTOP, choose, pixels_of, wait_on_page

SEQUENCES = int(os.environ.get("SHOWN_SEQUENCES", "2"))
STEPS = 6  # of one sequence, before the page comes to rest
# For a whole second: a picture that is being uploaded is chosen only when it has arrived.
AT_REST = """() => {
    const rests = demo.choice !== null && document.querySelectorAll('[role=tabpanel]').length > 0
        && Object.values(demo.parts).every(part => !part.asks || !demo.isStale(part));
    if (!rests || window.restsOf !== demo.choice) window.restsSince = performance.now();
    window.restsOf = demo.choice;
    return rests && performance.now() - window.restsSince > 1000;
}"""
STATE = """() => {
    const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
    const texts = selector => all(selector).filter(each => each.checkVisibility()).map(each => each.innerText);
    const isLive = element => !element.closest('.stale') && !element.closest('[hidden]');
    return {
        choice: demo.choice,
        tables: all('[data-of] .scores').filter(isLive).map(table => all('td', table).map(cell => cell.innerText)),
        details: all('.detail .strip img').filter(isLive).map(image => image.src),
        place: document.querySelector('.detail [data-of]')?.dataset ?? {},
        sliders: all('figure.slider').filter(each => each.checkVisibility()).map(figure =>
            [figure.ariaLabel, all('.layer img:first-child', figure).map(image => image.src)]),
        alerts: texts('[role=alert], .toast-body'),
    };
}"""


@pytest.fixture(scope="module")
def own_pictures(tmp_path_factory) -> dict[str, Picture]:
    """Two small photographs of a visitor, by their paths; one bears the name of an example."""
    folder, coffee = tmp_path_factory.mktemp("own"), skimage.data.coffee()
    pictures = {"chelsea.png": Picture(coffee[:150, :203]), "own.png": Picture(coffee[200:340, 300:420])}
    for name, picture in pictures.items():
        picture.save(folder / name)
    return {str(folder / name): picture for name, picture in pictures.items()}


@functools.cache
def expected(key: tuple, scale: int, loss: str, network: str) -> Comparison:
    members = load_catalogue().choose_variants(scale, loss, network)
    return compare(PICTURES[key], average_networks([member.model for member in members], False))


PICTURES: dict[tuple, Picture] = {}


def act(page: Page, rng: random.Random, own: list[str]) -> str:
    """One thing that a visitor does; gives its name, for whoever reads of a failure."""
    panel = page.locator("[role=tabpanel]:visible")
    kind = rng.choice(["example"] * 3 + ["scale"] * 2 + ["network", "loss", "upload", "remove", "tab", "side", "maps"])
    if kind == "example":
        name = rng.choice(EXAMPLE_NAMES[1:])
        panel.locator(f".examples button[value={name}]").click()
        return name
    if kind == "scale":
        scale = rng.choice((2, 3, 4))
        panel.get_by_label(f"x{scale}", exact=True).check()
        return f"x{scale}"
    if kind == "network":
        name = rng.choice(["SRCNN 9-1-5", "SRCNN 9-5-5"])
        panel.get_by_label(name, exact=True).check()
        return name
    if kind == "loss":
        panel.get_by_label("Trained with the loss").click()
        options = page.locator("li[role=option]")
        options.first.wait_for()
        options.nth(rng.randrange(options.count())).click()
        return kind
    if kind == "upload":
        if panel.get_by_label("Remove Image").is_visible():
            panel.get_by_label("Remove Image").click()
        file = rng.choice(own)
        choose(page, file)
        return Path(file).name
    if kind == "remove" and panel.get_by_label("Remove Image").is_visible():
        panel.get_by_label("Remove Image").click()
    if kind == "tab":
        page.get_by_role("tab", name="Models").click()
        page.get_by_role("tab", name="Compare").click()
    if kind == "side":
        page.get_by_label(rng.choice(["32 × 32", "128 × 128"])).check()
    if kind == "maps":
        page.get_by_role("button", name="Where they are wrong").click()
    return kind


def figures(result: Comparison) -> list[str]:
    before, after = result.bicubic_score, result.srcnn_score
    gains = f"{after.psnr - before.psnr:+.2f}", f"{after.ssim - before.ssim:+.4f}"
    return [f"{before.psnr:.2f}", f"{before.ssim:.4f}", f"{after.psnr:.2f}", f"{after.ssim:.4f}", *gains]


def uploads_of(page: Page) -> set[Request]:
    """Those that are under way, as long as the page is open."""
    found = set()
    page.on("request", lambda r: found.add(r) if r.method == "POST" and "/upload" in r.url else None)
    for end in ("requestfinished", "requestfailed"):
        page.on(end, lambda r: found.discard(r))
    return found


def wait_for_rest(page: Page, uploads: set[Request]) -> None:
    """Until all is done that the visitor began, also what waits for a picture that takes its time to arrive."""
    page.wait_for_function(AT_REST)
    while uploads:
        wait_on_page(page, lambda: not uploads, "the pictures have arrived")
        page.wait_for_function(AT_REST)


def expect_all_of_one_comparison(page: Page, told: list[str]) -> None:
    seen = page.evaluate(STATE)
    query = {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
    live = seen["tables"]
    if not seen["choice"]:
        assert live == [], told
        assert seen["sliders"] == [], told
        assert seen["alerts"] == ["There is no picture yet: upload one or choose an example."], told
        assert "picture" not in query, told
        return
    picture, path, scale, loss, _, network, _, _ = json.loads(seen["choice"])
    key = ("", picture) if not path else ("own", picture)
    assert query == ({"picture": picture} if not path else {}) | {"scale": str(scale), "loss": loss, "network": network}
    result = expected(key, scale, loss, network)
    assert live[0] == figures(result), told
    assert seen["alerts"] == [], told
    truth = result.truth
    pictures = {"Bicubic": result.bicubic, f"SRCNN {network}": result.srcnn, "Ground truth": truth}
    for label, sources in seen["sliders"]:
        for name, source in zip(label.split(" | "), sources, strict=True):
            if not name.startswith("Error of"):
                assert np.array_equal(pixels_of(urljoin(page.url, source)), pictures[name].pixels), (label, told)
    left, wide = (round(float(seen["place"][name]) * truth.width) for name in ("left", "wide"))
    top, high = (round(float(seen["place"][name]) * truth.height) for name in ("top", "high"))
    side = max(wide, high)  # a small picture is narrower, or lower, than what is wanted of it
    detail = crop_at(result, left + wide // 2, top + high // 2, side)
    shown = [pixels_of(source) for source in seen["details"]]
    for pixels, part in zip(shown, (detail.low, detail.bicubic, detail.srcnn, detail.truth), strict=True):
        assert np.array_equal(pixels, part.pixels), told
    assert page.locator(".detail .chooser img").get_attribute("src") in seen["sliders"][1][1][1], told


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_at_rest_all_that_is_shown_is_of_the_last_choice(open_page, own_pictures, seed):
    PICTURES.update({("", name): Picture(getattr(skimage.data, name)()) for name in EXAMPLE_NAMES})
    PICTURES.update({("own", Path(path).name): picture for path, picture in own_pictures.items()})
    page, rng = open_page(DESKTOP), random.Random(seed)
    uploads = uploads_of(page)
    expect(page.locator(".detail .strip img")).to_have_count(4)
    told = [act_then_wait(page, rng, [*own_pictures]) for _ in range(STEPS)]
    wait_for_rest(page, uploads)
    expect_all_of_one_comparison(page, told)


def act_then_wait(page: Page, rng: random.Random, own: list[str]) -> str:
    told = act(page, rng, own)
    page.wait_for_timeout(rng.choice((0, 20, 100, 400)))
    return told
