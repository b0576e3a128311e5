"""What is loaded by `import srcnn`, and by the commands that draw nothing and train nothing."""

import json

import pytest

from tests.support.project import run_python

UNNEEDED = ("accelerate", "gradio", "matplotlib", "skimage", "scipy", "spaces", "tensorboardX")


@pytest.mark.parametrize("module", ["srcnn", "srcnn.cli.parser"])
def test_nothing_is_loaded_that_only_drawing_training_and_the_demo_need(module):
    done = run_python("-c", f"import json, sys, {module}; print(json.dumps([*sys.modules]))")
    loaded = json.loads(done.stdout)
    assert "torch" in loaded
    assert [name for name in UNNEEDED if name in loaded] == []
