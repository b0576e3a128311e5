"""A document in Markdown: its headings, links, inline code and code blocks."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
INLINE_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Document:
    path: Path

    @cached_property
    def text(self) -> str:
        """Without the YAML block of a Space or a model card."""
        return FRONT_MATTER.sub("", self.path.read_text("utf-8"))

    @cached_property
    def prose(self) -> str:
        """Without the code blocks."""
        return BLOCK.sub("", self.text)

    @property
    def blocks(self) -> list[tuple[str, str]]:
        """The language ("" where none is given) and the content of each code block."""
        return BLOCK.findall(self.text)

    @property
    def inline_code(self) -> list[str]:
        return [" ".join(code.split()) for code in INLINE_CODE.findall(self.prose)]

    @property
    def links(self) -> list[str]:
        return LINK.findall(self.prose)

    @property
    def headings(self) -> list[tuple[int, str]]:
        """The level and the text of each heading."""
        return [(len(marks), text) for marks, text in HEADING.findall(self.prose)]

    @property
    def anchors(self) -> set[str]:
        """What a link may name after `#`, as GitHub makes it from a heading."""
        return {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for _, text in self.headings}
