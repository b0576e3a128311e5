"""What the page has before Gradio is loaded: its own scripts, which what Gradio calls `head` would get too late, the
style of the footer, and a preview of the first comparison."""

from collections.abc import Callable
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demo.static import HEAD_TAGS
from demo.texts.language import language_of

_HEAD_TAG, _GRADIO_TAG = b"<head>", b"<gradio-app"
_THEME_PARAMETER = "__theme"  # of Gradio; any other says what the page is to show at first


class Head:
    """ASGI middleware: adds what the page has in its head to its HTML, and the preview where the address asks for no
    other comparison.

    preview: from a visitor's language to its HTML.
    """

    def __init__(self, app: ASGIApp, preview: Callable[[str], str]) -> None:
        self.app, self.preview = app, preview

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] != "/":
            return await self.app(scope, receive, send)
        start: Message | None = None
        body = b""

        async def with_additions(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body") or start is None:
                return
            page = body.replace(_HEAD_TAG, _HEAD_TAG + HEAD_TAGS.encode(), 1)
            page = page.replace(_GRADIO_TAG, self._preview_for(scope).encode() + _GRADIO_TAG, 1)
            headers = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
            await send(start | {"headers": [*headers, (b"content-length", str(len(page)).encode())]})
            await send({"type": "http.response.body", "body": page})

        return await self.app(scope, receive, with_additions)

    def _preview_for(self, scope: Scope) -> str:
        asked = parse_qs(scope["query_string"].decode("latin-1")).keys() - {_THEME_PARAMETER}
        return "" if asked else self.preview(language_of(Request(scope)))
