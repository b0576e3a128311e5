"""The style sheet and the scripts of the page."""

from pathlib import Path

STYLE_SHEET = Path(__file__).with_name("style.css")


def read_static(name: str) -> str:
    """The text of a script or a style sheet of this folder."""
    return Path(__file__).with_name(name).read_text("utf-8")


SCRIPTS = "".join(
    f"<script>{read_static(name)}</script>" for name in ("page.js", "slider.js", "compare.js", "enlarge.js", "learn.js")
)
