"""Learn: the method on one screen, from the weights in use: three layers, what each loss optimises, the limits, and
the networks that removed some of them."""

from collections.abc import Callable

import gradio as gr

from demo.choice import Choice
from demo.job import ONE_JOB_AT_A_TIME
from demo.tabs.learn_lessons import (
    LAYER_DETAILS,
    Successor,
    compare_by_loss,
    compute_limits,
    compute_steps,
    compute_succession,
    largest_scale,
    offered_losses,
    offered_scales,
)
from demo.tabs.models_table import shorten_count
from demo.texts.language import Reader, page_text, text_for
from demo.widgets.html import html_table, table_cell, table_row, title_cell
from demo.widgets.part import answer_part, build_part
from demo.widgets.settings import network_name
from demo.widgets.strip import detail_strip, figure_html, magnified_figure, psnr_text
from srcnn.imaging.picture import Picture
from srcnn.naming import LOSS_TITLES

_LAYER_FORMULAS = {  # the article's section 3.1: Y is the enlarged picture
    1: "F<sub>1</sub>(Y) = max(0, W<sub>1</sub> ∗ Y + B<sub>1</sub>)",
    2: "F<sub>2</sub>(Y) = max(0, W<sub>2</sub> ∗ F<sub>1</sub>(Y) + B<sub>2</sub>)",
    3: "F(Y) = W<sub>3</sub> ∗ F<sub>2</sub>(Y) + B<sub>3</sub>",
}
# As training/losses.py has them: F is the result, X the truth, φ what VGG-19 sees, D the second network.
_LOSS_FORMULAS = {
    "mse": "mean (F − X)²",
    "l1": "mean |F − X|",
    "charbonnier": "mean √((F − X)² + ε²)",
    "perceptual": "MSE + λ · |φ(F) − φ(X)|²",
    "adversarial": "MSE + λ · |φ(F) − φ(X)|² − μ · log D(F)",
}
# From the widgets' values, to what the parts are to show; see learn.js.
_CHOOSE_SCRIPT = "(...values) => { learn.choose(...values); return []; }"
PAPERS = {  # authors, number on arXiv
    "srcnn": ("Dong et al., 2014", "1501.00092"),
    "vdsr": ("Kim et al., 2016", "1511.04587"),
    "edsr": ("Lim et al., 2017", "1707.02921"),
}


def build_learn_tab(tab: gr.Tab) -> None:
    """Nothing is computed before a visitor opens the tab."""
    gr.Markdown(page_text("learn_sections"))
    gr.Markdown(page_text("learn_steps"), elem_id="learn-steps")
    with gr.Row():
        names = [(page_text(name), name) for name in LAYER_DETAILS]
        photograph = gr.Radio(names, value=names[0][1], label=page_text("examples"), scale=2, min_width=280)
        scale = gr.Radio(label=page_text("scale"), min_width=160)
        loss = gr.Dropdown(label=page_text("loss"), min_width=200)
    _build_learn_part("steps", _steps_html)
    gr.Markdown(page_text("learn_losses"), elem_id="learn-losses")
    _build_learn_part("optimised", _losses_html)
    gr.Markdown(page_text("learn_limits"), elem_id="learn-limits")
    _build_learn_part("limits", _limits_html)
    gr.Markdown(page_text("learn_after"), elem_id="learn-after")
    gr.Markdown(page_text("learn_papers"), elem_id="learn-papers")
    _build_learn_part("succession", _succession_html)

    choices = [photograph, scale, loss]
    choose = {"fn": None, "inputs": choices, "outputs": None, "js": _CHOOSE_SCRIPT, "api_visibility": "private"}
    tab.select(
        _offer_choices, [scale, loss], [scale, loss], api_visibility="private", show_progress="hidden", queue=False
    ).then(**choose)
    gr.on([widget.change for widget in choices], **choose)  # also where a busy page shows late what is offered


def _build_learn_part(name: str, content: Callable[[Choice], str]) -> None:
    answer = answer_part(lambda request: request.answer(content(request.choice)))
    build_part(name, answer, label=page_text("learn"), script="learn", **ONE_JOB_AT_A_TIME)


def _offer_choices(scale: int | None, loss: str | None) -> tuple:
    """What there is to choose from now; a choice stays where it can."""
    scales = offered_scales()
    scale = scale if scale in scales else largest_scale()
    losses = offered_losses(scale) or ["mse"]
    return (
        gr.update(choices=[(f"x{each}", each) for each in scales], value=scale),
        gr.update(choices=[(LOSS_TITLES[each], each) for each in losses], value=loss if loss in losses else losses[0]),
    )


def _steps_html(choice: Choice) -> str:
    """The three layers side by side: above, what each has learned, below, what it makes of the detail."""
    found, reader = compute_steps(choice.picture, choice.scale, choice.loss), choice.language
    detail = found.detail
    learned = {
        1: _captioned_figure(found.learned, "learn_filters", reader)
        + _captioned_figure(found.acting, "learn_acting", reader),
        2: _captioned_figure(found.mapping, "learn_mapping", reader),
        3: _captioned_figure(found.reconstruction, "learn_kernels", reader),
    }
    made = {
        1: _captioned_figure(found.first, "learn_first", reader),
        2: _captioned_figure(found.second, "learn_second", reader),
        3: detail_strip(detail, reader, text_for(choice.picture, reader)),
    }
    sections = "".join(
        f"<section><div><h4>{text_for(f'learn_step_{step}', reader)}</h4><p class='formula'>{formula}</p>"
        f"<p>{text_for(f'learn_step_{step}_text', reader)}</p></div>"
        f"<div class='side'>{learned[step]}</div><div class='side'>{made[step]}</div></section>"
        for step, formula in _LAYER_FORMULAS.items()
    )
    return f"<div class='steps'>{sections}</div>"


