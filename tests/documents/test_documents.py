"""The documents: what they mention is there, what they show works, and both languages say it alike."""

import os
import re
import shutil

import pytest
import skimage.data
from PIL import Image

from tests.support.forks import EVERYTHING, run_forked
from tests.support.markdown import Document
from tests.support.mentions import complaints
from tests.support.project import PROJECT

DOCUMENTS = ["README.md", "README.zh.md", "SECURITY.md", "benchmarks/README.md", "browser/README.md"]
DOCUMENTS += [file.relative_to(PROJECT).as_posix() for file in sorted((PROJECT / "docs").glob("*.md"))]
MAX_README_LINES = 160


@pytest.mark.parametrize("name", DOCUMENTS)
def test_everything_that_a_document_mentions_is_there(name):
    assert complaints(Document(PROJECT / name)) == []


@pytest.mark.parametrize(
    "text",
    [
        "[page](no-such-page.md)",
        "[section](README.md#no-such-section)",
        "`srcnn/no_such_file.py`",
        "`no_such_file.py`",
        "`weights/no-such-*`",
        "`srcnn no-such-command photo.jpg`",
        "`srcnn list --no-such-option`",
        "`python no_such_program.py`",
        "`python -m benchmarks.no_such_benchmark --rounds 1`",
        "`--no-such-option`",
        "`SRCNN.no_such_method`",
        "`srcnn.no_such_module`",
        "`no_such_function(1)`",
        "`NoSuchClass`",
        "`load(no_such_argument)`",
        "```\nsrcnn upscale photo.jpg --scale 3\n```",  # without the output
        "```\nsrcnn upscale photo.jpg -o out.png --scale 9\n```",
        "```\npython train.py --loss no-such-loss\n```",
        "```\ntorchrun --nproc_per_node 2 train.py --no-such-option\n```",
        "```\npip install -r requirements-none.txt\n```",
        "```\nno-such-program photo.jpg\n```",
        "```python\nfrom srcnn import no_such_name\n```",
        "```python\nfrom srcnn import SRCNN\n\nSRCNN.no_such_method()\n```",
        "```text\nsrcnn/no_such_folder/   pictures\n```",
    ],
)
def test_what_is_not_there_is_found(text, tmp_path):
    (tmp_path / "README.md").write_text(f"# Title\n\n{text}\n")
    assert len(complaints(Document(tmp_path / "README.md"))) == 1


@pytest.mark.parametrize("name", ["README.md", "docs/api.md"])
def test_the_python_examples_run(name, tmp_path):
    """Those that need no server and no Hub, one after another, in a folder with a picture and a variant."""
    blocks = [code for language, code in Document(PROJECT / name).blocks if language == "python"]
    alone = [code for code in blocks if "NAMESPACE" not in code]
    assert alone
    Image.fromarray(skimage.data.astronaut()[:60, :80]).save(tmp_path / "photo.jpg")
    shutil.copytree(PROJECT / "weights/srcnn-x3-mse", tmp_path / "weights/srcnn-x3-mse")
    code = "\n".join(["import sys", f"sys.path.insert(0, {str(PROJECT)!r})", *alone])
    done = run_forked(["-c", code], os.environ, EVERYTHING, folder=tmp_path)
    assert done.status == 0, done.errors
    assert Image.open(tmp_path / "photo-x3.png").size == (240, 180)


def test_the_readme_is_short():
    assert len((PROJECT / "README.md").read_text("utf-8").splitlines()) <= MAX_README_LINES


def test_the_chinese_readme_is_built_alike():
    """The same levels of headings, code, links and figures; comments and texts are translated."""
    english, chinese = Document(PROJECT / "README.md"), Document(PROJECT / "README.zh.md")
    assert [level for level, _ in english.headings] == [level for level, _ in chinese.headings]
    assert [without_texts(*block) for block in english.blocks] == [without_texts(*block) for block in chinese.blocks]
    assert set(english.links) - {"README.zh.md"} == set(chinese.links) - {"README.md"}
    assert figures_of(english) == figures_of(chinese)


def without_texts(language: str, content: str) -> tuple[str, list[str]]:
    """A code block without comments, or without the texts beside a tree."""
    texts = r"\s{2,}.*" if language == "text" else r"\s*#.*"
    return language, [re.sub(texts, "", line) for line in content.splitlines()]


def figures_of(document: Document) -> list[list[str]]:
    """The numbers in each row of a table."""
    rows = [line for line in document.prose.splitlines() if line.startswith("|")]
    return [re.findall(r"\d+(?:[,.]\d+)*", row) for row in rows]


def test_the_architecture_has_a_row_for_every_file():
    rows = re.findall(r"^\| `([^`]+\.py)` \|", (PROJECT / "docs/architecture.md").read_text("utf-8"), re.MULTILINE)
    files = [*PROJECT.glob("*.py"), *(file for part in ("srcnn", "demo") for file in (PROJECT / part).rglob("*.py"))]
    named = {file.relative_to(PROJECT).as_posix() for file in files if file.name != "__init__.py"}
    assert (named - {*rows}, {*rows} - named) == (set(), set()), "files without a row, rows without a file"
    assert len(rows) == len({*rows})
