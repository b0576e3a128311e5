import json

import pytest

from srcnn import VDSR
from srcnn.cli.parser import main
from srcnn.cli.table import BICUBIC_TITLE, measure_rows
from srcnn.data.picture_sets import list_pictures
from srcnn.evaluation.scores import evaluate
from srcnn.variants.loading import load


@pytest.fixture(scope="module")
def deep(tmp_path_factory):
    """The folder of a network for two scales."""
    model = VDSR(depth=3, channels=4, scale=(2, 3), loss="mse")
    model.initialise()
    model.recipe = {"data": ["T91"]}
    folder = tmp_path_factory.mktemp("deep") / "vdsr-reduced-3x4-mse"
    model.save_pretrained(folder)
    return folder


def test_every_variant_has_a_row_a_scale_after_bicubic(deep, photographs):
    rows = list(measure_rows(["srcnn-x3-mse", str(deep)], [photographs]))
    assert [(row.name, row.scale) for row in rows] == [
        (BICUBIC_TITLE, 2),
        (str(deep), 2),
        (BICUBIC_TITLE, 3),
        ("srcnn-x3-mse", 3),
        (str(deep), 3),
    ]
    report = evaluate(load("srcnn-x3-mse"), list_pictures(photographs))
    assert (rows[2].scores, rows[3].scores) == ({photographs.name: report.bicubic}, {photographs.name: report.srcnn})
    assert rows[0].parameters is None


def test_a_row_tells_what_the_network_costs_and_what_it_learned_from(deep, photographs):
    row = list(measure_rows([str(deep)], [photographs]))[1]
    assert row.parameters == 9 * (4 + 16 + 4) + 4 + 4 + 1
    assert row.multiply_adds == 9 * (4 + 16 + 4)
    assert row.size == (deep / "model.safetensors").stat().st_size
    assert row.seconds > 0
    assert row.trained_on == ("T91",)


def test_the_command_prints_markdown_or_json(deep, photographs, capsys):
    assert main(["table", str(deep), "--data", str(photographs)]) == 0
    head, line, *rows = capsys.readouterr().out.splitlines()
    assert head.count("|") == line.count("|") == rows[0].count("|")
    cells = [[cell.strip() for cell in row.split("|")[1:3]] for row in rows]
    assert cells == [["Bicubic", "x2"], [str(deep), "x2"], ["Bicubic", "x3"], [str(deep), "x3"]]
    assert main(["table", str(deep), "--data", str(photographs), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found[1]["scores"][photographs.name].keys() == {"psnr", "ssim"}
    assert f"{found[1]['scores'][photographs.name]['psnr']:.2f} /" in rows[1]
