"""What the page shows of a training: an empty view that static/train.js draws into, and what it draws."""

import html
import json

from demo.texts.language import Reader, text_for
from demo.training.details import CloserLook
from demo.training.live import Look
from demo.training.pictures import measured_set
from demo.training.settings import CHOICES, DEFAULTS, LESSONS, TrainSettings
from demo.widgets.chooser import CHOOSER_HTML, square_shares
from demo.widgets.pictures import address_of, data_url
from demo.widgets.settings import network_name
from demo.widgets.strip import psnr_text
from srcnn.naming import LOSS_TITLES

_OPTIMIZER_TITLES = {"sgd": "SGD", "adam": "Adam", "soap": "SOAP"}
_SCRIPT_TEXTS = (
    "train_bicubic_line",
    "train_released_line",
    "train_step",
    "train_run",
    "train_run_settings",
    "train_run_best",
    "train_run_loss",
    "train_defaults",
    "detail_square",
)


def choice_title(name: str, value: object, reader: Reader) -> str:
    """What a value of a setting is called."""
    if isinstance(value, bool):
        return text_for(f"train_{value}", reader)
    return text_for(f"train_{name}_{value}", reader) if is_worded(name) else plain_title(name, value)


def is_worded(name: str) -> bool:
    """Whether the values of a setting are called by words, and not by figures or names."""
    return name in ("schedule", "start", "pictures", "measured")


def plain_title(name: str, value: object) -> str:
    """What a value is called in every language."""
    if name == "scale":
        return f"x{value}"
    return {**LOSS_TITLES, **_OPTIMIZER_TITLES}.get(value, f"{value:g}" if isinstance(value, float) else str(value))


def _script_text(value: object) -> str:
    """A value as a script writes it: "true", "0.1", "mse"."""
    return value if isinstance(value, str) else json.dumps(value)


def choices_json() -> str:
    """What there is to choose from, for static/train.js."""
    return json.dumps({"defaults": vars(DEFAULTS), "choices": CHOICES, "lessons": LESSONS})


def trainings_html(reader: Reader) -> str:
    """The view before anything was trained, in the reader's language."""
    titles = {
        name: [
            text_for(f"train_{name}", reader),
            {_script_text(value): choice_title(name, value, reader) for value in values},
        ]
        for name, values in CHOICES.items()
    }
    facts = {
        "titles": titles,
        "texts": {key.removeprefix("train_"): text_for(key, reader) for key in _SCRIPT_TEXTS},
    }
    charts = "".join(
        f"<figure class='chart' data-chart='{name}'><figcaption>{text_for(f'train_{name}_chart', reader)}</figcaption>"
        f"<svg viewBox='0 0 640 240' role='img' aria-label='{text_for(f'train_{name}_chart', reader)}'></svg></figure>"
        for name in ("psnr", "cost")
    )
    details = ("bicubic", "now", "by_released", "truth")
    titles_of = ("bicubic", "train_now", "train_by_released", "truth")
    strip = "".join(
        f"<figure><img data-picture='{name}' alt='{text_for(title, reader)}' hidden><figcaption>"
        f"{text_for(title, reader)} <span data-psnr='{name}'></span></figcaption></figure>"
        for name, title in zip(details, titles_of, strict=True)
    )
    filters = text_for("train_filters", reader)
    return (
        f"<div class='training' data-facts='{html.escape(json.dumps(facts), quote=True)}'>"
        f"<p class='empty quiet'>{text_for('train_empty', reader)}</p>"
        f"<div class='drawing' hidden><div class='charts'>{charts}</div><div class='runs wide'></div>"
        f"<div class='forming'><figure><p>{text_for('train_place', reader)}</p>{CHOOSER_HTML}</figure>"
        f"<div><p>{text_for('train_detail', reader)}</p><div class='strip'>{strip}</div></div>"
        f"<figure><p>{filters}</p><img data-picture='filters' alt='{filters}' hidden></figure></div></div></div>"
    )


def look_facts(key: str, settings: TrainSettings, look: Look, reader: Reader, notes: str = "") -> dict:
    """A look at a training as static/train.js takes it. notes: HTML."""
    return {
        "key": key,
        "state": look.state,
        "step": look.step,
        "steps": settings.steps,
        "points": [
            [step, None if cost is None else float(f"{cost:.4g}"), round(psnr, 3)] for step, cost, psnr in look.points
        ],
        "lines": {"bicubic": round(look.bicubic, 3), "released": round(look.released, 3)},
        "best": [look.best[0], round(look.best[1], 3)],
        "filters": data_url(look.filters),
        "closer": closer_facts(look.closer, settings),
        "status": f"<p>{_status_text(settings, look, reader)}</p>{notes}",
    }


def closer_facts(closer: CloserLook, settings: TrainSettings) -> dict:
    """A detail, and where it is on the whole picture, as static/train.js takes them."""
    detail = closer.detail
    return {
        "pictures": {
            "bicubic": data_url(detail.bicubic),
            "now": data_url(detail.srcnn),
            "by_released": data_url(closer.by_released.srcnn),
            "truth": data_url(detail.truth),
        },
        "psnr": {
            "bicubic": psnr_text(detail.bicubic_psnr),
            "now": psnr_text(detail.srcnn_psnr),
            "by_released": psnr_text(closer.by_released.srcnn_psnr),
        },
        "whole": address_of(measured_set(settings.measured) / f"{settings.measured}.png"),
        "place": closer.place,
        "square": square_shares(detail, closer.whole),
    }


def _status_text(settings: TrainSettings, look: Look, reader: Reader) -> str:
    psnr = look.points[-1][2] if look.points else look.bicubic
    figures = text_for(
        "train_figures",
        reader,
        step=look.step,
        steps=settings.steps,
        psnr=psnr,
        gain=f"{psnr - look.bicubic:+.2f}",
        speed=look.steps_per_second,
        images=look.steps_per_second * settings.batch_size,
    )
    if look.state == "running":
        return figures
    ended = text_for(f"train_{look.state}", reader, best=look.best[0], psnr=look.best[1])
    return f"<b>{ended}</b> {figures}"


def trained_name(settings: TrainSettings) -> str:
    """What Compare and Enlarge call the network of a training."""
    return f"{network_name(settings.kernel_sizes)} x{settings.scale} {LOSS_TITLES[settings.loss]}"
