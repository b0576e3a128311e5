"""Whether a path that a document mentions is there."""

import re
from functools import cache

from tests.support.project import PROJECT

SOURCES = ("srcnn", "demo", "tests", "benchmarks")
SUFFIXES = ("py", "md", "txt", "toml", "lock", "json", "jsonl", "safetensors", "png", "css", "js", "zip")
PATH = re.compile(rf"[\w.*-]+(/[\w.*-]+)*/[\w.*-]*|[\w*-][\w.*-]*\.({'|'.join(SUFFIXES)})")
PLACEHOLDER = re.compile(r"\b[A-Z][A-Z]+\b(?![.-])")  # NAMESPACE/srcnn, runs/NAME: what the reader puts there
NOT_OURS = ("vgg19.safetensors", "timm/vgg19.tv_in1k")  # what the reader has, what others have on the Hub
MADE_HERE = "runs"  # folder of states and caches: it is there only where somebody has trained
MADE_FOR_THE_HUB = re.compile(r"onnx/(model|picture(-x\d)?)\.onnx")  # when a variant is pushed


def exists(path: str) -> bool:
    """A path, which may have stars, from the project's folder; or the mere name of a file that is somewhere in it."""
    if PLACEHOLDER.search(path) or path in NOT_OURS or MADE_FOR_THE_HUB.fullmatch(path):
        return True
    return ("/" not in path and path in file_names()) or any(PROJECT.glob(path.rstrip("/")))


@cache
def file_names() -> frozenset[str]:
    return frozenset(file.name for part in (*SOURCES, "weights", "docs") for file in (PROJECT / part).rglob("*"))


def is_of_the_project(word: str) -> bool:
    """Of a word in a command: whether it names something of the project's rather than of the reader's."""
    folder, slash, _ = word.partition("/")
    return word.startswith("requirements") or (bool(slash) and folder != MADE_HERE and (PROJECT / folder).is_dir())
