"""Parts of the page whose every answer says to which request it belongs, so that what is out of date is seen as such.

static/page.js keeps, for each part, the request that the page makes now; what answers another one is dimmed.
"""

import html
import json
from collections.abc import Callable
from dataclasses import dataclass, field

import gradio as gr
from gradio.caching import CacheMissError, _probe_mode_active

from demo.catalogue import catalogue_version
from demo.choice import Choice, read_choice
from demo.texts.language import Reader, error_text, text_for
from demo.widgets.errors import VISITOR_ERRORS
from demo.widgets.html import alert


@dataclass(frozen=True)
class Request:
    """What the page asks of a part.

    text: as the page wrote it. asked: what it says beside the choice. version: of the catalogue when it was read.
    """

    text: str
    choice: Choice
    asked: dict
    version: int = field(default_factory=catalogue_version)

    def answer(self, content: str, **facts: object) -> str:
        """The part's HTML. facts: for the page's scripts, as data-... attributes."""
        return part_html(self.text, content, self.choice.language, version=self.version, **facts)


def build_part(
    name: str,
    answer: Callable,
    value: str = "",
    asks: bool = True,
    label: object = None,
    script: str = "compare",
    **how,
) -> gr.HTML:
    """A part of the page.

    name: its key in `requests` and `shown` of the script. answer: what `answer_part` has made. value: what it shows at
    first. asks: whether the page asks by itself, or the visitor. script: of the tab, in static/. how: of the event.
    """
    how_to_ask = f"{script}.requests.{name}, {script}.shown.{name}, {json.dumps(asks)}"
    added = f"demo.addPart('{name}', element, trigger, watch, {how_to_ask})"
    part = gr.HTML(value, js_on_load=added, label=label, padding=False)
    request = gr.Textbox(visible=False)
    told = part.select(None, None, request, js=f"() => demo.asked.{name}", api_visibility="private")
    told.then(answer, request, part, trigger_mode="always_last", api_visibility="private", **how)
    return part


def answer_part(
    function: Callable[[Request], str], is_ready: Callable[[Request], bool] | None = None, tells: bool = True
) -> Callable:
    """From the text of a request to its answer: what `function` gives, or one sentence about why there is none.

    is_ready: whether the function has nothing to compute for a request; then it is answered beside the queue.
    tells: whether a visitor's mistakes are told here; they are told once on a page.
    """

    def answer(text: str, visitor: gr.Request) -> str:
        try:
            request = read_request(text)
            if is_ready and _probe_mode_active.get() and not is_ready(request):
                raise CacheMissError
            return function(request)
        except CacheMissError:
            raise
        except Exception as error:  # whatever it is, the visitor reads a sentence
            is_told = not tells and isinstance(error, VISITOR_ERRORS)
            return part_html(text, "", visitor) if is_told else error_html(text, error, visitor)

    if is_ready:
        answer.cache = True  # so that Gradio's queue asks at once whether there is anything to compute
    return answer


def read_request(text: str) -> Request:
    """A request as the page writes it, JSON. Raises ImageError where no picture is chosen."""
    try:
        asked = json.loads(text)
        token = asked["choice"]
    except (TypeError, ValueError, KeyError):
        asked, token = {}, ""
    return Request(text, read_choice(token), asked)


def part_html(request: str, content: str, reader: Reader, **facts: object) -> str:
    """The answer to a request. facts: for the page's scripts, as data-... attributes."""
    data = "".join(f" data-{name}='{html.escape(str(value))}'" for name, value in facts.items())
    button = f"<button type='button'>{text_for('renew', reader)}</button>"
    renew = f"<p class='renew'>{text_for('out_of_date', reader)} {button}</p>"
    return f"<div data-of='{html.escape(request)}'{data}>{renew}<div class='content'>{content}</div></div>"


def error_html(request: str, error: Exception, reader: Reader) -> str:
    """The answer to a request where there is none: why."""
    return part_html(request, alert(error_text(error, reader)), reader)
