"""The app as a process, a real Chromium in front of it, and what tests do there."""

import contextlib
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urljoin

import numpy as np
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Playwright, Request, expect

from tests.support.forks import ForkedProcess
from tests.support.project import PROJECT, run_python
from tests.support.waiting import PATIENCE_SECONDS, wait_until

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
ARTEFACTS = PROJECT / "tests" / "artefacts"
PATIENCE = 1000 * PATIENCE_SECONDS  # ms; an answer takes about one second
expect.set_options(timeout=PATIENCE)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
ARGUMENTS += ["--process-per-site"]  # in each context: what one page has compiled, the next need not


@contextlib.contextmanager
def running_app(folder: Path, environment: dict[str, str], *options: object, project: Path = PROJECT) -> Iterator[str]:
    """Start `python app.py` on a free port, give its address, and stop it in the end. Its log is in `folder`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with (folder / "app.log").open("w") as log:
        command = [sys.executable, "app.py", "--port", str(port), *map(str, options)]
        process = subprocess.Popen(command, cwd=project, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_for(url, process, folder / "app.log")
            yield url
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE_SECONDS)


# Of two streams of answers of a page that is left, Gradio 6.31 ends the second one with this.
_SECOND_STREAM_LEFT = re.compile(
    r"ERROR:    Exception in ASGI application\n(?:(?!Exception in ASGI application).)*?"
    r"del blocks\._queue\.pending_messages_per_session\[session_hash\]\n(?:[ ~^]*\n)?KeyError: [^\n]*\n",
    re.DOTALL,
)


def read_app_log(file: Path) -> str:
    """What an app has told, but for a fault of Gradio's in which nothing of the app takes part."""
    return _SECOND_STREAM_LEFT.sub("", file.read_text())


def wait_for(url: str, process: subprocess.Popen | ForkedProcess, log: Path) -> None:
    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(OSError), urllib.request.urlopen(url):
            return True
        return False

    wait_until(answers, f"the app starts; its log is in {log}")


def start_chromium(playwright: Playwright, arguments: Sequence[str] = ARGUMENTS) -> Browser:
    """The Chromium on the PATH; where there is none, Playwright's own, fetched now."""
    installed = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not installed:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)
    return playwright.chromium.launch(executable_path=installed, args=list(arguments))


def open_tab(page: Page, name: str) -> None:
    """As a visitor does: once the first comparison is there.

    Gradio 6 closes its stream of answers when the last one is sent, and an event that begins in that very moment can
    wait for ever.
    """
    expect(page.locator("[role=tabpanel] .scores td").first).to_be_attached()
    page.get_by_role("tab", name=name).click()


def wait_for_comparison(page: Page) -> None:
    """In Compare: the result and the detail that follows from it."""
    expect(page.locator(".scores td")).to_have_count(6)
    expect(page.locator(".strip img")).to_have_count(4)


def choose(page: Page, *files) -> None:
    """Upload files into the tab that is open."""
    page.locator("[role=tabpanel]:visible input[type=file]").first.set_input_files([str(file) for file in files])


def pixels_of(url: str) -> np.ndarray:
    """The picture behind an address of the page or in a data address."""
    with urllib.request.urlopen(url) as response:
        return np.asarray(Image.open(io.BytesIO(response.read())))


def slider_of(page: Page, label: str) -> Locator:
    """The slider that is in sight, by the names of its two pictures: "Bicubic | SRCNN 9-1-5"."""
    return page.locator(f'figure.slider[aria-label="{label}"] >> visible=true').last


def slider_pictures(page: Page, label: str) -> list[np.ndarray]:
    images = slider_of(page, label).locator(".layer img:first-child")
    expect(images).to_have_count(2)
    return [pixels_of(urljoin(page.url, images.nth(side).get_attribute("src"))) for side in (0, 1)]


def wait_for_stillness(page: Page) -> None:
    """Until no transition and no animation is under way, but for those without an end, as of what is being computed."""
    page.wait_for_function(
        "document.getAnimations().every(each => each.playState !== 'running' "
        "|| each.effect.getComputedTiming().endTime === Infinity)"
    )


def wait_on_page(page: Page, condition: Callable[[], object], what: str) -> None:
    """As `wait_until`, while the page goes on."""
    wait_until(condition, what, pause=lambda: page.wait_for_timeout(20))


@contextlib.contextmanager
def all_answered(page: Page) -> Iterator[None]:
    """When the block ends, all that the page asked for in it is answered: it closes its stream of answers after the
    last. Such a stream can be older than the block: a page that has just opened waits for its first answers."""
    unanswered, answered = [], []  # what the page asked for since a stream ended, and before that
    open_streams = set()  # that were opened in the block

    def note_begin(request: Request) -> None:
        if "/queue/join" in request.url:
            unanswered.append(request)
        if "/queue/data" in request.url:
            open_streams.add(request)

    def note_end(request: Request) -> None:
        if "/queue/data" in request.url:
            open_streams.discard(request)
            answered.extend(unanswered)
            unanswered.clear()

    # A stream that the page itself ends, as it has read it, counts as failed.
    listeners = {"request": note_begin, "requestfinished": note_end, "requestfailed": note_end}
    for event, listener in listeners.items():
        page.on(event, listener)
    yield
    wait_on_page(page, lambda: answered and not unanswered and not open_streams, "every answer is there")
    for event, listener in listeners.items():
        page.remove_listener(event, listener)


def shoot(page: Page, name: str, full_page: bool = False) -> None:
    """A screenshot among the test artefacts, where the variable SCREENSHOTS or UPDATE_SCREENSHOTS is set: to look at.

    In any case, the page becomes one that can be shot.
    """
    page.wait_for_function("[...document.images].every(image => image.complete || !image.checkVisibility())")
    wait_for_stillness(page)
    if os.environ.get("SCREENSHOTS") or os.environ.get("UPDATE_SCREENSHOTS"):
        ARTEFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=full_page)


def serious_violations(page: Page, context: str | None = None) -> list[tuple[str, str]]:
    """What axe-core finds serious or critical: pairs of a rule and an element. context: the part to be looked at."""
    found = (
        Axe().run(page, context, {"resultTypes": ["violations"]}).response["violations"]
    )  # no lists of what is right
    return [
        (violation["id"], node["html"])
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def table_text(model: str, file, *options: str) -> list[str]:
    """The cells of the page's table, from what the command line measures."""
    done = run_python("-m", "srcnn", "evaluate", model, "--data", file, "--json", *options)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    before, after = result["bicubic"], result["srcnn"]
    return [
        *[text for row in (before, after) for text in (f"{row['psnr']:.2f}", f"{row['ssim']:.4f}")],
        f"{after['psnr'] - before['psnr']:+.2f}",
        f"{after['ssim'] - before['ssim']:+.4f}",
    ]


def wait_for_times(page: Page) -> None:
    """Until the table of the models has a time in each row: they are measured one after another."""
    missing = page.locator(".models .variant td:nth-child(7):not([data-value])")
    expect(missing).to_have_count(0, timeout=120_000)
