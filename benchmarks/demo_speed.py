"""How long a visitor of the demo waits: one alone, from the click to the figures, and ten at once.

    python -m benchmarks.demo_speed

Every picture is one that the app has not seen, so nothing is kept from before. Needs requirements-dev.txt (a Chromium).
"""

import argparse
import os
import statistics
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import skimage.data
from gradio_client import Client, handle_file
from playwright.sync_api import Page, sync_playwright

from srcnn.evaluation.comparison import degrade
from srcnn.evaluation.scores import score_results
from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import open_picture
from srcnn.inference.device import best_device, name_device
from srcnn.inference.engine import super_resolve
from srcnn.variants.loading import load
from tests.support.browser import DESKTOP, running_app, start_chromium

# Click, and wait for the page to draw other figures: milliseconds.
CLICK_SCRIPT = """async (scale) => {
  const figures = () => document.querySelector('.scores')?.innerText;
  const button = [...document.querySelectorAll('input[type=radio]')].find((each) => each.value === String(scale));
  const shown = figures(), before = performance.now();
  button.click();
  while (!figures() || figures() === shown) await new Promise(requestAnimationFrame);
  return performance.now() - before;
}"""


def make_photograph(number: int) -> Picture:
    """512 x 512, another one for each number."""
    return Picture(np.roll(skimage.data.astronaut(), (7 * number, 13 * number), axis=(0, 1)))


def time_clicks(url: str, folder: Path, rounds: int) -> list[float]:
    """Seconds from a click on x3 to the figures."""
    with sync_playwright() as playwright:
        browser = start_chromium(playwright)
        page = browser.new_page(viewport=DESKTOP)
        page.goto(url)
        page.wait_for_selector(".scores")
        page.get_by_label("x2", exact=True).first.check()
        seconds = [time_click(page, folder, number) for number in range(rounds + 2)]
        browser.close()
    return seconds[2:]  # the first warm the app up


def time_click(page: Page, folder: Path, number: int) -> float:
    if number:
        page.get_by_label("x2", exact=True).first.check()
        page.wait_for_timeout(1500)
    make_photograph(number).save(folder / f"{number}.png")
    page.locator("input[type=file]").first.set_input_files(folder / f"{number}.png")
    page.wait_for_timeout(2500)  # the upload, its figures at x2, and what follows them
    return page.evaluate(CLICK_SCRIPT, 3) / 1000


def time_parts(folder: Path, rounds: int) -> dict[str, float]:
    """Median seconds of what the server does for a click, in this process."""
    model = load("srcnn-x3-mse").to(best_device())
    seconds: dict[str, list[float]] = {"opening, reducing, network, colours": [], "PSNR and SSIM": [], "three PNGs": []}
    for number in range(rounds + 1):
        make_photograph(100 + number).save(folder / "part.png")
        begin = time.perf_counter()
        degraded = degrade(open_picture(folder / "part.png"), 3)
        lumas = [degraded.pair.bicubic, super_resolve(model, degraded.pair.bicubic)]
        pictures = [degraded.truth, *map(degraded.paint_result, lumas)]
        restored = time.perf_counter()
        score_results(lumas, degraded.pair, 3)
        measured = time.perf_counter()
        for picture in pictures:
            picture.save(folder / "part.png")
        took = restored - begin, measured - restored, time.perf_counter() - measured
        for entry, each in zip(seconds.values(), took, strict=True):
            entry.append(each)
    return {name: statistics.median(entry[1:]) for name, entry in seconds.items()}


def time_visitors(url: str, folder: Path, count: int) -> list[float]:
    """When each of several visitors has an answer who come within a second, in the order in which they came: seconds.

    Raises AssertionError where one is answered with another's picture.
    """
    clients = [Client(url, verbose=False, download_files=folder / str(number)) for number in range(count)]
    for number in range(count):
        make_photograph(200 + number).save(folder / f"visitor{number}.png")
    begin, ends, wrong = time.perf_counter(), [0.0] * count, []

    def visit(number: int) -> None:
        file = folder / f"visitor{number}.png"
        _, right, _, _ = clients[number].predict(handle_file(file), 3, "mse", False, api_name="/compare")
        ends[number] = time.perf_counter() - begin
        if not np.array_equal(open_picture(right[1]).pixels, open_picture(file).crop(510, 510).pixels):
            wrong.append(number)

    threads = [threading.Thread(target=visit, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
        time.sleep(0.1)  # so that there is an order: the picture is sent first, and some take longer
    for thread in threads:
        thread.join()
    assert not wrong, f"visitors {wrong} were answered with another's picture"
    return ends


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--visitors", type=int, default=10)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running_app(folder, os.environ | {"GRADIO_TEMP_DIR": str(folder / "files")}) as url:
            alone = time_clicks(url, folder, args.rounds)
            waits = time_visitors(url, folder, args.visitors)
        work = time_parts(folder, args.rounds)
    median = statistics.median(alone)
    work["Gradio's queue, transfer, browser"] = median - sum(work.values())
    print(f"512 x 512 at x3 on {name_device(best_device())}, {os.cpu_count()} cores")
    print(f"from click to figures: median {median:.2f} s, longest {max(alone):.2f} s ({args.rounds} clicks)")
    for name, seconds in work.items():
        print(f"    {name}: {seconds:.2f} s")
    order = "in the order in which they came" if waits == sorted(waits) else "not in the order in which they came"
    print(f"{args.visitors} visitors at once, served {order}: longest {max(waits):.1f} s")


if __name__ == "__main__":
    main()
