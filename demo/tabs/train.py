"""Train: a network is trained before the visitor's eyes, and tried, kept and compared with others."""

from collections.abc import Iterator

import gradio as gr
from gradio.components import Component

from demo.job import ONE_JOB_AT_A_TIME, TRAINING_ALONE, TimeUpError
from demo.tabs.train_result import build_result_buttons
from demo.tabs.train_view import choices_json, closer_facts, is_worded, look_facts, plain_title, trainings_html
from demo.texts.language import error_text, language_of, page_text
from demo.training.live import warm_up
from demo.training.session import look_elsewhere, read_training_request, train_watched
from demo.training.settings import CHOICES, DEFAULTS, LESSONS
from demo.training.trained import stop_training
from demo.widgets.errors import errors_as_toast
from demo.widgets.html import alert
from demo.widgets.settings import Settings
from srcnn.imaging.reading import SUFFIXES

_GROUPS = {
    "aim": ("loss", "scale"),
    "way": ("optimizer", "learning_rate", "schedule", "steps", "batch_size"),
    "network": ("kernel_sizes", "batch_norm", "residual", "start"),
    "data": ("turns", "pictures", "measured"),
}
_OPEN_GROUPS = ("aim", "way")
_VIEW_SCRIPT = (
    "train.dress(element, trigger, watch)"  # it triggers `select` for a lesson's next run, `edit` for a place
)
_LINK_SCRIPT = f"(...values) => train.readLink({choices_json()}, values)"
_FEED_SCRIPT = "watch('value', () => train.take(props.value))"
_FEED_TEMPLATE = "<div class='train-status'>${value && value.status || ''}</div>"


def build_train_tab(demo: gr.Blocks, tab: gr.Tab, tabs: list[Settings]) -> None:
    """`tabs`: the settings of Compare and of Enlarge, which are offered what was trained."""
    private, quiet = {"api_visibility": "private"}, {"api_visibility": "private", "show_progress": "hidden"}
    with gr.Row():
        with gr.Column(scale=1, min_width=300, elem_classes="settings train-settings"):
            controls, files = _build_controls()
        with gr.Column(scale=3, elem_classes="results-first"), gr.Column():
            gr.Markdown(page_text("train_intro"))
            lesson = gr.Radio(
                [(page_text(f"train_lesson_{name or 'none'}"), name) for name in ("", *LESSONS)],
                value="",
                label=page_text("train_lesson"),
                info=page_text("train_lesson_info"),
                elem_classes="lessons",
            )
            with gr.Row():
                start = gr.Button(
                    page_text("train_press"), variant="primary", elem_id="train-start", size="md", min_width=110
                )
                stop = gr.Button(
                    page_text("train_stop"), interactive=False, elem_id="train-stop", size="md", min_width=80
                )
                more = gr.Button(
                    page_text("train_more"), interactive=False, elem_id="train-more", size="md", min_width=80
                )
            feed = gr.HTML(
                {},
                html_template=_FEED_TEMPLATE,
                js_on_load=_FEED_SCRIPT,
                label=page_text("train"),
                min_height=52,
                elem_id="train-feed",
            )
            view = gr.HTML(trainings_html(None), js_on_load=_VIEW_SCRIPT, label=page_text("train"), padding=False)
            build_result_buttons(tabs)
    request, key = gr.Textbox(visible=False), gr.Textbox(visible=False)
    place, closer = gr.Textbox(visible=False), gr.JSON(visible=False)
    widgets = [controls[name] for name in CHOICES]
    begun = gr.on(
        [start.click, view.select],
        None,
        [files, *widgets],
        [request, *widgets],
        js="(files, ...values) => train.begin(files, values)",
        **private,
    )
    gone_on = more.click(None, None, request, js="() => train.goOn()", **private)
    for asked in (begun, gone_on):
        asked.then(_train, request, feed, trigger_mode="multiple", **private, **TRAINING_ALONE)
    stopped = stop.click(None, None, key, js="() => train.stop()", **private)
    stopped.then(stop_training, key, None, queue=False, **quiet)
    moved = view.edit(None, None, place, js="() => train.placeRequest()", **private)
    looked = moved.then(
        errors_as_toast(_look_elsewhere), place, closer, trigger_mode="always_last", **quiet, **ONE_JOB_AT_A_TIME
    )
    looked.success(None, closer, None, js="found => train.takeCloser(found)", **private)
    lesson.input(None, lesson, widgets, js="lesson => train.chooseLesson(lesson).slice(1)", **private)
    gr.on([each.input for each in widgets], None, widgets, lesson, js="(...values) => train.choose(values)", **private)
    chosen = [lesson, *widgets]
    link = demo.load(None, chosen, chosen, js=_LINK_SCRIPT, **private)
    link.then(None, None, None, js="() => train.openFromLink()", **private)
    tab.select(_open_view, None, view, queue=False, **quiet)


def _open_view(visitor: gr.Request) -> str:
    warm_up()
    return trainings_html(visitor)


def _build_controls() -> tuple[dict[str, Component], gr.File]:
    """A control for each choice, by its name, with a sentence about what it does; and the visitor's own pictures."""
    controls: dict[str, Component] = {}
    for group, names in _GROUPS.items():
        with gr.Accordion(page_text(f"train_group_{group}"), open=group in _OPEN_GROUPS):
            for name in names:
                controls[name] = _build_control(name)
            if group == "data":
                kinds = ["image", *SUFFIXES]
                files = gr.File(
                    label=page_text("train_files"), file_count="multiple", file_types=kinds, height=140, visible=True
                )
    return controls, files


def _build_control(name: str) -> Component:
    default = getattr(DEFAULTS, name)
    told = {"label": page_text(f"train_{name}"), "info": page_text(f"train_{name}_info")}
    if isinstance(default, bool):
        return gr.Checkbox(default, **told)
    choices = [
        (page_text(f"train_{name}_{value}") if is_worded(name) else plain_title(name, value), value)
        for value in CHOICES[name]
    ]
    return gr.Radio(choices, value=default, **told)


def _train(text: str, visitor: gr.Request) -> Iterator[dict]:
    """Look after look, as long as the page listens."""
    reader = language_of(visitor)
    key = ""
    try:
        asked = read_training_request(text)
        key = asked["key"]
        for training, look, reasons in train_watched(asked):
            notes = "".join(alert(error_text(reason, reader), name) for name, reason in reasons.items())
            yield look_facts(key, training.settings, look, reader, notes)
    except TimeUpError:
        return  # nobody is there to be told
    except Exception as error:  # whatever it is, the visitor reads a sentence
        yield _failure_facts(key, error, reader)


def _look_elsewhere(text: str, request: gr.Request) -> dict | None:
    """The detail at another place, of a training that has ended; one that goes on has it in its next look."""
    training, closer = look_elsewhere(text)
    return closer and {"key": training.key, "closer": closer_facts(closer, training.settings)}


def _failure_facts(key: str, error: Exception, reader: str) -> dict:
    return {"key": key, "state": "failed", "status": alert(error_text(error, reader))}
