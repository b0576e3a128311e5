"""What a visitor is told when something goes wrong."""

import functools

import gradio as gr

from demo.texts.language import say_error
from demo.widgets.html import alert
from srcnn.imaging.picture import ImageError
from srcnn.inference.engine import TimeUp
from srcnn.variants.loading import VariantError

TOLD = (ImageError, VariantError, TimeUp, OSError)  # what visitors are told: their mistakes, limits, a full disk


def on_page(function, instead):
    """For the page: what went wrong is a sentence where the result would be.

    instead: from that sentence as HTML to the outputs, all else empty.
    """

    @functools.wraps(function)
    def wrapped(*args):
        try:
            return function(*args)
        except TOLD as error:
            return instead(alert(say_error(error, request_among(args))))

    return wrapped


def request_among(args: tuple) -> gr.Request | None:
    return next((arg for arg in args if isinstance(arg, gr.Request)), None)


def or_error(function):
    """For the named endpoints, and where no result has a place for it: the sentence is an error of Gradio's.

    A client can catch it, the page shows it in a corner.
    """

    @functools.wraps(function)
    def wrapped(*args):
        try:
            return function(*args)
        except TOLD as error:
            raise gr.Error(say_error(error, request_among(args)), print_exception=False) from None

    return wrapped
