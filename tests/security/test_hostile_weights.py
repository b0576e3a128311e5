"""Variants that somebody made to do harm: each is refused by a sentence, at once and with little memory.

What merely does not fit together is in test_model.py; what the Hub does to files on their way, in test_hub_faults.py;
pickles and the states of runs are in test_hostile_pickles.py.
"""

import json
import os
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from srcnn import SRCNN
from srcnn.networks.weights_file import MAX_TEXT_BYTES
from srcnn.variants.loading import BUNDLED_FOLDER, VariantError, load
from tests.networks.test_srcnn import edit_config, edit_weights
from tests.support.forks import EVERYTHING, run_forked
from tests.support.hub_commands import Commands, files_of, put
from tests.variants.test_catalogue import NAMES, gathered, gathered_again

Damage = Callable[[Path], object]  # of a variant folder
GIGABYTES = 3 << 30

# Loads each folder and prints why not, with no more than 512 MB beyond what Python and torch have taken already.
LOAD_WITH_LITTLE_MEMORY = """
import json, resource, sys
from pathlib import Path
from srcnn.variants.loading import VariantError, load
load("srcnn-x3-mse")
taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + (512 << 20),) * 2)
def reason(folder):
    try:
        return f"has a network for x{load(folder).config.scale}"
    except VariantError as error:
        return str(error)
def limit_holds():
    try:
        return not bytearray(1 << 30)
    except MemoryError:
        return True
print(json.dumps([limit_holds(), *map(reason, sys.argv[1:])]))
"""


def config(**fields) -> Damage:
    return lambda folder: edit_config(folder, **fields)


def config_text(text: str | bytes) -> Damage:
    content = text if isinstance(text, bytes) else text.encode()
    return lambda folder: (folder / "config.json").write_bytes(content)


def tensor(name: str, content: torch.Tensor) -> Damage:
    return lambda folder: edit_weights(folder, lambda tensors: tensors.update({name: content}))


def weights(content: bytes) -> Damage:
    return lambda folder: (folder / "model.safetensors").write_bytes(content)


def header(text: str, data: bytes = b"", length: int | None = None) -> Damage:
    """A safetensors file by hand: the length of its header, which may be a lie, the header, the numbers."""
    return weights(struct.pack("<Q", len(text) if length is None else length) + text.encode() + data)


def sparse(size: int) -> Damage:
    """A well-formed file of one tensor, which takes no room on the disk."""
    text = json.dumps({"conv1.weight": {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]}})

    def damage(folder: Path) -> None:
        header(text)(folder)
        with (folder / "model.safetensors").open("r+b") as file:
            file.truncate(8 + len(text) + size)

    return damage


def recipe(text: str) -> Damage:
    def damage(folder: Path) -> None:
        file = folder / "model.safetensors"
        save_file(load_file(file), file, metadata={"recipe": text})

    return damage


def entry(shape: list[int], end: int) -> str:
    return json.dumps({"dtype": "F32", "shape": shape, "data_offsets": [0, end]})


