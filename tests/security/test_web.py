"""The app against strangers: the server's files, addresses behind it, sizes, headers, and names that are HTML."""

import asyncio
import http.client
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, urlsplit

import pytest
import skimage.data
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from PIL import ExifTags, Image
from playwright.sync_api import expect

from srcnn.imaging.picture import Picture
from tests.support.browser import DESKTOP, choose, open_tab
from tests.support.project import PROJECT

PICTURE = PROJECT / "docs" / "compare-phone.png"  # of the server; a visitor could use it if it were opened
KIND = {"_type": "gradio.FileData"}
JSON = {"Content-Type": "application/json"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}
ATTACK = "<img src=x onerror=hacked=1>"


def ask(app: str, path: str, body: bytes | None = None, headers: dict | None = None) -> tuple[int, str, dict]:
    """Status, content and headers of an answer; the path goes out as it is, dots and all."""
    connection = http.client.HTTPConnection(urlsplit(app).netloc, timeout=120)
    connection.request("GET" if body is None else "POST", path, body, headers or {})
    answer = connection.getresponse()
    content = answer.read().decode("latin-1")
    connection.close()
    return answer.status, content, dict(answer.getheaders())


def upload(app: str, content: bytes, name: str = "a.png") -> tuple[int, str, dict]:
    head = f'--b\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    return ask(app, "/gradio_api/upload", head.encode() + content + b"\r\n--b--\r\n", MULTIPART)


def outcome(app: str, endpoint: str, file: object) -> str:
    """The events of a call with this as its picture."""
    body = json.dumps({"data": [file, 3, "mse", False, "9-1-5"]}).encode()
    status, content, _ = ask(app, f"/gradio_api/call/{endpoint}", body, JSON)
    assert status == 200, content
    return ask(app, f"/gradio_api/call/{endpoint}/{json.loads(content)['event_id']}")[1]


@pytest.fixture(scope="module")
def uploaded(app) -> str:
    """The path of a visitor's picture on the server."""
    return json.loads(upload(app, PICTURE.read_bytes())[1])[0]


def test_only_what_visitors_sent_can_be_read(app, uploaded):
    assert ask(app, f"/gradio_api/file={uploaded}")[0] == 200
    above = "/".join([".."] * 30)
    secrets = ["/etc/passwd", str(PROJECT / "app.py"), str(PROJECT / "weights" / "srcnn-x3-mse" / "config.json")]
    secrets += [f"/proc/self/{name}" for name in ("cwd/app.py", "root/etc/passwd", "environ")]  # links that are there
    paths = [f"/gradio_api/{way}{secret}" for secret in secrets for way in ("file=", "file/", "file=/", "file=file://")]
    paths += ["/gradio_api/file=app.py", "/gradio_api/file=weights/srcnn-x3-mse/config.json", "/app.py", "/demo/job.py"]
    for secret in secrets:
        for base in (f"/gradio_api/file={uploaded}", "/static", "/assets", "/svelte", "/gradio_api/file=docs"):
            climbing = f"{above}{secret}"
            dots = climbing.replace("..", "%2e%2e")
            paths += [f"{base}/{way}" for way in (climbing, dots, quote(climbing, safe=""), dots.replace("%", "%25"))]
    found = {path: ask(app, path) for path in paths}
    assert {status for status, *_ in found.values()} <= {400, 403, 404, 500}, [
        path for path, (status, *_) in found.items() if status < 400
    ]
    assert not any("root:" in content or "SRCNN" in content for _, content, _ in found.values())


@pytest.mark.parametrize("endpoint", ["compare", "enlarge"])
def test_no_picture_of_the_server_can_be_named(app, uploaded, endpoint):
    assert "event: complete" in outcome(app, endpoint, {"path": uploaded, "meta": KIND})
    path = str(PICTURE)
    for file in (
        {"path": path, "meta": KIND},
        {"path": path, "meta": KIND, "is_stream": True},
        {"path": path, "meta": KIND, "url": f"/gradio_api/file={uploaded}", "orig_name": "a.png"},
        {"path": f"{uploaded}/../../../../../../../../../..{path}", "meta": KIND},
        {"path": path, "url": path},
        {"path": f"file://{path}", "meta": KIND, "is_stream": True},
        {"path": "docs/compare-phone.png", "meta": KIND},
        path,
        [{"path": path, "meta": KIND}],
    ):
        assert outcome(app, endpoint, file).startswith("event: error"), file


def test_no_event_of_the_page_takes_a_picture_of_the_server(app):
    """Those too that no program is told of, by their numbers: whatever takes pictures, or requests that name some."""
    config = json.loads(ask(app, "/config")[1])
    widgets = {component["id"]: component for component in config["components"]}
    file = {"path": str(PICTURE), "url": str(PICTURE)}
    choice = json.dumps(["a.png", str(PICTURE), 3, "mse", False, "9-1-5", "en"])
    settings = {"scale": 3, "loss": "mse", "ensemble": False, "network": "9-1-5"}
    requests = {"textbox": [{"choice": choice}, {"pictures": [str(PICTURE)], **settings}], "image": [{}], "file": [{}]}
    tried = 0
    for event in config["dependencies"]:
        inputs = [widgets[number] for number in event["inputs"]]
        kinds = {widget["type"] for widget in inputs} & requests.keys()
        for request in requests[min(kinds)] if event["backend_fn"] and kinds else []:
            sent = {"image": file, "file": [file], "textbox": json.dumps(request)}
            data = [sent.get(each["type"], each["props"].get("value")) for each in inputs]
            session = f"session{event['id']}-{tried}"
            body = json.dumps({"data": data, "fn_index": event["id"], "session_hash": session}).encode()
            status, content, _ = ask(app, "/gradio_api/queue/join", body, JSON)
            assert status == 200, content
            events = ask(app, f"/gradio_api/queue/data?session_hash={session}")[1]
            assert "gradio_api/file=" not in events, event
            assert "<img" not in events, event
            tried += 1
    assert tried >= 8


