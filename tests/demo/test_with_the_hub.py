"""The demo with variants of the Hub: a real browser and the real Gradio client against the app with `--namespace`.

Which variants there are in each case of need is in test_family.py; here is what a visitor sees of it.
"""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import skimage.data
import torch
from gradio_client import Client, handle_file
from playwright.sync_api import Browser, Page, expect

from srcnn.evaluation.comparison import compare
from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import open_picture
from srcnn.inference.upscaling import upscale
from srcnn.naming import variant_name
from srcnn.variants.loading import BUNDLED_FOLDER, bundled_names, load, load_any_scale
from tests.local_hub.server import LocalHub
from tests.support.app_process import started
from tests.support.browser import DESKTOP, PHONE, read_app_log, shoot
from tests.support.forks import APP_WITHOUT_HUB
from tests.support.hub_commands import Commands, files_of, put

NAMES = ("srcnn-x2-mse", "srcnn-x3-l1", "srcnn-x3-mse")
BUTTON = "Check the Hub for newer variants"


class Demo:
    """The app of a person with a Hub and a cache, which can be started again, and the pages that show it."""

    def __init__(self, hub: LocalHub, folder: Path, browser: Browser, pages: contextlib.ExitStack):
        self.hub, self.folder, self.browser, self.pages = hub, folder, browser, pages
        self.commits = {name: put(hub, f"me/{name}", files_of(BUNDLED_FOLDER / name)) for name in NAMES}

    @contextlib.contextmanager
    def running(self, cache: str = "home") -> Iterator[str]:
        variables = Commands(self.hub, self.folder / cache).environment
        threads = f"torch.set_num_threads({torch.get_num_threads()})"  # as here: another number rounds otherwise
        self.log_file().unlink(missing_ok=True)
        with started(self.folder, threads, "--namespace", "me", variables=variables, modules=APP_WITHOUT_HUB) as app:
            yield app.url
            app.process.terminate()
            app.process.wait()
        log = self.log()
        assert "Traceback" not in log, log

    def log(self) -> str:
        return read_app_log(self.log_file())

    def log_file(self) -> Path:
        return self.folder / "app.log"

    def page(self, url: str, viewport: dict) -> Page:
        page = self.pages.enter_context(contextlib.closing(self.browser.new_page(viewport=viewport)))
        page.goto(url)
        expect(page.locator(".scores td")).to_have_count(6)
        return page

    def origins(self, commits: dict[str, str]) -> list[str]:
        """In the table's order: by scale, then as the losses are listed."""
        names = ("srcnn-x2-mse", "srcnn-x3-mse", "srcnn-x3-l1")
        return [f"me/{name} at {commits[name][:7]}" for name in names]


@pytest.fixture
def demo(browser, tmp_path) -> Iterator[Demo]:
    with LocalHub() as hub, contextlib.ExitStack() as pages:
        yield Demo(hub, tmp_path, browser, pages)


@pytest.fixture
def photograph(tmp_path) -> Path:
    Picture(skimage.data.rocket()).crop(61, 80).save(tmp_path / "rocket.png")
    return tmp_path / "rocket.png"


def endpoint(url: str, folder: Path) -> Client:
    return Client(url, verbose=False, download_files=folder / "downloads")


def commits_of(client: Client) -> dict[str, str]:
    found = client.predict(api_name="/variants")
    assert {entry["repository"] for entry in found} <= {f"me/{name}" for name in NAMES} | {None}
    return {entry["name"]: entry["commit"] for entry in found}


def same_pixels(client: Client, photograph: Path) -> None:
    """As from the bundled folders."""
    for scale, loss in ((2, "mse"), (3, "l1")):
        model = load(variant_name(scale, loss))
        left, right, _, figures = client.predict(handle_file(photograph), scale, loss, False, api_name="/compare")
        result = compare(open_picture(photograph), model)
        for file, expected in zip(
            [*left, *right], [result.bicubic, result.srcnn, result.srcnn, result.truth], strict=True
        ):
            assert np.array_equal(open_picture(file).pixels, expected.pixels)
        _, file, _ = client.predict(handle_file(photograph), scale, loss, False, api_name="/enlarge")
        assert np.array_equal(open_picture(file).pixels, upscale(open_picture(photograph), model).pixels)


