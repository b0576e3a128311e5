"""What is loaded by `import srcnn`, and by the commands that draw nothing and train nothing."""

import json
import sys

import pytest

from srcnn import SRCNN
from srcnn.cli.parser import main
from tests.support.project import run_python

UNNEEDED = ("accelerate", "gradio", "matplotlib", "skimage", "scipy", "spaces", "tensorboardX")


@pytest.mark.parametrize("module", ["srcnn", "srcnn.cli.parser"])
def test_nothing_is_loaded_that_only_drawing_training_and_the_demo_need(module):
    done = run_python("-c", f"import json, sys, {module}; print(json.dumps([*sys.modules]))")
    loaded = json.loads(done.stdout)
    assert "torch" in loaded
    assert [name for name in UNNEEDED if name in loaded] == []


def test_a_command_that_draws_says_what_to_install_where_that_is_missing(tmp_path, photographs, monkeypatch, capsys):
    SRCNN(scale=2, loss="mse").save_pretrained(tmp_path)
    monkeypatch.setitem(sys.modules, "skimage.data", None)
    assert main(["card", str(tmp_path), "--test", str(photographs)]) == 1
    assert capsys.readouterr().err == (
        "This command needs scikit-image; install it with `pip install accelerate matplotlib scikit-image`.\n"
    )
