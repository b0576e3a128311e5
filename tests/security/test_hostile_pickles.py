"""Files with code in them, and states of runs that are none: nothing is ever unpickled, whatever its name."""

import ast
import io
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from srcnn import SRCNN
from srcnn.imaging.picture import ImageError
from srcnn.imaging.reading import open_picture
from srcnn.networks.vgg19 import FeatureError, Features
from srcnn.training.checkpoint import read_state, write_state
from srcnn.training.loop import train
from srcnn.training.options import TrainingError
from srcnn.variants import catalogue
from srcnn.variants.catalogue import read_record, record_file
from srcnn.variants.loading import VariantError, load
from tests.hub.test_faults import Bomb
from tests.support.project import PROJECT

# What can read a pickle, by the names under which Python has it.
UNPICKLERS = "pickle _pickle dill cloudpickle joblib shelve marshal torch.load torch.hub torch.jit.load torch.package "
UNPICKLERS += "numpy.load numpy.lib.format pandas.read_pickle"


# States of runs


STATES = {
    "garbage": lambda file: file.write_bytes(b"garbage"),
    "cut off": lambda file: file.write_bytes(file.read_bytes()[:-9]),
    "other tensors": lambda file: save_file({"conv1.weight": torch.zeros(1)}, file),
    "names without a part": lambda file: save_file({"weight": torch.zeros(1)}, file, metadata={"state": "{}"}),
    "no JSON": lambda file: save_file({"a.b": torch.zeros(1)}, file, metadata={"state": "{"}),
    "lists in lists": lambda file: save_file({"a.b": torch.zeros(1)}, file, metadata={"state": "[" * 100_000}),
    "a pickle": lambda file: file.write_bytes(pickle.dumps(Bomb(file.with_name("exploded")))),
}


@pytest.mark.parametrize("damage", STATES.values(), ids=STATES)
def test_a_run_does_not_go_on_from_a_state_that_is_none(options, damage):
    chosen = options(resume=True)
    write_state(chosen.state_file, {"model": {"a": torch.zeros(99)}}, {"step": 1})
    damage(chosen.state_file)
    with pytest.raises(TrainingError, match="is not the state of a run, or damaged; begin anew with --overwrite"):
        train(chosen)
    assert [file.name for file in chosen.state_file.parent.iterdir()] == ["state.safetensors"]


# Pickles


def torch_saved(value: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def torch_loaded(content: bytes) -> object:
    return torch.load(io.BytesIO(content), weights_only=False)


@pytest.mark.parametrize(("pack", "unpack"), [(pickle.dumps, pickle.loads), (torch_saved, torch_loaded)])
def test_no_file_of_a_stranger_is_unpickled(tmp_path, monkeypatch, pack, unpack):
    """Wherever one is read, and beside it."""
    bomb, exploded = pack(Bomb(tmp_path / "exploded")), tmp_path / "exploded"
    monkeypatch.setattr(catalogue.constants, "HF_HOME", str(tmp_path / "home"))
    folder = tmp_path / "variant"
    SRCNN(scale=3).save_pretrained(folder)
    for name in ("pytorch_model.bin", "model.pt", "model.pkl", "optimizer.pt", "training_args.bin"):
        (folder / name).write_bytes(bomb)
    assert load(folder).config.scale == 3
    for name in ("model.safetensors", "config.json"):
        (folder / name).write_bytes(bomb)
        with pytest.raises(VariantError):
            load(folder)
    for read, refusal in ((read_state, TrainingError), (Features, FeatureError), (open_picture, ImageError)):
        with pytest.raises(refusal):
            read(folder / "model.safetensors")
    record_file("me").parent.mkdir(parents=True)
    record_file("me").write_bytes(bomb)
    assert read_record("me") == {}
    assert not exploded.exists()
    unpack(bomb)
    assert exploded.exists(), "it would have exploded"


def sources() -> Iterator[Path]:
    yield from PROJECT.glob("*.py")
    for folder in ("srcnn", "demo", "benchmarks"):
        yield from (PROJECT / folder).rglob("*.py")


def names_in(source: str) -> set[str]:
    """What the source imports and takes from there, under full names: `import numpy as np; np.load` is numpy.load."""
    tree, full, found = ast.parse(source), {}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            before = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            full |= {each.asname or each.name: before + each.name for each in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            first, dot, rest = ast.unparse(node).partition(".")
            found.add(full.get(first, first) + dot + rest)
    return found | set(full.values())


def unpicklers_in(source: str) -> set[str]:
    pattern = "|".join(map(re.escape, UNPICKLERS.split()))
    return {name for name in names_in(source) if re.match(rf"(?:{pattern})(?!\w)", name)}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import loads",
        "import torch\ntorch.load('x')",
        "import numpy as np\nnp.load('x', allow_pickle=True)",
        "from torch import load as read",
        "def f():\n    import joblib as j",
        "import torch.hub",
    ],
)
def test_an_unpickler_is_found_under_any_name(source):
    assert len(unpicklers_in(source)) >= 1


def test_no_module_of_the_project_can_unpickle():
    found = {file.relative_to(PROJECT): unpicklers_in(file.read_text("utf-8")) for file in sources()}
    assert Path("srcnn", "networks", "srcnn.py") in found
    assert {file: names for file, names in found.items() if names} == {}
