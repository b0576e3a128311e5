"""A visitor's language, English or Chinese, and the texts in it.

Texts that stand on the page are translated by the browser, in its own language or one that the visitor set there; the
page tells the server which by a cookie, so that the texts that the server composes are in the same.
"""

import logging

import gradio as gr

from demo.texts.words import WORDS
from demo.texts.words_errors import ERRORS, REMARKS
from srcnn.errors import Remark, SentenceError

_ENGLISH, _CHINESE = ({key: texts[number] for key, texts in WORDS.items()} for number in (0, 1))
I18N = gr.I18n(en=_ENGLISH, zh=_CHINESE, **{"zh-CN": _CHINESE, "zh-TW": _CHINESE})
Reader = gr.Request | str | None  # who reads a text: a visitor by a request, or by a language; None: a program


def page_text(key: str):
    """A text of WORDS for a widget, shown by the browser in its own language. Raises KeyError for no such text."""
    if key not in WORDS:
        raise KeyError(key)
    return I18N(key)


def text_for(key: str, reader: Reader, **values: object) -> str:
    """A text of WORDS for what the server composes, with `{name}` replaced by values; English for programs.

    Raises KeyError for no such text.
    """
    return WORDS[key][_reads_chinese(reader)].format(**values)


def error_text(error: Exception, reader: Reader) -> str:
    """The sentence of an error of the library; in Chinese where the visitor reads it and ERRORS has it.

    Of an OSError, which only the disk is the cause of, the details are for the log, as of what nobody expected.
    """
    if isinstance(error, OSError):
        logging.getLogger("srcnn").error(str(error))
        return text_for("disk", reader)
    if isinstance(error, SentenceError):
        return (
            ERRORS[error.key].format(**error.values) if error.key in ERRORS and _reads_chinese(reader) else str(error)
        )
    logging.getLogger("srcnn").error("A visitor's job failed.", exc_info=error)
    return text_for("unexpected", reader)


def remark_text(name: str, remark: Remark, reader: Reader) -> str:
    """A remark of the library on a picture of this name; in Chinese where the visitor reads it and REMARKS has it."""
    if remark.key in REMARKS and _reads_chinese(reader):
        return f"{name}：{REMARKS[remark.key].format(**remark.values)}。"
    return f"{name}: {remark}."


def language_of(request: gr.Request | None) -> str:
    """What a visitor reads: as the page says, else as the browser asks before anything else."""
    if request is None:
        return "en"
    asked = request.cookies.get("language") or request.headers.get("accept-language", "")
    return "zh" if asked.lower().startswith("zh") else "en"


def _reads_chinese(reader: Reader) -> bool:
    return (reader if isinstance(reader, str) else language_of(reader)).startswith("zh")
