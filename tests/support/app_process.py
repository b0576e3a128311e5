"""The app as a process that can be changed before it starts, killed, and started again where it was."""

import contextlib
import json
import os
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from gradio_client import Client

from demo.server.cleanup import OWN_NAMES
from tests.support.browser import wait_for
from tests.support.forks import APP, ForkedProcess
from tests.support.waiting import PATIENCE_SECONDS

# The app, after something about it or its machine was changed. Some modules of Gradio, which are older than this
# process, have read the variable when they were imported.
COMMAND = """
import os, sys
sys.argv[0] = "app.py"
import app, demo.job, demo.server.guard, demo.server.shutdown, gradio.mcp, gradio_client.client, torch
for module in (gradio.mcp, gradio.route_utils, gradio.screen_recording_utils, gradio_client.client):
    module.DEFAULT_TEMP_DIR = os.environ["GRADIO_TEMP_DIR"]
{}
app.main()
"""


class Started:
    """An app as a process. It can be started again where it was: the same port, the same folder of files."""

    def __init__(
        self,
        folder: Path,
        change: str = "",
        *options: str,
        variables: Mapping[str, str] = {},
        modules: tuple[str, ...] = APP,
    ) -> None:
        self.folder, self.change, self.log, self.files = folder, change, folder / "app.log", folder / "files"
        self.options, self.modules = options, modules
        self.environment = os.environ | variables | {"GRADIO_TEMP_DIR": str(self.files), "OMP_NUM_THREADS": "1"}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = ["-c", COMMAND.format(self.change), "--port", self.port, *self.options]
        self.process = ForkedProcess(command, self.environment, self.modules, self.log)
        wait_for(self.url, self.process, self.log)

    def client(self) -> Client:
        return Client(self.url, verbose=False, download_files=self.folder / "downloads")

    def stored(self) -> list[Path]:
        """Files of visitors. (`os.walk` goes on where a folder is deleted meanwhile, `rglob` does not.)"""
        files = [Path(folder, name) for folder, _, names in os.walk(self.files) for name in names]
        return [file for file in files if file.relative_to(self.files).parts[1] not in OWN_NAMES]


@contextlib.contextmanager
def started(folder: Path, change: str = "", *options: str, **settings) -> Iterator[Started]:
    app = Started(folder, change, *options, **settings)
    try:
        yield app
    finally:
        app.process.kill()
        app.process.wait()


def upload(url: str, *contents: bytes) -> list[str]:
    """Send files; gives their paths on the server."""
    part = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n%s\r\n'
    body = b"".join(part % content for content in contents) + b"--b--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    with urllib.request.urlopen(urllib.request.Request(f"{url}/gradio_api/upload", body, kind)) as answer:
        return json.loads(answer.read())


def status_of(url: str, **request) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, **request), timeout=PATIENCE_SECONDS) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
