"""What one visitor can take from the others: turns, waiting jobs, connections, room on the disk, copies."""

import asyncio
import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
import pytest
import skimage.data
import uvicorn
from gradio.queueing import Event, EventQueue
from gradio.server_messages import HeartbeatMessage
from PIL import Image
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from uvicorn.server import ServerState

from demo.answers import KeptAnswers
from demo.server import connections, fair_queue, guard
from demo.server.cleanup import Sweeper
from demo.server.fair_queue import WAITING_EACH, FairQueue, listeners
from demo.server.folder import claim_folder
from demo.server.guard import Guard
from demo.texts.words import WORDS
from tests.support.app_process import Started, started, status_of, upload
from tests.support.event_loops import run_apart
from tests.support.waiting import wait_until

JSON = {"Content-Type": "application/json"}
LIMITS = """
import demo.server.connections
demo.server.connections.SILENT_SECONDS, demo.server.guard._SILENT_SECONDS = 2, 2
demo.server.connections.MAX_CONNECTIONS = 60
app.MAX_WAITING, demo.job.JOB_SECONDS = 8, 20
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Iterator[Started]:
    with started(tmp_path_factory.mktemp("limited"), LIMITS) as app:
        yield app


def job_of(app: Started, pixels: np.ndarray, *settings: object) -> bytes:
    path = app.folder / "sent.png"
    Image.fromarray(pixels).save(path)
    file = {"path": upload(app.url, path.read_bytes())[0], "meta": {"_type": "gradio.FileData"}}
    return json.dumps({"data": [file, *settings]}).encode()


def test_jobs_that_nobody_listens_to_make_room_and_are_dropped(app):
    """One client fills the queue and goes; another one's job is taken, and answered before those."""
    endless = job_of(app, np.tile(skimage.data.astronaut(), (4, 4, 1)), 3, "mse", True, "9-1-5")
    small = job_of(app, skimage.data.astronaut()[:60, :80], 3, "mse", False, "9-1-5")
    url = f"{app.url}/gradio_api/call/compare"
    assert {status_of(url, data=endless, headers=JSON) for _ in range(12)} == {200}
    with ThreadPoolExecutor() as pool:
        answered = pool.submit(lambda: app.client().predict(*json.loads(small)["data"], api_name="/compare"))
        assert answered.result(timeout=120)[3]["scale"] == 3
    assert "Traceback" not in app.log.read_text()


def test_nothing_is_computed_beside_the_queue(app):
    for path in ("run/compare", "run/enlarge", "api/compare"):
        assert status_of(f"{app.url}/gradio_api/{path}", data=b'{"data": []}', headers=JSON) in (404, 422), path
    assert {status_of(f"{app.url}/monitoring{each}") for each in ("", "/summary", "/key")} == {403}


@pytest.mark.parametrize(
    "said", [b"", b"GET / HT", b"POST /gradio_api/upload HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1"]
)
def test_a_connection_that_says_no_more_is_ended(app, said):
    with socket.create_connection(("127.0.0.1", app.port), timeout=60) as connection:
        connection.sendall(said)
        while connection.recv(4096):
            pass


def test_the_app_takes_so_many_connections_in_all(app):
    def is_refused() -> bool:
        """They are opened anew each time, because each of them is ended after a while."""
        with contextlib.ExitStack() as opened:
            for _ in range(60):
                opened.enter_context(socket.create_connection(("127.0.0.1", app.port)))
            return status_of(f"{app.url}/theme.css") == 503

    wait_until(is_refused, "a connection more is refused")
    wait_until(lambda: status_of(f"{app.url}/theme.css") == 200, "there is room again")


class OpenedConnection(asyncio.Transport):
    """What a server sees of a connection from an address."""

    is_closed = False

    def __init__(self, address: str) -> None:
        super().__init__({"peername": (address, 1)})

    def close(self) -> None:
        self.is_closed = True


