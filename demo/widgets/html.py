"""Small pieces of HTML: figures, alerts, notices."""

import html
import math


def format_figure(value: float, form: str) -> str:
    """A figure for people: infinite where nothing differs, a dash where a picture is too small to tell."""
    if math.isnan(value):
        return "–"
    return "∞" if math.isinf(value) else format(value, form)


def alert(sentence: str, name: str = "") -> str:
    """What went wrong, as HTML; `name` is the file's that it is about."""
    about = f"<b>{html.escape(name)}</b>: " if name else ""
    return f"<p role='alert'>{about}{html.escape(sentence)}</p>"


def notice(sentence: str) -> str:
    """What is not as it was asked for, as HTML."""
    return f"<p class='notice' role='status'>{html.escape(sentence)}</p>"
