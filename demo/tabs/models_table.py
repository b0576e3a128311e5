"""The table of the Models tab: every variant with its card's figures, beside bicubic and the authors' weights."""

import html
import math

import gradio as gr

from demo.catalogue import current_catalogue
from demo.tabs.models_speed import known_seconds
from demo.texts.language import text_for
from demo.widgets.html import html_table, table_cell, table_row, title_cell
from demo.widgets.settings import network_name
from srcnn.evaluation.published_scores import AUTHORS_PAGE, AUTHORS_SCORES, BICUBIC_SCORES
from srcnn.naming import LOSS_TITLES, LOSSES
from srcnn.networks.architectures import NETWORKS
from srcnn.networks.base import count_parameters
from srcnn.variants.catalogue import Variant

TEST_SETS = ("Set5", "Set14", "BSD100")
_DECIMALS = {"psnr": 2, "ssim": 4}
# column -> whether it holds figures; the variant is before them, the test sets and where it comes from behind
_TABLE_COLUMNS = {
    "network": False,
    "scale": True,
    "loss": False,
    "parameters": True,
    "work": True,
    "time": True,
    "size": True,
}
_NO_WORD, _NO_FIGURE = table_cell("–"), table_cell("–", class_="figure")  # of a word, of a figure


def models_table_html(request: gr.Request | None) -> str:
    """Sorted by scale; sort.js sorts it by any column. In the visitor's language, English without a request."""
    members = sorted(current_catalogue().members.values(), key=_sort_key)
    rows = []
    for scale in sorted({scale for member in members for scale in member.model.config.scales}):
        rows += _reference_rows(scale, request)
        rows += [_variant_row(member, scale, request) for member in members if scale in member.model.config.scales]
    table, label = html_table("models", _title_cells(request), rows), text_for("models_table", request)
    return f"<div class='wide' tabindex='0' role='region' aria-label='{label}'>{table}</div>"


def _sort_key(member: Variant) -> tuple:
    config = member.model.config
    return list(NETWORKS).index(config.architecture), config.title, LOSSES.index(config.loss)


def _title_cells(request: gr.Request | None) -> list[str]:
    cells = [_sorting_cell(text_for("models_variant", request))]
    for column, is_figure in _TABLE_COLUMNS.items():
        sort = {"aria_sort": "ascending"} if column == "scale" else {}
        cells.append(_sorting_cell(text_for(f"models_{column}", request), is_figure, **sort))
    cells += [
        _sorting_cell(f"<small>{test}</small> {figure.upper()}", True) for test in TEST_SETS for figure in _DECIMALS
    ]
    return [*cells, _sorting_cell(text_for("models_from", request))]


def _sorting_cell(title: str, is_figure: bool = False, **attributes: str) -> str:
    """The head of a column, which sort.js sorts by when it is clicked."""
    kind = {"class_": "figure"} if is_figure else {}
    return title_cell(f"<button type='button'>{title}</button>", **kind, **attributes)


def _variant_row(member: Variant, scale: int, request: gr.Request | None) -> str:
    config, size = member.model.config, member.size
    cells = [
        _text_cell(network_name(config.title)),
        _figure_cell(scale, f"x{scale}"),
        _text_cell(LOSS_TITLES[config.loss]),
        _figure_cell(count := count_parameters(member.model), f"{count:,}"),
        _figure_cell(work := config.multiply_adds(scale), shorten_count(work)),
        time_cell(known_seconds(member)),
        _figure_cell(size, f"{size / 1000:.0f}") if size else _NO_FIGURE,
        *_score_cells(member.results.get(scale, {})),
        _origin_cell(member, request),
    ]
    return _row_html(member.name, cells)


def _reference_rows(scale: int, request: gr.Request | None) -> list[str]:
    """Bicubic and the authors' weights, as far as they have been measured at this scale."""
    link = f"<a href='{AUTHORS_PAGE}' target='_blank' rel='noopener'>{text_for('models_authors_page', request)}</a>"
    found = [(text_for("bicubic", request), _NO_WORD, BICUBIC_SCORES.get(scale, {}), _NO_WORD)]
    for release, scales in AUTHORS_SCORES.items():
        network, pictures = release.split(", ")
        name, network_cell = text_for("models_authors", request, pictures=pictures), _text_cell(network_name(network))
        found.append((name, network_cell, scales.get(scale, {}), table_cell(link, data_value="authors")))
    return [
        _row_html(
            name,
            [
                network,
                _figure_cell(scale, f"x{scale}"),
                _NO_WORD,
                *[_NO_FIGURE] * 4,
                *_score_cells({test: {"psnr": score.psnr, "ssim": score.ssim} for test, score in measured.items()}),
                source,
            ],
            "reference",
        )
        for name, network, measured, source in found
        if measured
    ]


def _row_html(name: str, cells: list[str], kind: str = "variant") -> str:
    return table_row(html.escape(name), cells, kind, data_value=name)


def _text_cell(value: str) -> str:
    return table_cell(html.escape(value), data_value=value)


def _figure_cell(value: float, shown: str) -> str:
    return table_cell(shown, class_="figure", data_value=value)


def shorten_count(count: float) -> str:
    """8.0 K: thousands or millions."""
    return f"{count / 1e6:.1f} M" if count >= 999_950 else f"{count / 1e3:.1f} K"


def time_cell(seconds: float | None) -> str:
    if seconds is None or math.isnan(seconds):
        return _NO_FIGURE
    return _figure_cell(seconds, f"{seconds:.1f} s" if seconds >= 0.9995 else f"{1000 * seconds:.3g} ms")


def _score_cells(results: dict[str, dict[str, float]]) -> list[str]:
    """PSNR and SSIM of each test set, a dash where the card does not have them."""
    cells = []
    for test in TEST_SETS:
        for name, decimals in _DECIMALS.items():
            value = results.get(test, {}).get(name)
            cells.append(_NO_FIGURE if value is None else _figure_cell(value, f"{value:.{decimals}f}"))
    return cells


def _origin_cell(member: Variant, request: gr.Request | None) -> str:
    """Where a variant comes from: its commit on the Hub, linked, or that it is bundled."""
    if not member.repository:
        return _text_cell(text_for("bundled", request))
    repository, address = html.escape(member.repository), html.escape(member.address)
    shown = text_for("models_origin", request, repository=repository, commit=member.commit[:7])
    link = f"<a href='{address}' target='_blank' rel='noopener'>{shown}</a>"
    return table_cell(link, data_value=member.repository)
