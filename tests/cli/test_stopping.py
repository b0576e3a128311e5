"""Ctrl-C in the seconds in which a program still loads what it needs: torch stands for it here."""

import os
import subprocess
import sys

import pytest

from tests.support.project import PROJECT


@pytest.mark.parametrize("program", [("-m", "srcnn", "list"), ("train.py", "--help"), ("app.py", "--help")], ids=str)
@pytest.mark.parametrize("fault", ["KeyboardInterrupt", "MemoryError"])
def test_ctrl_c_while_a_program_loads_is_a_sentence_and_a_fault_stays_one(tmp_path, program, fault):
    (tmp_path / "torch.py").write_text(f"raise {fault}")
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "GRADIO_TEMP_DIR": str(tmp_path)}
    command = [sys.executable, *program]  # and no fork of a process that has loaded everything
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert (done.stderr == "Stopped.\n") == (fault == "KeyboardInterrupt")
    assert ("Traceback" in done.stderr) == (fault == "MemoryError")
