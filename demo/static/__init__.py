"""The style sheets and the scripts of the page."""

from pathlib import Path

_FOLDER = Path(__file__).parent
STYLE_SHEETS = [_FOLDER / name for name in ("style.css", "slider.css", "train.css")]


def read_static(name: str) -> str:
    """The text of a script or a style sheet of this folder."""
    return (_FOLDER / name).read_text("utf-8")


def script_tag(name: str) -> str:
    """A script of this folder for a place in the page."""
    return f"<script>{read_static(name)}</script>"


def style_tag(name: str) -> str:
    """A style sheet of this folder for a place in the page."""
    return f"<style>{read_static(name)}</style>"


_SCRIPT_NAMES = (
    "page.js",
    "uploads.js",
    "slider.js",
    "chooser.js",
    "compare.js",
    "enlarge.js",
    "learn.js",
    "train_chart.js",
    "train.js",
)
HEAD_TAGS = "".join(map(script_tag, _SCRIPT_NAMES)) + style_tag("footer.css")
