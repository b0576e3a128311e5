"""What is loaded by `import srcnn`, and by the commands that draw nothing and train nothing."""

import ast
import json
import sys
from importlib import import_module
from pathlib import Path

import pytest

import srcnn
from srcnn import SRCNN
from srcnn.cli.parser import main
from tests.support.project import run_python

UNNEEDED = ("accelerate", "gradio", "matplotlib", "skimage", "scipy", "spaces", "tensorboardX")


def list_loaded(statement: str) -> set[str]:
    """The names of the modules that a new Python has loaded after a statement."""
    return set(json.loads(run_python("-c", f"{statement}; import json, sys; print(json.dumps([*sys.modules]))").stdout))


@pytest.mark.parametrize("statement", ["from srcnn import *", "import srcnn.cli.parser"])
def test_nothing_is_loaded_that_only_drawing_training_and_the_demo_need(statement):
    loaded = list_loaded(statement)
    assert {"torch", "srcnn.inference.engine"} <= loaded
    assert [name for name in UNNEEDED if name in loaded] == []


def test_the_import_alone_loads_only_itself_and_what_python_brings():
    loaded = list_loaded("import srcnn") - list_loaded("pass")
    assert "srcnn" in loaded
    assert {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names == {"srcnn"}


def test_type_checkers_are_told_the_names_that_the_package_has():
    lines = ast.parse(Path(srcnn.__file__).read_text("utf-8")).body
    told = next(line for line in lines if isinstance(line, ast.If) and ast.unparse(line.test) == "TYPE_CHECKING")
    modules = {name.name: line.module for line in told.body for name in line.names}
    assert sorted(modules) == sorted(srcnn.__all__)
    assert set(srcnn.__all__) <= set(dir(srcnn))
    for name, module in modules.items():
        assert getattr(srcnn, name) is getattr(import_module(module), name)


def test_a_name_that_the_package_lacks_is_refused_as_python_does_it():
    with pytest.raises(AttributeError, match="module 'srcnn' has no attribute 'nothing'"):
        _ = srcnn.nothing


def test_a_command_that_draws_says_what_to_install_where_that_is_missing(tmp_path, photographs, monkeypatch, capsys):
    SRCNN(scale=2, loss="mse").save_pretrained(tmp_path)
    monkeypatch.setitem(sys.modules, "skimage.data", None)
    assert main(["card", str(tmp_path), "--test", str(photographs)]) == 1
    assert capsys.readouterr().err == (
        "This command needs scikit-image; install it with `pip install accelerate matplotlib scikit-image`.\n"
    )
