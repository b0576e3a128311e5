"""Scripts in the head of the page that run before Gradio's, which put what Gradio calls `head` there too late."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demo.static import SCRIPTS

_HEAD_TAG = b"<head>"


class Head:
    """ASGI middleware: adds the page's own scripts to its HTML."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] != "/":
            return await self.app(scope, receive, send)
        start: Message | None = None
        body = b""

        async def with_scripts(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body") or start is None:
                return
            page = body.replace(_HEAD_TAG, _HEAD_TAG + SCRIPTS.encode(), 1)
            headers = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
            await send(start | {"headers": [*headers, (b"content-length", str(len(page)).encode())]})
            await send({"type": "http.response.body", "body": page})

        return await self.app(scope, receive, with_scripts)
