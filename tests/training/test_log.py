import json

import pytest

from srcnn.training.log import TrainingLog, read_log


def test_a_line_of_json_for_each_entry(tmp_path):
    log = TrainingLog(tmp_path / "deep" / "log.jsonl", history=[])
    log.append({"step": 10, "psnr": 30.123456789})
    log.append({"step": 20, "psnr": 31.0})
    assert [json.loads(line) for line in (tmp_path / "deep" / "log.jsonl").read_text().splitlines()] == [
        {"step": 10, "psnr": 30.1235},
        {"step": 20, "psnr": 31.0},
    ]


@pytest.mark.parametrize(
    "left",
    [
        '{"step": 10}\n{"step": 20}\n{"step": 30}\n',  # written after the state
        '{"step": 10}\n{"step": 20}\n{"ste',
        '{"step": 10}\n{"ste',  # killed amid a line
        '{"step": 10}\n',  # killed before the line
        None,
    ],
)
def test_a_resumed_run_has_each_line_of_its_history_once(tmp_path, left):
    file = tmp_path / "log.jsonl"
    if left is not None:
        file.write_text(left)
    TrainingLog(file, [{"step": 10}, {"step": 20}]).append({"step": 30, "again": 1})
    assert read_log(file) == [{"step": 10}, {"step": 20}, {"step": 30, "again": 1}]


def test_figures_that_only_the_log_knows_stay(tmp_path):
    """The state of an earlier version: its history lacks the learning rate and the speed."""
    file = tmp_path / "log.jsonl"
    file.write_text('{"step": 10, "psnr": 30.0, "learning_rate": 0.001, "images_per_second": 99.0}\n')
    TrainingLog(file, [{"step": 10, "psnr": 30.0}, {"step": 20, "psnr": 31.0}])
    assert read_log(file) == [
        {"step": 10, "psnr": 30.0, "learning_rate": 0.001, "images_per_second": 99.0},
        {"step": 20, "psnr": 31.0},
    ]


def test_a_new_run_starts_a_new_log(tmp_path):
    file = tmp_path / "log.jsonl"
    file.write_text('{"step": 10}\n')
    TrainingLog(file, history=[])
    assert read_log(file) == []