async def open_connections(address: str, count: int) -> list[bool]:
    """Which of them are closed at once."""
    config = uvicorn.Config(PlainTextResponse("", 200))
    config.load()
    app = SimpleNamespace(server=SimpleNamespace(config=config))
    connections.limit_connections(app)
    opened = [OpenedConnection(address) for _ in range(count)]
    served = [config.http_protocol_class(config, ServerState(), {}) for _ in opened]
    for protocol, transport in zip(served, opened, strict=True):
        protocol.connection_made(transport)
    closed = [transport.is_closed for transport in opened]
    for protocol in served:
        protocol.connection_lost(None)
    return closed


def test_one_public_address_has_so_many_connections():
    for _ in range(2):  # those that were closed do not count
        assert run_apart(open_connections("8.8.8.8", 102)) == [False] * 100 + [True] * 2
    assert not any(run_apart(open_connections("10.0.0.1", 102))), "many people may be behind a proxy"


def test_a_request_that_comes_in_drops_is_ended(monkeypatch):
    monkeypatch.setattr(guard, "_BODY_SECONDS", 0.2)

    async def receive() -> dict:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"1", "more_body": True}

    async def read_on(scope: dict, receive, send) -> None:
        while True:
            await receive()

    with pytest.raises(HTTPException) as ended:
        run_apart(Guard(read_on)({"type": "http", "path": "/gradio_api/upload"}, receive, None))
    assert ended.value.status_code == 408


def test_so_many_answers_are_kept_in_memory_as_their_pictures_are_stored(tmp_path):
    kept, sizes = KeptAnswers(100), {"a": 60, "b": 40, "c": 10, "d": 500}
    for name in sizes:
        (tmp_path / name).write_bytes(b"")

    def keep(name: str) -> set[str]:
        """The names of those that are kept then."""
        kept.keep(("", str(tmp_path / name)), SimpleNamespace(size=sizes[name]))
        return {each for each in sizes if kept.find(("", str(tmp_path / each)))}

    assert keep("a") == {"a"}
    assert keep("b") == {"a", "b"}
    assert keep("c") == {"b", "c"}, "the oldest goes"
    (tmp_path / "b").unlink()
    assert keep("a") == {"a", "c"}
    assert keep("d") == {"d"}, "the last one is kept, whatever its size"


def made_queue(events: list[Event], monkeypatch) -> FairQueue:
    queue = FairQueue(False, 1, 1, None, None, 1)
    queue.event_queue_per_concurrency_id["inference"] = EventQueue("inference", 1)
    queue.event_queue_per_concurrency_id["inference"].queue = events
    monkeypatch.setattr(fair_queue, "listeners", listeners.copy())
    for event in events:
        fair_queue.listeners[event.session_hash] += 1
    return queue


def event_of(session: str, address: str) -> Event:
    request = SimpleNamespace(headers={}, client=SimpleNamespace(host=address))
    return Event(session, SimpleNamespace(concurrency_id="inference"), request, None)


def test_turns_go_round_by_address_then_by_session(monkeypatch):
    sent = [*["a"] * 3, "b", *["c"] * 2, "d"]
    addresses = {"a": "8.8.8.8", "b": "8.8.8.8", "c": "9.9.9.9", "d": "10.0.0.1"}  # the last one's is not known
    queue = made_queue([event_of(session, addresses[session]) for session in sent], monkeypatch)
    served = [queue.get_events()[0][0].session_hash for _ in sent]
    assert served == ["a", "c", "d", "b", "c", "a", "a"]
    assert queue.get_events() is None


def test_an_answer_is_kept_whose_sessions_line_has_just_been_closed(monkeypatch):
    event = event_of("a", "8.8.8.8")
    queue = made_queue([event], monkeypatch)
    queue.send_message(event, HeartbeatMessage())
    assert isinstance(queue.pending_messages_per_session["a"].get_nowait(), HeartbeatMessage)


