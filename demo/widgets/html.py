"""Small pieces of HTML: figures, alerts, notices, tables."""

import html
import math
from collections.abc import Iterable

from srcnn.evaluation.scores import Score

SCORE_TITLES = "PSNR-Y (dB)", "SSIM"  # of the first two cells that `score_cells` makes


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


def html_table(kind: str, titles: Iterable[str], rows: Iterable[str]) -> str:
    """A table of a kind that the style sheet knows. titles: as `title_cell` makes them; rows: as `table_row` does."""
    head, body = "".join(titles), "".join(rows)
    return f"<table class='{kind}'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def title_cell(title: str, **attributes: object) -> str:
    """The head of a column. title, attributes: as `table_cell` takes them."""
    return f"<th scope='col'{_attributes_html(attributes)}>{title}</th>"


def table_row(title: str, cells: Iterable[str], kind: str = "", **attributes: object) -> str:
    """A row. title: what its first cell holds, as HTML; attributes: of that cell, as `table_cell` takes them."""
    row = _attributes_html({"class_": kind} if kind else {})
    return f"<tr{row}><th scope='row'{_attributes_html(attributes)}>{title}</th>{''.join(cells)}</tr>"


def table_cell(content: str, **attributes: object) -> str:
    """content: HTML. attributes: class_="figure", data_value=3 for class='figure' data-value='3'."""
    return f"<td{_attributes_html(attributes)}>{content}</td>"


def score_cells(score: Score) -> list[str]:
    """PSNR, SSIM and, where it was measured, the perceptual distance."""
    figures = [format_figure(score.psnr, ".2f"), format_figure(score.ssim, ".4f")]
    if score.distance is not None:
        figures.append(format_figure(score.distance, ".4f"))
    return [table_cell(figure) for figure in figures]


def _attributes_html(attributes: dict[str, object]) -> str:
    named = {name.rstrip("_").replace("_", "-"): html.escape(str(value)) for name, value in attributes.items()}
    return "".join(f" {name}='{value}'" for name, value in named.items())
