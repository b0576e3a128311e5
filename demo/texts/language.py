"""A visitor's language, English or Chinese, and the texts in it.

Texts that stand on the page are translated by the browser, in the language that the visitor set there; texts that the
server composes follow what the browser asks for.
"""

import logging

import gradio as gr

from demo.texts.words import ERRORS, REMARKS, WORDS
from srcnn.errors import Remark, SentenceError

_ENGLISH, _CHINESE = ({key: texts[number] for key, texts in WORDS.items()} for number in (0, 1))
I18N = gr.I18n(en=_ENGLISH, zh=_CHINESE, **{"zh-CN": _CHINESE})


def page_text(key: str):
    """A text of WORDS for a widget, shown by the browser in its own language. Raises KeyError for no such text."""
    if key not in WORDS:
        raise KeyError(key)
    return I18N(key)


def text_for(key: str, request: gr.Request | None, **values: object) -> str:
    """A text of WORDS for what the server composes, with `{name}` replaced by values; English for programs.

    Raises KeyError for no such text.
    """
    return WORDS[key][_wants_chinese(request)].format(**values)


def error_text(error: Exception, request: gr.Request | None) -> str:
    """The sentence of an error of the library; in Chinese where the visitor reads it and ERRORS has it.

    Of an OSError, which only the disk is the cause of, the details are for the log.
    """
    if isinstance(error, OSError):
        logging.getLogger("srcnn").error(str(error))
        return text_for("disk", request)
    if isinstance(error, SentenceError) and error.key in ERRORS and _wants_chinese(request):
        return ERRORS[error.key].format(**error.values)
    return str(error)


def remark_text(remark: Remark, request: gr.Request | None) -> str:
    """A remark of the library on a picture; in Chinese where the visitor reads it and REMARKS has it."""
    if remark.key in REMARKS and _wants_chinese(request):
        return REMARKS[remark.key].format(**remark.values)
    return str(remark)


def _wants_chinese(request: gr.Request | None) -> bool:
    """Whether a visitor's browser asks for Chinese before anything else."""
    return request is not None and request.headers.get("accept-language", "").lower().startswith("zh")
