"""The table of the Models tab: every variant with its card's figures, beside bicubic and the authors' weights."""

import html
import math

import gradio as gr

from demo.catalogue import variants
from demo.tabs.models_speed import known
from demo.texts.language import say
from srcnn.evaluation.published_scores import AUTHORS, BICUBIC, PAGE
from srcnn.naming import LOSS_TITLES, LOSSES
from srcnn.networks.architectures import NETWORKS
from srcnn.networks.base import parameter_count
from srcnn.variants.catalogue import Member

TESTS = ("Set5", "Set14", "BSD100")
DECIMALS = {"psnr": 2, "ssim": 4}
# column -> whether it holds figures; the variant is before them, the test sets and where it comes from behind
COLUMNS = {"network": False, "scale": True, "loss": False, "parameters": True, "work": True, "time": True, "size": True}
NOTHING, UNKNOWN = "<td>–</td>", "<td class='figure'>–</td>"  # of a word, of a figure


def table_html(request: gr.Request | None) -> str:
    """Sorted by scale; sort.js sorts it by any column. In the visitor's language, English without a request."""
    members = sorted(variants().members.values(), key=place)
    rows = []
    for scale in sorted({scale for member in members for scale in member.model.config.scales}):
        rows += reference_rows(scale, request)
        rows += [variant_row(member, scale, request) for member in members if scale in member.model.config.scales]
    table = f"<table class='models'><thead>{head(request)}</thead><tbody>{''.join(rows)}</tbody></table>"
    return f"<div class='wide' tabindex='0' role='region' aria-label='{say('models_table', request)}'>{table}</div>"


def place(member: Member) -> tuple:
    config = member.model.config
    return list(NETWORKS).index(config.architecture), config.title, LOSSES.index(config.loss)


def head(request: gr.Request | None) -> str:
    cells = [heading(say("models_variant", request))]
    for column, is_figure in COLUMNS.items():
        sort = " aria-sort='ascending'" if column == "scale" else ""
        cells.append(heading(say(f"models_{column}", request), is_figure, sort))
    cells += [heading(f"<small>{test}</small> {figure.upper()}", True) for test in TESTS for figure in DECIMALS]
    return f"<tr>{''.join(cells)}{heading(say('models_from', request))}</tr>"


def heading(title: str, is_figure: bool = False, more: str = "") -> str:
    kind = " class='figure'" if is_figure else ""
    return f"<th scope='col'{kind}{more}><button type='button'>{title}</button></th>"


def variant_row(member: Member, scale: int, request: gr.Request | None) -> str:
    config, size = member.model.config, member.size
    cells = [
        text(config.title),
        figure(scale, f"x{scale}"),
        text(LOSS_TITLES[config.loss]),
        figure(count := parameter_count(member.model), f"{count:,}"),
        figure(work := config.multiply_adds(scale), thousands(work)),
        time_cell(known(config.title, scale)),
        figure(size, f"{size / 1000:.0f}") if size else UNKNOWN,
        *scores(member.results.get(scale, {})),
        origin(member, request),
    ]
    return row(member.name, cells)


def reference_rows(scale: int, request: gr.Request | None) -> list[str]:
    """Bicubic and the authors' weights, as far as they have been measured at this scale."""
    link = f"<a href='{PAGE}' target='_blank' rel='noopener'>{say('models_authors_page', request)}</a>"
    found = [(say("bicubic", request), NOTHING, BICUBIC.get(scale, {}), NOTHING)]
    for release, scales in AUTHORS.items():
        network, pictures = release.split(", ")
        name = say("models_authors", request, pictures=pictures)
        found.append((name, text(network), scales.get(scale, {}), f"<td data-value='authors'>{link}</td>"))
    return [
        row(
            name,
            [
                network,
                figure(scale, f"x{scale}"),
                NOTHING,
                *[UNKNOWN] * 4,
                *scores({test: {"psnr": score.psnr, "ssim": score.ssim} for test, score in measured.items()}),
                source,
            ],
            "reference",
        )
        for name, network, measured, source in found
        if measured
    ]


def row(name: str, cells: list[str], kind: str = "variant") -> str:
    name = html.escape(name)
    return f"<tr class='{kind}'><th scope='row' data-value='{name}'>{name}</th>{''.join(cells)}</tr>"


def text(value: str) -> str:
    return f"<td data-value='{html.escape(value)}'>{html.escape(value)}</td>"


def figure(value: float, shown: str) -> str:
    return f"<td class='figure' data-value='{value}'>{shown}</td>"


def thousands(count: float) -> str:
    """8.0 K: thousands or millions."""
    return f"{count / 1e6:.1f} M" if count >= 999_950 else f"{count / 1e3:.1f} K"


def time_cell(seconds: float | None) -> str:
    if seconds is None or math.isnan(seconds):
        return UNKNOWN
    return figure(seconds, f"{seconds:.1f} s" if seconds >= 0.9995 else f"{1000 * seconds:.3g} ms")


def scores(results: dict[str, dict[str, float]]) -> list[str]:
    """PSNR and SSIM of each test set, a dash where the card does not have them."""
    cells = []
    for test in TESTS:
        for name, decimals in DECIMALS.items():
            value = results.get(test, {}).get(name)
            cells.append(UNKNOWN if value is None else figure(value, f"{value:.{decimals}f}"))
    return cells


def origin(member: Member, request: gr.Request | None) -> str:
    """Where a variant comes from: its commit on the Hub, linked, or that it is bundled."""
    if not member.repository:
        return text(say("bundled", request))
    repository, address = html.escape(member.repository), html.escape(member.address)
    shown = say("models_origin", request, repository=repository, commit=member.commit[:7])
    return f"<td data-value='{repository}'><a href='{address}' target='_blank' rel='noopener'>{shown}</a></td>"
