import json

from srcnn.log import Log, read


def test_a_line_of_json_for_each_entry(tmp_path):
    log = Log(tmp_path / "deep" / "log.jsonl", step=0)
    log.append({"step": 10, "psnr": 30.123456789})
    log.append({"step": 20, "psnr": 31.0})
    assert [json.loads(line) for line in (tmp_path / "deep" / "log.jsonl").read_text().splitlines()] == [
        {"step": 10, "psnr": 30.1235},
        {"step": 20, "psnr": 31.0},
    ]


def test_a_resumed_run_drops_what_came_after_its_state_and_a_line_cut_short(tmp_path):
    file = tmp_path / "log.jsonl"
    file.write_text('{"step": 10}\n{"step": 20}\n{"step": 30}\n{"ste')
    Log(file, step=20).append({"step": 30, "again": 1})
    assert read(file) == [{"step": 10}, {"step": 20}, {"step": 30, "again": 1}]


def test_a_new_run_starts_a_new_log(tmp_path):
    file = tmp_path / "log.jsonl"
    file.write_text('{"step": 10}\n')
    Log(file, step=0)
    assert read(file) == []