CONFIGS = {
    "text for a number": (config(num_channels="1"), "num_channels must be a whole number from 1 to 4, not '1'."),
    "a broken number": (config(num_channels=1.5), "num_channels must be"),
    "NaN": (config(num_channels=float("nan")), "num_channels must be"),
    "infinity": (config(scale=float("inf")), "scale must be"),
    "true for a number": (config(scale=True), "scale must be"),
    "a float for a scale": (config(scale=3.0), "scale must be"),
    "a number for two": (config(filters=64), "filters must be"),
    "null": (config(filters=None), "filters must be"),
    "letters": (config(filters="ab"), "filters must be"),
    "an object": (config(filters={"64": 1, "32": 2}), "filters must be"),
    "millions of filters": (config(filters=[10**6, 10**6]), "filters must be"),
    "no filter": (config(filters=[0, 32]), "filters must be"),
    "a long list": (config(filters=list(range(10_000))), "filters must be"),
    "a float for a kernel": (config(kernel_sizes=[9.0, 1, 5]), "kernel_sizes must be"),
    "a kernel of lists": (config(kernel_sizes=[[9], 1, 5]), "kernel_sizes must be"),
    "a large kernel": (config(kernel_sizes=[9999, 1, 5]), "kernel_sizes must be"),
    "a negative kernel": (config(kernel_sizes=[-9, 1, 5]), "kernel_sizes must be"),
    "no such padding": (config(padding=["zeros"]), "padding must be"),
    "text for a switch": (config(residual="no"), "residual must be"),
    "a number for a switch": (config(batch_norm=1), "batch_norm must be"),
    "a list for a loss": (config(loss=["mse"]), "loss must be"),
    "lines for a loss": (config(loss="mse\n" * 999), "loss must be"),
    "unknown lines": (config(**{"a\nb\x1b[31m" * 999: 1}), "This version of SRCNN does not know a b"),
    "a field called self": (config(self=1), "does not know self"),
    "a field called cls": (config(cls=[]), "does not know cls"),
    "a list for a network": (config(architecture=["srcnn"]), "does not know the network ['srcnn']"),
    "lines for a network": (config(architecture="a\nb\x1b[31m" * 999), "does not know the network a b"),
    "another network": (config(architecture="edsr"), "does not know batch_norm"),
    "lists in lists": (config_text("[" * 100_000), "is not JSON"),
    "objects in objects": (config_text('{"a":' * 100_000), "is not JSON"),
    "a number of 10,000 digits": (config_text('{"scale": ' + "9" * 10_000 + "}"), "is not JSON"),
    "no UTF-8": (config_text(b'{"loss": "\xff"}'), "is not JSON"),
    "nothing": (config_text(""), "is not JSON"),
    "the same key twice": (config_text('{"scale": 3, "scale": 99}'), "scale must be"),
}
WEIGHTS = {
    "NaN": (tensor("conv1.bias", torch.full((64,), torch.nan)), "no numbers"),
    "one NaN": (tensor("conv3.bias", torch.tensor([torch.nan])), "no numbers"),
    "infinity": (tensor("conv2.bias", torch.full((32,), -torch.inf)), "no numbers"),
    "infinite as float32": (tensor("conv1.bias", torch.full((64,), 1e300, dtype=torch.float64)), "no numbers"),
    "whole numbers": (tensor("conv1.bias", torch.ones(64, dtype=torch.int32)), "conv1.bias is of the type torch.int32"),
    "truth": (tensor("conv1.bias", torch.ones(64, dtype=torch.bool)), "conv1.bias is of the type torch.bool"),
    "complex": (tensor("conv1.bias", torch.ones(64) * 1j), "conv1.bias is of the type torch.complex64"),
    "a thousand more": (
        lambda f: edit_weights(f, lambda t: t.update({f"x{i}": torch.zeros(0) for i in range(1000)})),
        "Unexpected key",
    ),
    "nothing": (weights(b""), "header too small"),
    "half a length": (weights(b"abc"), "header too small"),
    "an endless header": (header("{}", length=2**63), "header too large"),
    "a header beyond the file": (header("{}", length=90_000_000), "invalid header length"),
    "no JSON": (header("{" * 99), "JSON"),
    "lists in lists": (header("[" * 100_000), "JSON"),
    "objects in objects": (header('{"a":' * 100_000), "recursion limit"),
    "numbers beyond the file": (header(f'{{"conv1.bias": {entry([64], 256)}}}', bytes(100)), "not fully covered"),
    "gigabytes beyond the file": (
        header(f'{{"conv1.bias": {entry([GIGABYTES], 4 * GIGABYTES)}}}'),
        "not fully covered",
    ),
    "more numbers than there can be": (header(f'{{"conv1.bias": {entry([2**64 - 1] * 2, 4)}}}', bytes(4)), "overflow"),
    "a negative shape": (header(f'{{"conv1.bias": {entry([-1], 4)}}}', bytes(4)), "JSON"),
    "the same name twice": (
        header(f'{{"conv1.bias": {entry([1], 4)}, "conv1.bias": {entry([1], 4)}}}', bytes(8)),
        "not fully covered",
    ),
    "a recipe that is a list": (recipe("[1]"), "recipe is not a JSON object"),
    "a recipe that is no JSON": (recipe("{"), "does not hold the weights"),
    "a deep recipe": (recipe("[" * 100_000), "does not hold the weights"),
    "a folder": (lambda f: ((f / "model.safetensors").unlink(), (f / "model.safetensors").mkdir()), "has no model"),
}
LARGE = {
    "a network of gigabytes": (
        config(filters=[1024, 1024], kernel_sizes=[31] * 3),
        "1,009,649,664 weights is too large",
    ),
    "a config of 24 MB": (
        lambda f: config_text('{"x": [' + "1," * 12_000_000 + "1]}")(f),
        "config.json is not read: it has 24,0",
    ),
    "weights of 3 GB": (sparse(GIGABYTES), "model.safetensors is not read: it has 3,2"),
    "half a million names": (
        lambda f: header("{" + ",".join(f'"{i}": {entry([0], 0)}' for i in range(500_000)) + "}")(f),
        "model.safetensors is not read: it has 3",
    ),
    "a long recipe": (
        recipe(json.dumps({"data": ["x" * 2 * MAX_TEXT_BYTES]})),
        "model.safetensors is not read: it has 2,0",
    ),
}


