"""Learn: the method on one screen, from the weights in use: three layers, what each loss optimises, the limits, and
the networks that removed some of them."""

import gradio as gr

from demo.job import ONE_AT_A_TIME
from demo.tabs import learn_lessons
from demo.tabs.learn_lessons import PLACES, Successor, by_loss, largest, limited, succession
from demo.tabs.models_table import thousands
from demo.texts.language import label, say
from demo.widgets.errors import on_page
from demo.widgets.strip import captioned, decibels, panels, pixels
from srcnn.imaging.picture import Picture
from srcnn.naming import LOSS_TITLES

LAYERS = {  # the article's section 3.1: Y is the enlarged picture
    1: "F<sub>1</sub>(Y) = max(0, W<sub>1</sub> ∗ Y + B<sub>1</sub>)",
    2: "F<sub>2</sub>(Y) = max(0, W<sub>2</sub> ∗ F<sub>1</sub>(Y) + B<sub>2</sub>)",
    3: "F(Y) = W<sub>3</sub> ∗ F<sub>2</sub>(Y) + B<sub>3</sub>",
}
FORMULAS = {  # as srcnn/losses.py has them: F is the result, X the truth, φ what VGG-19 sees, D the second network
    "mse": "mean (F − X)²",
    "l1": "mean |F − X|",
    "charbonnier": "mean √((F − X)² + ε²)",
    "perceptual": "MSE + λ · |φ(F) − φ(X)|²",
    "adversarial": "MSE + λ · |φ(F) − φ(X)|² − μ · log D(F)",
}
PAPERS = {  # authors, number on arXiv
    "srcnn": ("Dong et al., 2014", "1501.00092"),
    "vdsr": ("Kim et al., 2016", "1511.04587"),
    "edsr": ("Lim et al., 2017", "1707.02921"),
}


def learn_tab(tab: gr.Tab) -> None:
    """Nothing is computed before a visitor opens the tab."""
    gr.Markdown(label("learn_steps"))
    with gr.Row():
        names = [(label(name), name) for name in PLACES]
        photograph = gr.Radio(names, value=names[0][1], label=label("examples"), scale=2, min_width=280)
        scale = gr.Radio(label=label("scale"), min_width=160)
        loss = gr.Dropdown(label=label("loss"), min_width=200)
    steps = gr.HTML(label=label("learn"), padding=False)
    gr.Markdown(label("learn_losses"))
    losses = gr.HTML(label=label("learn"), padding=False)
    gr.Markdown(label("learn_limits"))
    limits = gr.HTML(label=label("learn"), padding=False)
    gr.Markdown(label("learn_after"))
    papers = gr.Markdown(label("learn_papers"))
    followed = gr.HTML(label=label("learn"), padding=False)

    choices = [photograph, scale, loss]
    begin = {"api_visibility": "private", **ONE_AT_A_TIME}
    tab.select(
        offered, [scale, loss], [scale, loss], api_visibility="private", show_progress="hidden", queue=False
    ).then(on_page(steps_html, str), choices, steps, **begin).then(
        on_page(losses_html, str), None, losses, **begin
    ).then(on_page(limits_html, str), None, limits, **begin).then(
        on_page(succession_html, lambda sentence: (gr.update(), sentence)), None, [papers, followed], **begin
    )
    gr.on(
        [widget.input for widget in choices],
        on_page(steps_html, str),
        choices,
        steps,
        trigger_mode="always_last",
        **begin,
    )


def offered(scale: int | None, loss: str | None) -> tuple:
    """What there is to choose from now; a choice stays where it can."""
    scales = learn_lessons.scales()
    scale = scale if scale in scales else largest()
    losses = learn_lessons.losses(scale) or ["mse"]
    return (
        gr.update(choices=[(f"x{each}", each) for each in scales], value=scale),
        gr.update(choices=[(LOSS_TITLES[each], each) for each in losses], value=loss if loss in losses else losses[0]),
    )


def steps_html(photograph: str, scale: int, loss: str, request: gr.Request) -> str:
    """The three layers side by side: above, what each has learned, below, what it makes of the detail."""
    found = learn_lessons.steps(photograph, scale, loss)
    detail = found.detail
    learned = {
        1: figure(found.learned, "learn_filters", request) + figure(found.acting, "learn_acting", request),
        2: figure(found.mapping, "learn_mapping", request),
        3: figure(found.reconstruction, "learn_kernels", request),
    }
    made = {
        1: figure(found.first, "learn_first", request),
        2: figure(found.second, "learn_second", request),
        3: panels(detail, request, say(photograph, request)),
    }
    sections = "".join(
        f"<section><div><h4>{say(f'learn_step_{step}', request)}</h4><p class='formula'>{formula}</p>"
        f"<p>{say(f'learn_step_{step}_text', request)}</p></div>"
        f"<div class='side'>{learned[step]}</div><div class='side'>{made[step]}</div></section>"
        for step, formula in LAYERS.items()
    )
    return f"<div class='steps'>{sections}</div>"


