"""Calls to the Hugging Face Hub that end in time, and one sentence for everything that can go wrong with it."""

import ctypes
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import httpx2
from huggingface_hub.errors import (
    EntryNotFoundError,
    FileMetadataError,
    GatedRepoError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

_Answer = TypeVar("_Answer")


class HubError(OSError):
    """Something that the Hub did not give or take; the message is one sentence for the person who asked for it."""


def call_hub(what: str, seconds: float | None, work: Callable[[], _Answer]) -> _Answer:
    """Return what `work` returns, which asks the Hub and has so many seconds for it; None: as many as it takes.

    It runs in a thread of its own that is told to end when its time is over, because the client by itself can try again
    for minutes, or wait for ever: it ends with the next bytes that come, or when the client's own patience does. Where
    it fails or takes too long, HubError is raised: `what` could not be done, why, what to do. That error does not point
    to the client's own, which a traceback would show: it may hold the token.
    """
    result: Future[_Answer] = Future()

    def run() -> None:
        try:
            result.set_result(work())
        except BaseException as error:
            result.set_exception(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        return result.result(seconds)
    except HubError:
        raise
    except Exception as error:
        _end_thread(thread)
        raise HubError(f"{what}: {explain_error(error)}") from None


def _end_thread(thread: threading.Thread) -> None:
    """Let it end where it is: what it downloads would never be used. Nothing happens to one that has ended."""
    if thread.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit))


def explain_error(error: BaseException) -> str:
    """Half a sentence, without the addresses, request ids and headers that the client's own messages carry."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, LocalEntryNotFoundError) and error.__cause__:
        return explain_error(error.__cause__)  # why the Hub did not answer
    for kinds, text in _ERROR_REASONS:
        if isinstance(error, kinds):
            return text
    if status is not None:
        return _STATUS_REASONS.get(status, f"the Hub answered with status {status}; try again later.")
    if isinstance(error, OSError) and error.errno:
        return f"{os.strerror(error.errno)}; make room or choose another cache with HF_HOME."
    if str(error).startswith("Invalid metadata in README.md"):
        return f"the Hub says: {' '.join(str(error).split())}"
    if isinstance(error, OSError) and not isinstance(error, FileMetadataError):
        return _BROKEN_OFF_REASON  # a file is not as long as it should be
    return "the answer is not one of the Hub's; check HF_ENDPOINT and whether the network wants a login."


_BROKEN_OFF_REASON = "the connection broke off; try again."
_ERROR_REASONS = (
    (OfflineModeIsEnabled, "HF_HUB_OFFLINE is set; unset it to use the network."),
    (GatedRepoError, "it asks for consent; accept its terms on its page and log in with `hf auth login`."),
    (
        RepositoryNotFoundError,
        "there is no such repository or it is private; check the name or log in (`hf auth login`).",
    ),
    (RevisionNotFoundError, "it has no such revision; check the branch, tag or commit."),
    (LocalEntryNotFoundError, "the cache holds no copy; try again with the network."),
    (EntryNotFoundError, "it lacks a file of a variant; check the name."),
    ((TimeoutError, httpx2.TimeoutException), "the Hub does not answer in time; try again later."),
    (
        (UnicodeEncodeError, httpx2.LocalProtocolError),
        "the token holds characters that no token has; log in again with `hf auth login`.",
    ),
    ((httpx2.ReadError, httpx2.RemoteProtocolError), _BROKEN_OFF_REASON),
    ((httpx2.TransportError, ConnectionError), "the Hub cannot be reached; try again when the network is back."),
)
_STATUS_REASONS = {
    401: "the Hub does not know who asks; log in with `hf auth login`.",
    403: "the Hub does not allow it; use a token that may do this (`hf auth login`).",
    409: "somebody else changed it meanwhile; try again.",
    412: "somebody else changed it meanwhile; try again.",
    429: "the Hub asks to wait after too many requests; try again in some minutes.",
}
