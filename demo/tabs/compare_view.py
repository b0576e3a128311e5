"""What Compare shows of one choice: sliders, the figures where there is a truth, and a line of what made them."""

from dataclasses import replace

from demo.answers import Answer, Enlargement, answer, files_of
from demo.catalogue import current_catalogue
from demo.choice import Choice
from demo.texts.language import Reader, remark_text, text_for
from demo.widgets.html import (
    SCORE_TITLES,
    format_figure,
    html_table,
    notice,
    score_cells,
    table_cell,
    table_row,
    title_cell,
)
from demo.widgets.pictures import reduction_texts
from demo.widgets.settings import network_name
from demo.widgets.slider import slider_html
from srcnn.naming import LOSS_TITLES
from srcnn.variants.catalogue import Variant

_SLIDERS = {"first": ("bicubic", "result"), "second": ("result", "truth")}
_SLIDERS_AS_IS = {"alone": ("bicubic", "result")}
_MAX_OTHERS = 4  # networks beside the chosen one: two sliders have so many sides


def comparison_html(choice: Choice, others: list[str]) -> str:
    """others: networks beside the chosen one whose results are wanted, too, as `network_key` writes them; those that
    are not there are left out.

    Raises what `answer` raises.
    """
    found = answer(choice)
    files, titles = dict(files_of(found)), _titles(choice, found)
    rows = [found]
    for key in [key for key in others if key in titles][:_MAX_OTHERS]:
        other = answer(choice_of_other(choice, key))
        files[key] = files_of(other)["result"]
        rows.append(other)
    named_sides = (_SLIDERS_AS_IS if choice.as_is else _SLIDERS).items()
    sliders = "".join(slider_html(name, files, titles, sides, choice.language) for name, sides in named_sides)
    made = text_for("enlarged_as_is" if choice.as_is else "reduced_and_enlarged", choice.language, **_sizes(found))
    readout = _origin_html(found, choice.language) if choice.as_is else readout_html(rows, choice.language)
    told = " ".join([made, *reduction_texts([files["result"]], choice.language)])
    return f"<p class='quiet'>{told}</p><div class='sliders'>{sliders}</div>{readout}"


def readout_html(answers: list[Answer], reader: Reader) -> str:
    """The figures of answers about one picture, and a line of what made the first of them."""
    meaning = f"<p class='quiet'>{text_for('figures_meaning', reader)}</p>"
    return f"{_scores_html(answers, reader)}{meaning}{_origin_html(answers[0], reader)}"


def _origin_html(found: Answer | Enlargement, reader: Reader) -> str:
    """A line of what made an answer, and what has to be known of it and of its picture."""
    told = [text_for("fell_back", reader)] if found.fell_back else []
    name = text_for("this_picture", reader)
    told += [remark_text(name, remark, reader) for remark in found.pictures["low"].remarks]
    return f"{''.join(map(notice, told))}<p class='quiet'>{text_for('made_by', reader, **_facts(found, reader))}</p>"


def network_key(network: str, loss: str) -> str:
    return f"{network}|{loss}"


def choice_of_other(choice: Choice, key: str) -> Choice:
    """The same picture by another network. Raises ValueError for what `network_key` does not write."""
    network, loss = key.split("|")
    return replace(choice, network=network, loss=loss, ensemble=False)


def _titles(choice: Choice, found: Answer | Enlargement) -> dict[str, str]:
    """What can be on a side of a slider."""
    reader, family = choice.language, current_catalogue()
    titles = {
        "low": text_for("low_resolution", reader),
        "bicubic": text_for("bicubic", reader),
        "result": found.kind,
    }
    if not choice.as_is:
        titles["truth"] = text_for("truth", reader)
    for network in family.networks():
        for loss in family.losses(network).values():
            member = "+" not in loss and family.find(choice.scale, loss, network)
            if member and (network, loss) != (choice.network, choice.loss):
                titles[network_key(network, loss)] = f"{network_name(network)} · {LOSS_TITLES[loss]}"
    return titles


def _sizes(found: Answer | Enlargement) -> dict[str, object]:
    low, result = found.pictures["low"], found.pictures["result"]
    return {"low": f"{low.width} × {low.height}", "width": result.width, "height": result.height}


def _facts(found: Answer | Enlargement, reader: Reader) -> dict[str, object]:
    names = ", ".join(f"{each.name} ({_origin(each, reader)})" for each in found.members)
    return {
        "model": names,
        **_sizes(found),
        "seconds": found.seconds,
        "device": found.device,
    }


def _origin(member: Variant, reader: Reader) -> str:
    if member.repository:
        return member.origin
    return text_for("trained_here" if member.commit else "bundled", reader)


def _scores_html(answers: list[Answer], reader: Reader) -> str:
    """The figures as a table: bicubic, the first answer's network and what it gains, and those of the other answers.

    Built from numbers and names of the Hub, which hold no character that is special in HTML: nothing that a visitor
    sends is in it.
    """
    first = answers[0]
    before, after = first.result.bicubic_score, first.result.srcnn_score
    gain = format_figure(after.psnr - before.psnr, "+.2f"), format_figure(after.ssim - before.ssim, "+.4f")
    rows = [
        table_row(text_for("bicubic", reader), score_cells(before)),
        table_row(first.kind, score_cells(after)),
        table_row(text_for("gain", reader), map(table_cell, gain), "gain"),
        *(table_row(_other_title(each), score_cells(each.result.srcnn_score)) for each in answers[1:]),
    ]
    titles = text_for("against_truth", reader), *SCORE_TITLES
    return html_table("scores", map(title_cell, titles), rows)


def _other_title(other: Answer) -> str:
    return f"{other.kind} · {LOSS_TITLES[other.members[0].model.config.loss]}"
