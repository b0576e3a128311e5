"""The page without a server: built as its documents say, and served as any host of static files does it."""

import contextlib
import functools
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.project import PROJECT

SOURCE = PROJECT / "browser"


def build_page(folder: Path) -> Path:
    """`npm ci && npm run build` in a copy of `browser/`; gives the folder that a host serves."""
    npm = shutil.which("npm")
    if not npm:
        pytest.skip("needs npm, which comes with Node.js 20 or later")
    copy = folder / "browser"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("node_modules", "dist"))
    # make_data.py looks for the package beside `browser/`
    for name in ("srcnn", "weights"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.png"))
    environment = os.environ | {"PYTHON": sys.executable}
    for command in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
        done = subprocess.run([npm, *command], cwd=copy, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return copy / "dist"


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_) -> None:
        pass


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder, as long as the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_QuietHandler, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
