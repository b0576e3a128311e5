"""Browsers of visitors, each as new, but for what Chromium has compiled of Gradio's scripts."""

import contextlib
from collections import defaultdict
from collections.abc import Iterator

from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.browser import PATIENCE

# When a page is left, Gradio ends what it waits for and tells the console that it was ended. Nobody sees that any more.
# This listener comes before Gradio's.
SILENT_WHEN_LEFT = """
addEventListener("beforeunload", () => {
    console.error = () => {};
    for (const kind of ["error", "unhandledrejection"]) addEventListener(kind, event => event.preventDefault());
});
"""


class Visitors:
    """Visitors of apps come one after another to the same contexts, without the cookies and the storage of the last.

    A page that asks nothing stays open in each context: Chromium keeps its process, and so the compiled scripts.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[tuple[BrowserContext, Page]]] = defaultdict(list)  # by app and settings

    @contextlib.contextmanager
    def visit(self, app: str, **settings) -> Iterator[BrowserContext]:
        """A context for one visitor of the app with this address. settings: of `Browser.new_context`."""
        free = self._free[repr((app, sorted(settings.items())))]
        context, keeper = free.pop() if free else self._begin(app, settings)
        yield context
        for page in context.pages:
            if page != keeper:
                page.close()
        context.clear_cookies()
        keeper.evaluate("localStorage.clear()")
        free.append((context, keeper))

    def _begin(self, app: str, settings: dict) -> tuple[BrowserContext, Page]:
        context = self._browser.new_context(accept_downloads=True, **settings)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(SILENT_WHEN_LEFT)
        keeper = context.new_page()
        keeper.goto(f"{app}/theme.css")
        return context, keeper


class Complaints(list[str]):
    """What the console of a page says of errors, and its requests to anybody but the app."""

    def watch(self, page: Page, app: str) -> None:
        page.on("console", lambda m: self.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("request", lambda r: None if r.url.startswith((app, "data:", "blob:")) else self.append(r.url))
