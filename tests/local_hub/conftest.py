"""What the tests of the local Hub need: a Hub, the real client, and a repository for each test."""

import re
from collections.abc import Iterator

import pytest

from tests.local_hub.client import CARD, NOTES, WEIGHTS, Client, running_client
from tests.local_hub.server import LocalHub


@pytest.fixture(scope="module")
def running_hub() -> Iterator[LocalHub]:
    with LocalHub() as hub:
        yield hub


@pytest.fixture(scope="module")
def client(running_hub, tmp_path_factory) -> Iterator[Client]:
    with running_client(running_hub, tmp_path_factory.mktemp("home")) as client:
        yield client


@pytest.fixture(autouse=True)
def hub(running_hub) -> LocalHub:
    """The Hub of all tests of this file, with the memory and the faults of none."""
    running_hub.heal()
    running_hub.requests.clear()
    return running_hub


@pytest.fixture
def repository(client, request) -> str:
    """A repository of the test's own, with two files of one line and a large one."""
    name = f"me/{re.sub('[^a-z0-9]+', '-', request.node.name)}".rstrip("-")
    client(f"create_repo({name!r})")
    client.push(name, {"README.md": CARD, "notes.txt": NOTES, "x2/model.safetensors": WEIGHTS})
    return name