def test_a_proxy_is_believed_whom_it_names_last(monkeypatch):
    headers = {"x-forwarded-for": "1.1.1.1, 8.8.4.4, 10.1.1.1"}
    behind = SimpleNamespace(headers=headers, client=SimpleNamespace(host="10.0.0.7"))
    assert fair_queue._find_visitor(behind, "s") == ("8.8.4.4", "s")
    direct = SimpleNamespace(headers=headers, client=SimpleNamespace(host="9.9.9.9"))
    assert fair_queue._find_visitor(direct, "s") == ("9.9.9.9", "s")


def test_one_visitor_has_a_few_waiting_jobs(app):
    """Who listens to all of them: what is too much is refused."""
    endless = job_of(app, np.tile(skimage.data.astronaut(), (4, 4, 1)), 3, "mse", True, "9-1-5")
    number = next(each["id"] for each in app.client().config["dependencies"] if each["api_name"] == "compare")
    body = json.dumps(json.loads(endless) | {"fn_index": number, "session_hash": "greedy"}).encode()
    join = f"{app.url}/gradio_api/queue/join"
    assert status_of(join, data=body, headers=JSON) == 200
    with socket.create_connection(("127.0.0.1", app.port)) as listening:
        listening.sendall(b"GET /gradio_api/queue/data?session_hash=greedy HTTP/1.1\r\nHost: a\r\n\r\n")
        listening.recv(100)
        found = [status_of(join, data=body, headers=JSON) for _ in range(20)]
        with pytest.raises(HTTPError) as refused:
            urlopen(Request(join, body, JSON | {"Cookie": "language=zh-CN"}))
        assert json.loads(refused.value.read())["detail"] == WORDS["queue_full"][1]
    assert found[0] == 200
    assert found[-1] == 503
    assert found.count(200) <= min(WAITING_EACH, 8) + 1
    wait_until(
        lambda: status_of(join, data=body.replace(b"greedy", b"other"), headers=JSON) == 200, "then all are dropped"
    )


def test_what_is_written_is_counted_at_once(tmp_path):
    sweeper = Sweeper(tmp_path, kept=60, most=1000)
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "of the app.png").write_bytes(bytes(5000))
    for number in range(4):
        (tmp_path / f"{number}.png").write_bytes(bytes(400))
        sweeper.note_written(400)
        assert sum(file.stat().st_size for file in tmp_path.glob("*.png")) <= 1000
        time.sleep(0.01)  # so that one is older than the next
    assert [file.name for file in sorted(tmp_path.glob("*.png"))] == ["2.png", "3.png"]
    assert (tmp_path / "examples" / "of the app.png").exists()


@pytest.mark.skipif(os.name == "nt", reason="folders of Windows have no such owner and mode")
def test_the_folder_belongs_to_this_user_and_this_app_alone(tmp_path):
    first, second = claim_folder(tmp_path), claim_folder(tmp_path)
    assert [first.name, second.name] == ["srcnn-demo", "srcnn-demo-2"]
    assert first.stat().st_mode & 0o777 == 0o700
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o777)
    (tmp_path / "of another").mkdir()
    (tmp_path / "of another" / "srcnn-demo").symlink_to(elsewhere)  # as somebody else may have put it there
    assert claim_folder(tmp_path / "of another").name == "srcnn-demo-2"


def test_all_visitors_get_the_same_copy_of_the_weights(app):
    config = app.client().config
    dropdowns = {each["id"] for each in config["components"] if each["type"] == "dropdown"}
    offer = next(
        each["id"]
        for each in config["dependencies"]
        if each["inputs"] and set(each["inputs"]) <= dropdowns and len(each["outputs"]) == 3
    )

    def copies() -> list[Path]:
        return [*app.files.rglob("srcnn-x4-mse.safetensors")]

    for visitor in range(3):
        body = {"data": ["srcnn-x4-mse"], "fn_index": offer, "session_hash": f"visitor{visitor}"}
        assert status_of(f"{app.url}/gradio_api/queue/join", data=json.dumps(body).encode(), headers=JSON) == 200
        assert status_of(f"{app.url}/gradio_api/queue/data?session_hash=visitor{visitor}") == 200
    assert len(copies()) == 1