def test_the_app_shows_exactly_the_namespaces_variants_and_survives_the_hub(demo, photograph):
    with demo.running() as url:
        client = endpoint(url, demo.folder)
        assert commits_of(client) == demo.commits
        same_pixels(client, photograph)
        linked = demo.page(f"{url}/?scale=2", DESKTOP)
        linked.wait_for_timeout(1000)  # nothing shows that the page's settings of the catalogue have come, too
        expect(linked.get_by_label("x2", exact=True).locator("visible=true")).to_be_checked()
        linked.close()
        page = demo.page(url, DESKTOP)
        expect(page.locator(".notice")).to_have_count(0)
        origin = f"srcnn-x3-mse (me/srcnn-x3-mse at {demo.commits['srcnn-x3-mse'][:7]})"
        expect(page.get_by_text(origin)).to_be_visible()
        shoot(page, "hub-compare-desktop")
        expect(page.get_by_label("x4", exact=True)).to_have_count(0)
        page.get_by_role("tab", name="Models").click()
        expect(page.locator(".models .variant th")).to_have_text(["srcnn-x2-mse", "srcnn-x3-mse", "srcnn-x3-l1"])
        assert {"32.68", "0.9083"} <= set(page.locator(".models .variant td").all_text_contents()), "from the card"
        expect(page.locator(".models .variant td:last-child")).to_have_text(demo.origins(demo.commits))
        link = page.get_by_role("link", name="me/srcnn-x3-mse")
        expect(link).to_have_attribute("href", f"{demo.hub.url}/me/srcnn-x3-mse/tree/{demo.commits['srcnn-x3-mse']}")
        shoot(page, "hub-models-desktop")

        config = (BUNDLED_FOLDER / "srcnn-x3-mse" / "config.json").read_bytes()
        newer = demo.commits | {"srcnn-x3-mse": put(demo.hub, "me/srcnn-x3-mse", {"config.json": config + b"\n"})}
        assert commits_of(client) == demo.commits, "only on request"
        page.get_by_role("button", name=BUTTON).click()
        expect(page.locator(".models .variant td:last-child")).to_have_text(demo.origins(newer))
        assert commits_of(client) == newer

        demo.hub.stop()
        page.get_by_role("button", name=BUTTON).click()
        notice = page.locator(".notice")
        expect(notice).to_have_text(re.compile("^The variants of me could not be listed: .* before stay in use.$"))
        expect(page.locator(".models .variant td:last-child")).to_have_text(demo.origins(newer))
        shoot(page, "hub-refreshed-without-desktop")
        assert commits_of(client) == newer
        same_pixels(client, photograph)
        assert demo.log().count("The variants of before stay in use.") == 1

    with demo.running() as url:
        assert commits_of(endpoint(url, demo.folder)) == newer
        told = "try again when the network is back. The copies in the cache are used."
        assert told in demo.log()
        for name, viewport in (("desktop", DESKTOP), ("phone", PHONE)):
            page = demo.page(url, viewport)
            expect(page.locator(".notice")).to_contain_text(told)
            shoot(page, f"hub-notice-{name}", full_page=name == "phone")
            page.get_by_role("tab", name="Models").click()
            expect(page.locator(".models .variant td:last-child")).to_have_text(demo.origins(newer))
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
            shoot(page, f"hub-models-{name}-notice", full_page=name == "phone")
        demo.hub.start()
        page.get_by_role("button", name=BUTTON).click()
        expect(page.locator(".notice")).to_have_count(0)


def test_without_the_hub_and_a_cache_the_bundled_variants_and_a_line(demo, photograph):
    demo.hub.stop()
    with demo.running("empty") as url:
        client = endpoint(url, demo.folder)
        assert commits_of(client) == dict.fromkeys(bundled_names())
        same_pixels(client, photograph)
        page = demo.page(url, DESKTOP)
        expect(page.locator(".notice")).to_contain_text("The bundled variants are used.")
        page.get_by_role("tab", name="Models").click()
        rows = sum(len(load_any_scale(name).config.scales) for name in bundled_names())
        expect(page.locator(".models .variant td:last-child")).to_have_text(["bundled"] * rows)
        shoot(page, "hub-bundled-desktop")
        assert demo.log().count("The bundled variants are used.") == 1

        demo.hub.start()
        demo.hub.fault("/me/srcnn-x3-l1/resolve/", "status", status=403)
        demo.hub.fault("srcnn-x2-mse/model.safetensors", "corrupt")
        page.get_by_role("button", name=BUTTON).click()
        expect(page.locator(".notice")).to_contain_text("Used instead: the bundled srcnn-x2-mse, srcnn-x3-l1.")
        mixed = ["bundled", f"me/srcnn-x3-mse at {demo.commits['srcnn-x3-mse'][:7]}", "bundled"]
        expect(page.locator(".models .variant td:last-child")).to_have_text(mixed)
        shoot(page, "hub-mixed-desktop")
        demo.hub.heal()
        page.get_by_role("button", name=BUTTON).click()
        expect(page.locator(".notice")).to_have_count(0)
        expect(page.locator(".models .variant td:last-child")).to_have_text(demo.origins(demo.commits))
        page.get_by_role("tab", name="Compare").click()
        expect(page.locator("[role=tabpanel]:visible").get_by_label("x4", exact=True)).to_have_count(0)
