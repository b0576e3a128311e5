"""Agents use the demo's endpoints as tools: a real MCP client against the app."""

import base64
import contextlib
import io
from collections.abc import AsyncIterator

import numpy as np
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from PIL import Image

from srcnn.imaging.reading import open_picture
from srcnn.inference.upscaling import upscale
from srcnn.variants.loading import load
from tests.support.app_process import started, upload
from tests.support.event_loops import run_apart

# The app takes jobs of tools later than a client waits by default.
BUSY = """
import asyncio
answer = demo.server.guard.Guard.__call__
async def answer_late(guard, scope, receive, send):
    if scope.get("path", "").endswith("/queue/join"):
        await asyncio.sleep(6)
    await answer(guard, scope, receive, send)
demo.server.guard.Guard.__call__ = answer_late
"""


@contextlib.asynccontextmanager
async def agent(app: str) -> AsyncIterator[ClientSession]:
    async with (
        streamable_http_client(f"{app}/gradio_api/mcp/") as (reading, writing, _),
        ClientSession(reading, writing) as session,
    ):
        await session.initialize()
        yield session


def test_agents_find_the_endpoints_as_tools_and_hand_over_what_they_uploaded(app, photograph):
    """An upload by its path or its address on this server; back comes the enlarged picture itself."""
    (path,) = upload(app, photograph.read_bytes())
    expected = upscale(open_picture(photograph), load("srcnn-x2-mse"))

    async def ask() -> tuple[dict, str]:
        async with agent(app) as session:
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            answer = await session.call_tool("variants", {})
            for file in (path, f"{app}/gradio_api/file={path}"):
                enlarged = await session.call_tool("enlarge", {"file": file, "scale": 2, "loss": "mse"})
                _, picture = [each for each in enlarged.content if each.type == "image"]  # bicubic comes first
                pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture.data))))
                assert np.array_equal(pixels, expected.pixels)
            return tools, answer.content[0].text

    tools, answer = run_apart(ask())
    assert set(tools) == {"compare", "enlarge", "variants"}
    taken = tools["compare"].inputSchema["properties"]
    assert taken["scale"]["description"].startswith("how many times")
    assert "POST /gradio_api/upload" in taken["file"]["format"]
    assert "POST /gradio_api/upload" in tools["enlarge"].description
    assert "srcnn-x3-mse" in answer


def test_an_agent_is_answered_by_a_busy_app(tmp_path):
    async def ask(app: str) -> str:
        async with agent(app) as session:
            return (await session.call_tool("variants", {})).content[0].text

    with started(tmp_path, BUSY) as app:
        assert "srcnn-x3-mse" in run_apart(ask(app.url))
