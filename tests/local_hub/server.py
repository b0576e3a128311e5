"""A stand-in for the Hugging Face Hub on this machine: real HTTP for the real client, and faults on command.

    with LocalHub() as hub:
        subprocess.run(command, env=os.environ | hub.environment | {"HF_TOKEN": WRITE_TOKEN})

By hand, in the project's folder: python -m tests.local_hub --folder hub
"""

import argparse
import contextlib
import signal
import socket
import struct
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

from tests.local_hub.api import Call, Reply, Routes, answer, as_json
from tests.local_hub.files import file_routes
from tests.local_hub.push import push_routes
from tests.local_hub.repositories import repository_routes
from tests.local_hub.store import Store

ROUTES = Routes(repository_routes + push_routes + file_routes)
FAULTS = ("slow", "cut off", "corrupt", "status", "refused")
USER, WRITE_TOKEN, READ_TOKEN = "me", "hf_write", "hf_read"


class Request(NamedTuple):
    """What a test can count. Tokens are left out."""

    method: str
    path: str  # with the query
    headers: dict[str, str]  # names in lower case


@dataclass
class Fault:
    part: str
    kind: str
    times: int | None
    seconds: float | None
    status: int


class LocalHub:
    """A Hub at `url` while it runs. Without a folder, its repositories live as long as the object.

    `tokens` says whose each token is and what it may do: {"hf_write": ("me", "write")}.
    """

    def __init__(self, tokens: dict[str, tuple[str, str]] | None = None, folder: Path | None = None, port: int = 0):
        self.tokens = tokens or {WRITE_TOKEN: (USER, "write"), READ_TOKEN: (USER, "read")}
        self.store = Store(folder)
        self.port = port
        self.requests: list[Request] = []
        self.lock = threading.RLock()  # over `store` and the faults
        self.ended = threading.Condition(self.lock)  # told when faults end, or the Hub does
        self.stopping = threading.Event()
        self._faults: list[Fault] = []
        self._server: Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What the client must find in its environment before it is imported. The token is the caller's to add."""
        own = {"HF_ENDPOINT": self.url, "HF_HUB_DISABLE_XET": "1", "HF_HUB_OFFLINE": "0"}
        return own | {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}

    def start(self) -> Self:
        """Listen, on the same port as before if it ran before."""
        self.stopping.clear()
        self._server = Server(("127.0.0.1", self.port), self)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        """End at once, in the middle of answers too. From here on connections are refused."""
        with self.ended:
            self.stopping.set()
            self.ended.notify_all()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server.end_connections()
        self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.stop()

    def fault(
        self, part: str, kind: str, *, times: int | None = None, seconds: float | None = None, status: int = 500
    ) -> None:
        """Answer badly where `part` is in "METHOD /path?query", `times` times or until `heal`.

        "slow": the answer comes after `seconds`, without them not before `heal`. "cut off": half of the body, then the
        connection ends. "corrupt": a body of the right length with wrong bytes. "status": this error instead of the
        answer, and nothing is done. "refused": the connection ends without an answer, and nothing is done (`stop`
        refuses connections themselves). Of an answer without a body, "cut off" and "corrupt" wait for the next one that
        has a body.
        """
        if kind not in FAULTS:
            raise ValueError(f"no fault {kind!r}, only {', '.join(FAULTS)}")
        with self.lock:
            self._faults.append(Fault(part, kind, times, seconds, status))

    def heal(self) -> None:
        """End all faults; who waits for a slow answer gets it."""
        with self.ended:
            self._faults.clear()
            self.ended.notify_all()

    def wait_out(self, fault: Fault) -> bool:
        """Wait as long as a slow answer takes, at most until the Hub is healed; False where it stops."""
        with self.ended:
            self.ended.wait_for(
                lambda: self.stopping.is_set() or not any(each is fault for each in self._faults), fault.seconds
            )
        return not self.stopping.is_set()

    def take_fault(self, line: str, kinds: tuple[str, ...]) -> Fault | None:
        """The first fault of these kinds for "METHOD /path?query", counted as used."""
        with self.lock:
            for fault in self._faults:
                if fault.kind in kinds and fault.part in line and fault.times != 0:
                    fault.times = fault.times and fault.times - 1
                    return fault
        return None

    def answer(self, call: Call) -> Reply:
        with self.lock:
            return answer(ROUTES, self.store, self.tokens, call)


class Server(ThreadingHTTPServer):
    """Knows its open connections, to end them: a client keeps one open for its next request."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], hub: LocalHub):
        self.hub = hub
        self.connections: set[socket.socket] = set()
        super().__init__(address, Handler)

    def process_request(self, request: socket.socket, client_address: object) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        for connection in self.connections.copy():
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: socket.socket, client_address: object) -> None:
        """A client that went away is no error of the Hub."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection: reads requests, sends answers, or does the faults that the test wants."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def handle_request(self) -> None:
        hub, line = self.server.hub, f"{self.command} {self.path}"
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        shown = headers | ({"authorization": "Bearer ..."} if "authorization" in headers else {})
        hub.requests.append(Request(self.command, self.path, shown))
        fault = hub.take_fault(line, ("slow", "status", "refused"))
        if fault and fault.kind == "refused":
            self.hang_up()
        elif fault and fault.kind == "status":
            self.send(as_json({"error": "A fault that the test asked for"}, fault.status))
        elif fault and not hub.wait_out(fault):
            self.hang_up()
        else:
            address = urlsplit(self.path)
            self.send(self.reply(Call(self.command, address.path, parse_qs(address.query), headers, body)))

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_request

    def reply(self, call: Call) -> Reply:
        try:
            return self.server.hub.answer(call)
        except Exception:
            traceback.print_exc()
            return as_json({"error": "The local Hub failed: see its messages"}, 500)

    def send(self, reply: Reply) -> None:
        """Send an answer, spoilt if it has a body and there is a fault for it."""
        body = reply.body
        has_body = body and self.command != "HEAD" and reply.status < 300
        line = f"{self.command} {self.path}"
        fault = self.server.hub.take_fault(line, ("cut off", "corrupt")) if has_body else None
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault and fault.kind == "cut off":
            body, self.close_connection = body[: len(body) // 2], True
        elif fault:
            middle = len(body) // 2
            body = body[:middle] + bytes([body[middle] ^ 0xFF]) + body[middle + 1 :]
        if self.command != "HEAD":
            self.wfile.write(body)

    def hang_up(self) -> None:
        """Reset the connection, as a machine does that wants no more of it."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, *arguments: object) -> None:
        """Say nothing: paths and headers are in `requests`."""


def main() -> None:
    parser = argparse.ArgumentParser(description="A local stand-in for the Hugging Face Hub, to try push and pull.")
    parser.add_argument("--port", type=int, default=7999)
    parser.add_argument("--folder", type=Path, help="keep the repositories here (default: forget them)")
    parser.add_argument("--token", default=WRITE_TOKEN, help=f"may write as the user {USER!r} (default: %(default)s)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with LocalHub({options.token: (USER, "write")}, options.folder, options.port) as hub:
        print(f"The local Hub runs at {hub.url}; end it with Ctrl+C. For a client, in another shell:\n")
        print(f"export HF_ENDPOINT={hub.url}\nexport HF_HUB_DISABLE_XET=1\n")
        print(f"To write, as the user {USER!r}, give the client the token of --token, as HF_TOKEN.", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)