def losses_html(request: gr.Request) -> str:
    """The same detail by each loss, and a table of what each optimises."""
    details = by_loss()
    if not details:
        return ""
    any_one = next(iter(details.values()))
    subject = f"{say('learn_face', request)} x{largest()}"
    strip = [pixels(any_one.bicubic, say("bicubic", request), decibels(any_one.bicubic_psnr), subject)]
    strip += [
        pixels(each.srcnn, LOSS_TITLES[loss], decibels(each.srcnn_psnr), subject) for loss, each in details.items()
    ]
    strip.append(pixels(any_one.truth, say("truth", request), subject=subject))
    titles = ("loss_column", "learn_minimises", "learn_favours", "learn_result")
    head = "".join(f"<th scope='col'>{say(title, request)}</th>" for title in titles)
    body = "".join(
        f"<tr><th scope='row'>{LOSS_TITLES[loss]}</th><td class='formula'>{FORMULAS[loss]}</td>"
        f"<td>{say(f'learn_{loss}_favours', request)}</td><td>{say(f'learn_{loss}_result', request)}</td></tr>"
        for loss in details
    )
    table = f"<table class='optimised'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return (
        f"<div class='strip by-loss'>{''.join(strip)}</div>{table}<p class='quiet'>{say('learn_symbols', request)}</p>"
    )


def limits_html(request: gr.Request) -> str:
    found = limited()
    scales = "".join(panels(each, request, say("learn_grain", request), scale) for scale, each in found.scales.items())
    names = {"text": found.text, "face": found.face, "surroundings": found.surroundings}
    facts = {"scale": found.scale, "field": found.field, "low": f"{found.field / found.scale:.3g}"}
    cards = "".join(
        f"<section><p>{say(f'learn_limit_{name}', request, **facts)}</p>"
        f"{panels(detail, request, say(f'learn_{name}', request), found.scale)}</section>"
        for name, detail in names.items()
    )
    return (
        f"<div class='limits'><section><p>{say('learn_limit_scale', request)}</p>{scales}</section>"
        f"<div>{cards}</div></div>"
    )


def succession_html(request: gr.Request) -> tuple:
    """The networks that followed, beside the article's, in place of words about them."""
    found = succession()
    if not found:
        return gr.update(visible=True), ""
    scale, detail = largest(), found[0].detail
    subject = f"{say('learn_followed', request)} x{scale}"
    strip = [pixels(detail.bicubic, say("bicubic", request), decibels(detail.bicubic_psnr), subject)]
    strip += [pixels(each.detail.srcnn, named(each), decibels(each.detail.srcnn_psnr), subject) for each in found]
    strip.append(pixels(detail.truth, say("truth", request), subject=subject))
    reduced = ", ".join(named(each) for each in found if each.reduced)
    return gr.update(visible=False), (
        f"<p>{say('learn_succession', request, scale=scale)}</p><div class='strip by-network'>{''.join(strip)}</div>"
        f"{succession_table(found, scale, request)}"
        f"<p class='quiet'>{say('learn_reduced', request, names=reduced) if reduced else ''}</p>"
    )


def succession_table(found: list[Successor], scale: int, request: gr.Request) -> str:
    words = [say(title, request) for title in ("models_network", "learn_removes")]
    figures = [say(title, request) for title in ("learn_layers", "learn_sees", "models_parameters", "learn_work")]
    head = "".join(f"<th scope='col'>{title}</th>" for title in words)
    head += "".join(f"<th scope='col' class='fact'>{title}</th>" for title in figures)
    body = ""
    for each in found:
        work = thousands(each.config.multiply_adds(scale))
        facts = each.layers, f"{each.field} × {each.field}", f"{each.parameters:,}", work
        named_facts = zip(figures, facts, strict=True)
        cells = "".join(f"<td class='fact' data-title='{title}'>{fact}</td>" for title, fact in named_facts)
        body += f"<tr><th scope='row'>{named(each)}{paper(each)}</th><td>{removed(each, request)}</td>{cells}</tr>"
    return f"<table class='optimised'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def named(network: Successor) -> str:
    title = network.config.title
    return f"SRCNN {title}" if network.config.architecture == "srcnn" else title


def paper(network: Successor) -> str:
    authors, number = PAPERS[network.config.architecture]
    return f"<small><a href='https://arxiv.org/abs/{number}' target='_blank' rel='noopener'>{authors}</a></small>"


def removed(network: Successor, request: gr.Request) -> str:
    """What a network did better than those before, with the scales that its weights serve."""
    config = network.config
    told = say(f"learn_{config.architecture}_removes", request)
    if config.architecture == "vdsr" and len(config.scales) > 1:
        told += " " + say("learn_vdsr_scales", request, scales=", ".join(f"x{scale}" for scale in config.scales))
    return told


def figure(picture: Picture, key: str, request: gr.Request) -> str:
    """A picture of weights or maps, whose caption says all that its alternative text could."""
    caption = say(key, request)
    return captioned(picture, caption, caption)
