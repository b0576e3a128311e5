"""Distillation: a network that learns from another one."""

import pytest
import torch

from srcnn import EDSR, SRCNN, VDSR
from srcnn.data.degradation import Truth, make_pair
from srcnn.inference.engine import restore
from srcnn.networks.base import Network
from srcnn.training.accelerator import make_accelerator
from srcnn.training.options import TrainingError
from srcnn.training.trainer import Trainer


@pytest.fixture
def teachers(tmp_path) -> dict[str, Network]:
    """Untrained ones in folders: of each network, for x2 and what else it is for."""
    made = {"srcnn": SRCNN(scale=2), "vdsr": VDSR(depth=2, channels=3, scale=(2, 4)), "edsr": EDSR(depth=1, channels=3)}
    for name, teacher in made.items():
        teacher.save_pretrained(tmp_path / name)
    return made


@pytest.mark.parametrize("network", ["srcnn", "vdsr", "edsr"])
@pytest.mark.parametrize("teacher", ["srcnn", "vdsr", "edsr"])
def test_what_is_learned_is_the_teachers_picture_the_truth_or_between(options, tmp_path, teachers, network, teacher):
    truth = Truth(torch.randint(0, 256, (41, 50), dtype=torch.uint8), grey=network == "srcnn")
    pair = make_pair(truth, 2)
    taught = restore(teachers[teacher].eval().for_scale(2), pair).double()
    truth_levels = pair.truth.double()
    for weight, expected in ((0.0, truth_levels), (1.0, taught), (0.25, 0.75 * truth_levels + 0.25 * taught)):
        chosen = options(network=network, teacher=str(tmp_path / teacher), teacher_weight=weight)
        run = Trainer(chosen, make_accelerator(chosen))
        example = run.make_example(truth, 2)
        assert torch.allclose(example.wanted[:40].double(), expected.clamp(0, 255), rtol=0, atol=0.51 if weight else 0)
        assert example.truth is truth
    recipe = chosen.recipe()
    assert (recipe["teacher"], recipe["teacher_weight"]) == (teacher, 0.25)


def test_each_scale_learns_from_the_first_teacher_that_was_trained_for_it(options, tmp_path, teachers):
    """Of two for x2, the one for x2 and x4 comes second."""
    folders = tuple(str(tmp_path / name) for name in ("edsr", "vdsr"))
    chosen = options(network="vdsr", scale=(2, 4), teacher=folders, teacher_weight=1.0)
    run = Trainer(chosen, make_accelerator(chosen))
    truth = Truth(torch.randint(0, 256, (40, 52), dtype=torch.uint8), grey=True)
    for scale, name in ((2, "edsr"), (4, "vdsr")):
        taught = restore(teachers[name].eval().for_scale(scale), make_pair(truth, scale))
        assert torch.allclose(run.make_example(truth, scale).wanted.float(), taught.clamp(0, 255), rtol=0, atol=0.51)
    assert chosen.recipe()["teacher"] == ["edsr", "vdsr"]


def test_without_a_teacher_the_recipe_names_none(options):
    assert not {"teacher", "teacher_weight"} & options().recipe().keys()


@pytest.mark.parametrize(
    ("teacher", "choices", "words"),
    [
        ("nowhere", {}, "nowhere cannot be the teacher: The variant nowhere cannot be used: "),
        ("{folder}/srcnn", {"scale": 3}, "cannot be the teacher: It was trained for x2, not for x3."),
        ("{folder}/edsr", {"network": "vdsr", "scale": (2, 4)}, "No --teacher was trained for x4; name a variant that"),
        ("{folder}/vdsr", {"network": "vdsr", "scale": (2, 3)}, "No --teacher was trained for x3; name a variant that"),
        ("srcnn-x4-mse", {}, "It was trained for x4, not for x2."),
    ],
)
def test_who_cannot_teach_is_refused_in_one_sentence(options, tmp_path, teachers, teacher, choices, words):
    chosen = options(teacher=teacher.format(folder=tmp_path), **choices)
    with pytest.raises(TrainingError) as caught:
        Trainer(chosen, make_accelerator(chosen))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
