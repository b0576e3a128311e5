"""How agents hand over a picture, as its content or as what they have uploaded before, and how they get one back.

Gradio's MCP server takes addresses only, and fetches them; nothing is fetched here. Of several outputs it makes one
text, and it would write each picture anew while everybody waits; here pictures are sent as their files are.
"""

import base64
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import gradio.mcp
from gradio.mcp import GradioMCPServer
from gradio_client import Client
from gradio_client.utils import is_file_obj_with_meta
from mcp import types

from demo.widgets.pictures import was_sent

_MAX_SENT_BYTES = 30_000_000  # of a picture; of a larger one only the address is sent
_PATIENCE_SECONDS = 60  # the tools ask the app itself, whose answer can take longer than a client's usual 5 seconds
_FILE_ADDRESS = "/gradio_api/file="
_INPUT_FORMAT = (
    "The path that POST /gradio_api/upload (multipart/form-data, field `files`, 50 MB at most) has answered, "
    "its address on this server, or a data: address, of at most 4 MB in all"
)
_TOOL_DESCRIPTION = (
    " Upload a picture by POST /gradio_api/upload (multipart/form-data, field `files`), whose answer is a list of "
    "paths, and give the path; small pictures can be data: addresses. Other addresses are not fetched."
)
_convert, _simplify = GradioMCPServer.convert_strings_to_filedata, GradioMCPServer.simplify_filedata_schema


def adapt_tools() -> None:
    """Let the tools take the paths of uploads, say so in their descriptions, and wait where the app is busy."""
    gradio.mcp.Client = functools.partial(Client, httpx_kwargs={"timeout": _PATIENCE_SECONDS})
    GradioMCPServer.convert_strings_to_filedata = _convert_pictures
    GradioMCPServer.simplify_filedata_schema = _describe_pictures
    GradioMCPServer.postprocess_output_data = _send_outputs
    GradioMCPServer._file_data_tool_description = _TOOL_DESCRIPTION


def _convert_pictures(server: GradioMCPServer, value: Any, positions: list[list[str | int]]) -> Any:
    """Raises ValueError for what is neither."""
    arguments = dict(value)
    uploads = {}
    for (name, *_), text in [(position, arguments.get(position[0])) for position in positions]:
        path = unquote(text.partition(_FILE_ADDRESS)[2]) or text if isinstance(text, str) else ""
        if path and was_sent(path):
            uploads[name] = {"path": path, "meta": {"_type": "gradio.FileData"}}
            arguments.pop(name)
    return _convert(server, arguments, positions) | uploads


def _describe_pictures(server: GradioMCPServer, schema: dict[str, Any]) -> tuple[dict[str, Any], list]:
    simplified, positions = _simplify(server, schema)
    for position in positions:
        _node_at(simplified, position)["format"] = _INPUT_FORMAT
    return simplified, positions


def _node_at(schema: dict[str, Any], position: list[str | int]) -> dict[str, Any]:
    """Where a parameter is described: positions leave out that it is among properties."""
    node = schema
    for key in position:
        node = node["properties"][key] if "properties" in node else node[key]
    return node


def _send_outputs(server: GradioMCPServer, data: Any, root_url: str) -> list[types.TextContent | types.ImageContent]:
    """Each picture once, as a picture and its address; all else as text."""
    contents: list[types.TextContent | types.ImageContent] = []
    sent = set()
    for output in _list_outputs(data):
        if not is_file_obj_with_meta(output):
            contents.append(types.TextContent(type="text", text=str(output)))
        elif output["path"] not in sent:
            file = Path(output["path"])
            sent.add(output["path"])
            if file.suffix == ".png" and file.stat().st_size <= _MAX_SENT_BYTES:
                content = base64.b64encode(file.read_bytes()).decode()
                contents.append(types.ImageContent(type="image", data=content, mimeType="image/png"))
            address = f"{root_url}{_FILE_ADDRESS}{quote(file.as_posix(), safe='/:')}"
            contents.append(types.TextContent(type="text", text=f"{file.name}: {address}"))
    return contents


def _list_outputs(data: Any) -> Iterator[Any]:
    """The outputs of a tool, which come as lists of lists where there are files among them."""
    parts = data if isinstance(data, list | tuple) else ()
    is_several = any(isinstance(each, list | tuple) or is_file_obj_with_meta(each) for each in parts)
    if is_several:
        for each in data:
            yield from _list_outputs(each)
    else:
        yield data
