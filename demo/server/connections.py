"""Connections that say nothing end after a while, and one address has no more of them than a limit."""

import asyncio
from collections import Counter

import gradio as gr

from demo.server.fair_queue import is_public

SILENT_SECONDS = 20  # until the head of a request has come
MAX_CONNECTIONS = 800  # in all: a process of most systems may have 1024 files open
MAX_CONNECTIONS_EACH = 100  # of one public address; behind a proxy or on one machine all share an address
_open: Counter[str] = Counter()  # connections by address


def limit_connections(demo: gr.Blocks) -> None:
    """Limit those of an app that was launched. uvicorn, which serves it, limits neither by itself."""
    config = demo.server.config
    config.limit_concurrency = MAX_CONNECTIONS
    config.http_protocol_class = _make_impatient(config.http_protocol_class)


def _make_impatient(protocol: type[asyncio.Protocol]) -> type[asyncio.Protocol]:
    """A protocol of uvicorn's with limits."""

    class ImpatientProtocol(protocol):
        timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            self.address = (transport.get_extra_info("peername") or ("",))[0]
            _open[self.address] += 1
            if is_public(self.address) and _open[self.address] > MAX_CONNECTIONS_EACH:
                transport.close()
            self._wait_for_head()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._wait_for_head()

        def connection_lost(self, error: Exception | None) -> None:
            super().connection_lost(error)
            _open[self.address] -= 1
            if not _open[self.address]:
                del _open[self.address]
            if self.timer:
                self.timer.cancel()

        def _wait_for_head(self) -> None:
            if self.timer is None and self._is_without_request():
                self.timer = self.loop.call_later(SILENT_SECONDS, self._end_if_silent)

        def _end_if_silent(self) -> None:
            self.timer = None
            if self._is_without_request():
                self.transport.close()

        def _is_without_request(self) -> bool:
            return self.cycle is None or self.cycle.response_complete

    return ImpatientProtocol
