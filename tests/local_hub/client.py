"""The real client of the Hub, in a process of its own, because it reads its settings at import."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

from tests.local_hub.server import WRITE_TOKEN, LocalHub

CARD = "---\nlicense: mit\npipeline_tag: image-to-image\ntags: [super-resolution]\n---\n# A model\n"
NOTES = "Three lines\nof text,\nwith ümlauts.\n".encode()
WEIGHTS = bytes(range(256)) * 800  # 200 kB, so a large file

# Reads one expression per line, answers with one line: its value, or the error that it raised.
WORKER = """
import json, sys
from huggingface_hub import *
api = HfApi()
for line in sys.stdin:
    try:
        answer = {"value": eval(json.loads(line))}
    except Exception as error:
        response = getattr(error, "response", None)
        status = getattr(response, "status_code", None)
        answer = {"error": type(error).__name__, "status": status, "message": str(error)}
    print(json.dumps(answer, default=lambda value: getattr(value, "__dict__", None) or str(value)), flush=True)
"""


class Client:
    """The real client, at work in another process."""

    def __init__(self, hub: LocalHub, home: Path, token: str):
        settings = {"HF_HOME": str(home), "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_ETAG_TIMEOUT": "2"}
        settings |= {"HF_HUB_DOWNLOAD_TIMEOUT": "2", "HF_HUB_DISABLE_TELEMETRY": "1", "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            env=os.environ | hub.environment | settings | {"HF_TOKEN": token},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def answer(self, expression: str) -> dict:
        self.process.stdin.write(json.dumps(expression) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def __call__(self, expression: str):
        """The value of an expression, in which `api` and all names of huggingface_hub are known."""
        answer = self.answer(expression)
        assert "value" in answer, answer
        return answer["value"]

    def fails(self, expression: str) -> SimpleNamespace:
        """The error of an expression."""
        answer = self.answer(expression)
        assert "error" in answer, answer
        return SimpleNamespace(**answer)

    def push(self, repository: str, files: dict[str, bytes | str], options: str = "") -> dict:
        added = [f"CommitOperationAdd({path!r}, {as_bytes(content)!r})" for path, content in files.items()]
        return self(f"vars(api.create_commit({repository!r}, [{', '.join(added)}], commit_message='Push', {options}))")

    def pull(self, repository: str, path: str, options: str = "") -> bytes:
        return Path(self(f"hf_hub_download({repository!r}, {path!r}, {options})")).read_bytes()


def as_bytes(content: bytes | str) -> bytes:
    return content if isinstance(content, bytes) else content.encode()


@contextlib.contextmanager
def running_client(hub: LocalHub, home: Path, token: str = WRITE_TOKEN) -> Iterator[Client]:
    client = Client(hub, home, token)
    try:
        yield client
    finally:
        client.process.stdin.close()
        client.process.wait(timeout=20)


def methods(hub: LocalHub) -> list[str]:
    return [request.method for request in hub.requests]
