"""What the server refuses whoever asks, and the headers that tell a browser to be careful with its answers."""

import asyncio
import errno
import time

import gradio as gr
from gradio import processing_utils
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demo.server.cleanup import note_written

_MAX_UPLOAD_BYTES = (
    500_000_000  # bytes of a request that uploads files; each file has a limit of its own, `app.MAX_FILE_SIZE`
)
_MAX_BODY_BYTES = 4_000_000  # bytes of any other request
_SILENT_SECONDS = 30  # between two pieces of a request
_BODY_SECONDS = 600  # for all of a request: the largest upload on a slow line
_UPLOAD_PATH = "/gradio_api/upload"
# Gradio would pass on what lies behind an address, and turn a page with its pictures into a video: nobody asked for it.
_REFUSED_PATHS = (
    "/gradio_api/file=http:",
    "/gradio_api/file=https:",
    "/gradio_api/proxy=",
    "/gradio_api/process_recording",
)
_DISK_FULL_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# Gradio's page has scripts inside of it and compiles those of its events. The Hub shows a Space in a frame.
_CONTENT_POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self' https://huggingface.co https://*.huggingface.co",
}
_RESPONSE_HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in _CONTENT_POLICY.items()),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_ENCODED_HEADERS = [(name.lower().encode(), value.encode()) for name, value in _RESPONSE_HEADERS.items()]


class Guard:
    """ASGI middleware: refuses what the page does not need, limits what it takes in, and adds HEADERS."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        begun = False

        async def with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message["headers"] = [*message.get("headers", ()), *_ENCODED_HEADERS]
            await send(message)

        if scope["path"].startswith(_REFUSED_PATHS):
            return await PlainTextResponse("This server does not do that.", 403)(scope, receive, with_headers)
        limit = _MAX_UPLOAD_BYTES if scope["path"].rstrip("/") == _UPLOAD_PATH else _MAX_BODY_BYTES
        try:
            await self.app(scope, _limit_body(receive, limit, scope["path"].rstrip("/") == _UPLOAD_PATH), with_headers)
        except OSError as error:
            if begun or error.errno not in _DISK_FULL_ERRORS:
                raise
            sentence = "The server's disk is full; try again later."
            await PlainTextResponse(sentence, 507)(scope, receive, with_headers)


def _limit_body(receive: Receive, limit: int, is_upload: bool) -> Receive:
    """`receive` until more than `limit` bytes have come, whatever the request said of its length, or too slowly."""
    taken, is_whole, end = 0, False, time.monotonic() + _BODY_SECONDS

    async def receive_some() -> Message:
        nonlocal taken, is_whole
        if is_whole:
            return await receive()  # which tells when the client goes
        try:
            message = await asyncio.wait_for(receive(), max(min(_SILENT_SECONDS, end - time.monotonic()), 0))
        except TimeoutError:
            raise HTTPException(408, "This request came too slowly; send it again.") from None
        size = len(message.get("body", b""))
        taken, is_whole = taken + size, not message.get("more_body", False)
        if taken > limit:
            raise HTTPException(413, f"This request is larger than {limit / 1e6:.0f} MB; send less at once.")
        if is_upload:
            note_written(size)
        return message

    return receive_some


def refuse_addresses() -> None:
    """Pictures are uploaded: where a program sends an address instead, Gradio is not to fetch it.

    It would refuse most private addresses but not all of them (100.64.0.0/10), and has no limit for what it fetches.
    """

    async def refused(url: str) -> None:
        raise gr.Error("Addresses are not fetched here; upload the picture itself.", print_exception=False)

    processing_utils.async_ssrf_protected_get = refused
