"""The app as a process and a real Chromium in front of it."""

import contextlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Playwright

from tests.hub_commands import PROJECT

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]


@contextlib.contextmanager
def running_app(folder: Path, environment: dict[str, str], *options: object, project: Path = PROJECT) -> Iterator[str]:
    """Start `python app.py` on a free port, give its address, and stop it in the end. Its log is in `folder`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with (folder / "app.log").open("w") as log:
        command = [sys.executable, "app.py", "--port", str(port), *map(str, options)]
        process = subprocess.Popen(command, cwd=project, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_for(url, process, folder / "app.log")
            yield url
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(OSError), urllib.request.urlopen(url):
            return
        time.sleep(0.2)
    raise TimeoutError(log.read_text())


def start_chromium(playwright: Playwright) -> Browser:
    """The Chromium on the PATH; where there is none, Playwright's own, fetched now."""
    installed = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not installed:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)
    return playwright.chromium.launch(executable_path=installed, args=ARGUMENTS)