def _losses_html(choice: Choice) -> str:
    """The same detail by each loss, and a table of what each optimises."""
    details, reader = compare_by_loss(), choice.language
    if not details:
        return ""
    any_one = next(iter(details.values()))
    subject = f"{text_for('learn_face', reader)} x{largest_scale()}"
    strip = [magnified_figure(any_one.bicubic, text_for("bicubic", reader), psnr_text(any_one.bicubic_psnr), subject)]
    strip += [
        magnified_figure(each.srcnn, LOSS_TITLES[loss], psnr_text(each.srcnn_psnr), subject)
        for loss, each in details.items()
    ]
    strip.append(magnified_figure(any_one.truth, text_for("truth", reader), subject=subject))
    titles = ("loss_column", "learn_minimises", "learn_favours", "learn_result")
    head = [title_cell(text_for(title, reader)) for title in titles]
    table = html_table("optimised", head, [_loss_row(loss, reader) for loss in details])
    symbols = text_for("learn_symbols", reader)
    return f"<div class='strip by-loss'>{''.join(strip)}</div>{table}<p class='quiet'>{symbols}</p>"


def _loss_row(loss: str, reader: Reader) -> str:
    formula = table_cell(_LOSS_FORMULAS[loss], class_="formula")
    texts = [table_cell(text_for(f"learn_{loss}_{column}", reader)) for column in ("favours", "result")]
    return table_row(LOSS_TITLES[loss], [formula, *texts])


def _limits_html(choice: Choice) -> str:
    found, reader = compute_limits(), choice.language
    scales = "".join(
        detail_strip(each, reader, text_for("learn_grain", reader), scale) for scale, each in found.scales.items()
    )
    names = {"text": found.text, "face": found.face, "surroundings": found.surroundings}
    facts = {"scale": found.scale, "field": found.field, "low": f"{found.field / found.scale:.3g}"}
    cards = "".join(
        f"<section><p>{text_for(f'learn_limit_{name}', reader, **facts)}</p>"
        f"{detail_strip(detail, reader, text_for(f'learn_{name}', reader), found.scale)}</section>"
        for name, detail in names.items()
    )
    return (
        f"<div class='limits'><section><p>{text_for('learn_limit_scale', reader)}</p>{scales}</section>"
        f"<div>{cards}</div></div>"
    )


def _succession_html(choice: Choice) -> str:
    """The networks that followed, beside the article's, in place of words about them (see `shown` in learn.js)."""
    found, reader = compute_succession(), choice.language
    if not found:
        return ""
    scale, detail = largest_scale(), found[0].detail
    subject = f"{text_for('learn_followed', reader)} x{scale}"
    strip = [magnified_figure(detail.bicubic, text_for("bicubic", reader), psnr_text(detail.bicubic_psnr), subject)]
    strip += [
        magnified_figure(each.detail.srcnn, network_name(each.config.title), psnr_text(each.detail.srcnn_psnr), subject)
        for each in found
    ]
    strip.append(magnified_figure(detail.truth, text_for("truth", reader), subject=subject))
    reduced = ", ".join(network_name(each.config.title) for each in found if each.reduced)
    return (
        f"<p>{text_for('learn_succession', reader, scale=scale)}</p>"
        f"<div class='strip by-network'>{''.join(strip)}</div>"
        f"{_succession_table(found, scale, reader)}"
        f"<p class='quiet'>{text_for('learn_reduced', reader, names=reduced) if reduced else ''}</p>"
    )


def _succession_table(found: list[Successor], scale: int, reader: Reader) -> str:
    words = [text_for(title, reader) for title in ("models_network", "learn_removes")]
    figures = [text_for(title, reader) for title in ("learn_layers", "learn_sees", "models_parameters", "learn_work")]
    head = [*map(title_cell, words), *(title_cell(title, class_="fact") for title in figures)]
    rows = []
    for each in found:
        work = shorten_count(each.config.multiply_adds(scale))
        facts = str(each.layers), f"{each.field} × {each.field}", f"{each.parameters:,}", work
        named_facts = zip(figures, facts, strict=True)
        cells = [table_cell(fact, class_="fact", data_title=title) for title, fact in named_facts]
        name = f"{network_name(each.config.title)}{_paper_link(each)}"
        rows.append(table_row(name, [table_cell(_what_it_removed(each, reader)), *cells]))
    return html_table("optimised", head, rows)


def _paper_link(network: Successor) -> str:
    authors, number = PAPERS[network.config.architecture]
    return f"<small><a href='https://arxiv.org/abs/{number}' target='_blank' rel='noopener'>{authors}</a></small>"


def _what_it_removed(network: Successor, reader: Reader) -> str:
    """What a network did better than those before, with the scales that its weights serve."""
    config = network.config
    told = text_for(f"learn_{config.architecture}_removes", reader)
    if config.architecture == "vdsr" and len(config.scales) > 1:
        told += " " + text_for("learn_vdsr_scales", reader, scales=", ".join(f"x{scale}" for scale in config.scales))
    return told


def _captioned_figure(picture: Picture, key: str, reader: Reader) -> str:
    """A picture of weights or maps, whose caption says all that its alternative text could."""
    caption = text_for(key, reader)
    return figure_html(picture, caption, caption)
