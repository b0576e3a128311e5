"""What a visitor is told when something goes wrong."""

import functools

import gradio as gr

from demo.job import TimeUpError
from demo.texts.language import error_text
from demo.training.settings import SettingsError
from demo.widgets.html import alert
from srcnn.imaging.picture import ImageError
from srcnn.variants.loading import VariantError

VISITOR_ERRORS = (
    ImageError,
    VariantError,
    TimeUpError,
    SettingsError,
    OSError,
)  # what visitors are told: their mistakes, limits, a full disk


def errors_as_html(function, instead):
    """For the page: what went wrong is a sentence where the result would be.

    instead: from that sentence as HTML to the outputs, all else empty.
    """

    @functools.wraps(function)
    def call_or_explain(*args):
        try:
            return function(*args)
        except VISITOR_ERRORS as error:
            return instead(alert(error_text(error, _find_request(args))))

    return call_or_explain


def _find_request(args: tuple) -> gr.Request | None:
    return next((arg for arg in args if isinstance(arg, gr.Request)), None)


def errors_as_toast(function):
    """For the named endpoints, and where no result has a place for it: the sentence is an error of Gradio's.

    A client can catch it, the page shows it in a corner.
    """

    @functools.wraps(function)
    def call_or_raise(*args):
        try:
            return function(*args)
        except VISITOR_ERRORS as error:
            raise gr.Error(error_text(error, _find_request(args)), print_exception=False) from None

    return call_or_raise