@pytest.fixture
def damaged(tmp_path) -> Callable[[str, Damage], Path]:
    """A folder of that name with a variant to which something was done."""

    def make(name: str, damage: Damage) -> Path:
        folder = tmp_path / name
        SRCNN(scale=3, loss="mse").save_pretrained(folder)
        damage(folder)
        return folder

    return make


def assert_refused(message: str, folder: Path, words: str) -> None:
    assert message.startswith(f"The variant {folder} cannot be used: "), message
    assert words in message
    assert message.isprintable()
    assert len(message) < 1000


# Loading


@pytest.mark.parametrize(("damage", "words"), [*CONFIGS.values(), *WEIGHTS.values()], ids=[*CONFIGS, *WEIGHTS])
def test_a_config_or_weights_of_no_network_are_refused_with_their_reason(damaged, damage, words):
    folder = damaged("variant", damage)
    with pytest.raises(VariantError) as caught:
        load(folder)
    assert_refused(str(caught.value), folder, words)


@pytest.mark.skipif(sys.platform != "linux", reason="limits a process as Linux does")
def test_what_would_fill_the_memory_is_refused_with_little_of_it(damaged):
    folders = [damaged(name, damage) for name, (damage, _) in LARGE.items()]
    script = ["-c", LOAD_WITH_LITTLE_MEMORY, damaged("usual", lambda folder: None), *folders]
    done = run_forked(script, os.environ, EVERYTHING)
    assert done.status == 0, done.errors
    limit_holds, usual, *messages = json.loads(done.output)
    assert limit_holds
    assert usual == "has a network for x3"
    for message, folder, (_, words) in zip(messages, folders, LARGE.values(), strict=True):
        assert_refused(message, folder, words)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16, torch.float8_e4m3fn])
def test_weights_of_another_precision_are_taken(damaged, dtype):
    folder = damaged("variant", tensor("conv1.bias", torch.full((64,), 0.5).to(dtype)))
    bias = load(folder).conv1.bias
    assert (bias.dtype, bias.unique().tolist()) == (torch.float32, [0.5])


# The running app


HOSTILE = (CONFIGS["lists in lists"][0], CONFIGS["null"][0], LARGE["a network of gigabytes"][0])


def test_the_running_app_keeps_its_models_and_a_new_one_takes_the_bundled(hub, person, damaged, tmp_path):
    published = {name: put(hub, f"me/{name}", files_of(BUNDLED_FOLDER / name)) for name in NAMES}

    def replace_all() -> None:
        for name, damage in zip(NAMES, HOSTILE, strict=True):
            files = files_of(damaged(name, damage))
            put(hub, f"me/{name}", {file: files[file] for file in ("config.json", "model.safetensors")})

    first, second = gathered_again(person, hub, replace_all)
    assert first == [published, ""]
    assert second[0] == published
    assert second[1].endswith(f"Used instead: an earlier copy of {', '.join(NAMES)}.")
    found, notice = gathered(Commands(hub, tmp_path / "empty"))
    assert found == dict.fromkeys(NAMES, "")
    assert "config.json is not JSON" in notice
    assert notice.endswith(f"Used instead: the bundled {', '.join(NAMES)}.")
