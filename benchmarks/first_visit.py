"""A first visit to the demo on a slow line: what is sent, when the first slider is seen, and how far things move.

    python -m benchmarks.first_visit

Needs requirements-dev.txt (a Chromium).
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.support.browser import DESKTOP, running_app, start_chromium

_MBIT_BYTES = 1_000_000 / 8
_LAYOUT_SHIFT_SCRIPT = """
window.shifted = 0;
new PerformanceObserver(list => list.getEntries().forEach(each => { window.shifted += each.value; }))
    .observe({type: "layout-shift", buffered: true});
"""
_SLIDER_IS_SEEN_SCRIPT = """() => {
    const images = document.querySelectorAll("figure.slider:first-of-type .layer img");
    return images.length > 1 && [...images].every(each => each.complete && each.naturalWidth);
}"""


def visit(browser: Browser, url: str, megabits: float, milliseconds: float) -> dict[str, float]:
    """What a browser without anything in its cache gets: bytes, seconds until the first slider, cumulative layout
    shift."""
    context = browser.new_context(viewport=DESKTOP)
    page = context.new_page()
    line, sizes, names = context.new_cdp_session(page), {}, {}
    line.on("Network.requestWillBeSent", lambda event: names.update({event["requestId"]: event["request"]["url"]}))
    line.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    line.send("Network.enable")
    speed = megabits * _MBIT_BYTES
    conditions = {"latency": milliseconds, "downloadThroughput": speed, "uploadThroughput": speed}
    line.send("Network.emulateNetworkConditions", {"offline": False, **conditions})
    page.add_init_script(_LAYOUT_SHIFT_SCRIPT)
    begin = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_function(_SLIDER_IS_SEEN_SCRIPT, timeout=120_000)
    seen = time.perf_counter() - begin
    page.wait_for_selector(".detail .strip img", timeout=120_000)
    page.wait_for_timeout(3000)
    html = next((size for number, size in sizes.items() if names.get(number, "").rstrip("/") == url), 0)
    largest = sorted(((size, names.get(number, "")[-60:]) for number, size in sizes.items()), reverse=True)[:12]
    for size, name in largest:
        print(f"    {size / 1000:8.1f} kB  {name}")
    found = {"html": html, "all": sum(sizes.values()), "seconds": seen, "shift": page.evaluate("window.shifted")}
    context.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabits", type=float, default=1.5, help="a second (default: 1.5)")
    parser.add_argument("--latency", type=float, default=300, help="milliseconds (default: 300)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder, browser = Path(name), start_chromium(playwright)
        with running_app(folder, os.environ | {"GRADIO_TEMP_DIR": str(folder / "files")}) as url:
            found = visit(browser, url, args.megabits, args.latency)
        browser.close()
    print(f"{args.megabits} Mbit/s, {args.latency:.0f} ms: first slider after {found['seconds']:.1f} s")
    print(
        f"HTML {found['html'] / 1000:.0f} kB, everything {found['all'] / 1e6:.2f} MB, layout shift {found['shift']:.3f}"
    )


if __name__ == "__main__":
    main()
