"""How the app ends when it is told to (SIGTERM): it takes no more jobs, answers those that it has, and goes."""

import os
import shutil
import signal
import time
from pathlib import Path
from urllib.parse import parse_qs

import gradio as gr
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from demo.server.fair_queue import listeners

LEAVING_SECONDS = 12  # for what runs; whoever sends the signal kills after ten to thirty
_QUIET_SECONDS = 1  # without a request: a page fetches its pictures right after the answer that names them
_LISTENING_PATHS = ("/gradio_api/heartbeat/", "/gradio_api/mcp")  # what is asked for by GET there stays open for ever
_RESTARTING_SENTENCE = "The server is restarting; try again in a minute."


def _find_awaited(scope: Scope) -> str:
    """The session or the job for whose answer a request waits; "" for any other request."""
    path = scope["path"].rstrip("/")
    if path.endswith("/queue/data"):
        return parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[0]
    is_call = scope["method"] == "GET" and path.startswith("/gradio_api/call/")
    return path.rpartition("/")[2] if is_call else ""


class Traffic:
    """ASGI middleware: knows who waits for an answer; refuses new jobs once `closing` is set.

    Starlette makes the middleware after it was told of it: what it knows belongs to the class.
    """

    closing = False
    waiting = 0
    last = 0.0  # when a request was answered, of time.monotonic()

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        listening = scope.get("method") == "GET" and scope["path"].startswith(_LISTENING_PATHS)
        if scope["type"] != "http" or listening:
            return await self.app(scope, receive, send)
        if Traffic.closing and scope["method"] == "POST":
            answer = JSONResponse(
                {"detail": _RESTARTING_SENTENCE, "error": _RESTARTING_SENTENCE}, 503, {"Retry-After": "60"}
            )
            return await answer(scope, receive, send)
        Traffic.waiting += 1
        name = _find_awaited(scope)
        listeners[name] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            Traffic.waiting -= 1
            listeners[name] -= 1
            if not listeners[name]:
                del listeners[name]
            Traffic.last = time.monotonic()

    @classmethod
    def busy(cls) -> bool:
        return cls.waiting > 0 or time.monotonic() - cls.last < _QUIET_SECONDS


def shut_down_on_sigterm(demo: gr.Blocks, folder: Path) -> None:
    """On SIGTERM, end the app that was launched: with 0 when all are answered, else, in time, as the signal would, its
    folder of files deleted.

    A second signal ends it at once.
    """

    def leave(number: int, frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        Traffic.closing = True
        end = time.monotonic() + LEAVING_SECONDS
        while Traffic.busy() and time.monotonic() < end:
            time.sleep(0.05)
        unanswered = Traffic.waiting
        demo.close(verbose=False)
        if unanswered:
            shutil.rmtree(folder, ignore_errors=True)
            os._exit(128 + number)  # a thread that computes would keep the process

    signal.signal(signal.SIGTERM, leave)