@pytest.fixture
def neighbour():
    """A server on this machine that gives a picture to whoever asks, and the list of what it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(PICTURE.read_bytes())

        def log_message(self, *args) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_no_address_is_fetched(app, neighbour):
    url, asked = neighbour
    assert ask(url, "/itself")[0] == 200
    port = url.rpartition(":")[2]
    hosts = ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]", "2130706433", "127.1"]  # noqa: S104
    addresses = [f"http://{host}:{port}/a.png" for host in hosts]
    # of a cloud's own services; and one that Gradio takes for public
    addresses += ["http://169.254.169.254/latest", "http://100.100.100.200/latest", "https://huggingface.co/a.png"]
    for address in addresses:
        assert "Addresses are not fetched here" in outcome(app, "compare", {"path": address, "meta": KIND})
        for trick in ({"path": address, "is_stream": True}, {"path": "a.png", "url": address}, {"url": address}):
            assert outcome(app, "enlarge", trick | {"meta": KIND}).startswith("event: error")
        for way in ("file=", "file/", "proxy="):
            assert ask(app, f"/gradio_api/{way}{address}")[0] in (403, 404), (way, address)
    assert asked == ["/itself"]


def test_an_agent_cannot_make_it_fetch_an_address_either(app, neighbour):
    url, asked = neighbour

    async def call() -> str:
        async with (
            streamable_http_client(f"{app}/gradio_api/mcp/") as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            answer = await session.call_tool("compare", {"file": f"{url}/a.png", "scale": 3, "loss": "mse"})
            return answer.content[0].text

    with ThreadPoolExecutor() as pool:  # Playwright has an event loop in this thread
        assert "Addresses are not fetched here" in pool.submit(lambda: asyncio.run(call())).result()
    assert asked == []


def test_what_is_too_large_is_refused(app):
    assert upload(app, bytes(53_000_000))[0] == 413
    message = json.dumps({"data": ["a" * 5_000_000]}).encode()
    for path in ("/gradio_api/call/compare", "/gradio_api/queue/join", "/gradio_api/run/predict"):
        assert turned_away(app, path, message, JSON)
        pieces = (message[start : start + 100_000] for start in range(0, len(message), 100_000))  # of no stated length
        assert turned_away(app, path, pieces, JSON | {"Transfer-Encoding": "chunked"})
    assert ask(app, "/")[0] == 200


def turned_away(app: str, path: str, body: object, headers: dict) -> bool:
    """Whether the answer is that it is too much, which may come before all is sent: then the line is cut."""
    try:
        return ask(app, path, body, headers)[0] == 413
    except ConnectionError:
        return True


def test_every_answer_tells_the_browser_to_be_careful(app, uploaded):
    file = f"/gradio_api/file={uploaded}"
    for path in ("/", "/config", "/theme.css", file, "/gradio_api/file=/etc/passwd", "/nothing"):
        headers = {name.lower(): value for name, value in ask(app, path)[2].items()}
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'self'"
        assert policy["object-src"] == "'none'"
        assert "http" not in policy["script-src"]
        assert "https://huggingface.co" in policy["frame-ancestors"]  # which shows the Space


def test_a_picture_that_is_html_is_not_shown_as_html(app):
    _, path, _ = upload(app, b"<script>hacked=1</script>", "a.html")
    headers = ask(app, f"/gradio_api/file={json.loads(path)[0]}")[2]
    assert headers["content-disposition"].startswith("attachment")
    assert headers["content-type"] == "application/octet-stream"


def test_nothing_that_a_visitor_says_becomes_html(open_page, tmp_path):
    """Names of files, good and bad ones, EXIF, and every part of the page's address."""
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = exif[ExifTags.Base.Artist] = ATTACK
    picture, broken = tmp_path / f"{ATTACK}.jpg", tmp_path / f"b'\"{ATTACK}.png"
    Image.fromarray(skimage.data.astronaut()[:60, :80]).save(picture, exif=exif)
    Picture(skimage.data.astronaut()[:50, :70]).save(tmp_path / "'\"><svg onload=hacked=1>.png")
    broken.write_text(ATTACK)
    names = ("picture", "scale", "loss", "network", "ensemble", "__theme", "view", "deep_link")
    page = open_page(DESKTOP, "/?" + "&".join(f"{name}={quote(ATTACK)}" for name in names))
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))

    def unharmed() -> None:
        assert page.evaluate("typeof hacked") == "undefined"
        assert page.locator("[onerror], [onload]").count() == 0

    open_tab(page, "Compare")
    unharmed()
    choose(page, broken)
    expect(page.get_by_role("alert")).to_be_visible()
    choose(page, picture)
    expect(page.get_by_text("78 × 60 pixels in")).to_be_visible()
    unharmed()
    page.get_by_role("tab", name="Enlarge").click()
    choose(page, *tmp_path.iterdir())
    page.get_by_role("button", name="Enlarge", exact=True).click()
    expect(page.get_by_text("2 pictures are enlarged.")).to_be_visible()
    expect(page.locator("[role=tabpanel]:visible").get_by_label("Picture on the slider")).to_be_visible()
    unharmed()
