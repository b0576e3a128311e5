"""A training step by step: what is learned, kept, resumed and measured."""

import pytest
import torch
from PIL import Image

from srcnn import SRCNN
from srcnn.data.degradation import open_truth
from srcnn.data.patches import PatchSampler
from srcnn.data.picture_sets import list_pictures
from srcnn.data.training_images import load_training_images
from srcnn.evaluation import metrics
from srcnn.evaluation.metrics import shave
from srcnn.evaluation.scores import evaluate
from srcnn.imaging.reading import open_picture
from srcnn.inference.upscaling import upscale
from srcnn.naming import LOSSES
from srcnn.training.accelerator import make_accelerator
from srcnn.training.kernel_span import find_kernel_span
from srcnn.training.loop import train
from srcnn.training.options import TrainingError, TrainingOptions
from srcnn.training.trainer import Trainer, clone_state
from srcnn.variants.card import write_card
from tests.support.project import same_weights


def begin(options: TrainingOptions) -> tuple[Trainer, PatchSampler]:
    run = Trainer(options, make_accelerator(options))
    return run, run.make_sampler(load_training_images(options.data, options.scale, run.patch))


@pytest.mark.parametrize(
    ("loss", "optimizer"), [*((loss, "soap") for loss in LOSSES), ("mse", "adam"), ("mse", "adamw"), ("mse", "sgd")]
)
def test_every_loss_and_optimiser_lowers_the_loss(options, vgg_file, loss, optimizer):
    rate = 0.01 if optimizer == "sgd" else 1e-3
    chosen = options(loss=loss, optimizer=optimizer, learning_rate=rate, weight_decay=1e-5, features=str(vgg_file))
    run, sampler = begin(chosen)
    bicubic, truth = sampler.sample(64, torch.Generator().manual_seed(0), 0, 1)

    def loss_now() -> float:
        with torch.no_grad():
            return run.objective(run.model(bicubic, valid=True), shave(truth, run.model.valid_border)).item()

    before = loss_now()
    for _ in range(200):
        run.train_step(sampler)
    assert loss_now() < (0.98 if optimizer == "sgd" else 0.9) * before


def test_the_options_of_a_schedule_reach_the_optimiser(options):
    run, sampler = begin(options(schedule="step", decay=0.1, decay_every=2, warmup=0.0, learning_rate=1.5e-3))
    rates = []
    for _ in range(4):
        run.train_step(sampler)
        rates.append(run.optimizer.param_groups[0]["lr"])
    assert rates == pytest.approx([1.5e-3, 1.5e-3, 1.5e-4, 1.5e-4])


def test_gradients_are_clipped_where_wanted(options):
    steps = {}
    for clip in (1e-4, 0):
        run, sampler = begin(options(clip=clip, optimizer="sgd", momentum=0.0, warmup=0.0, learning_rate=1.0))
        before = clone_state(run.model.state_dict())
        run.train_step(sampler)
        change = [value - before[key] for key, value in run.model.state_dict().items()]
        steps[clip] = torch.cat([part.flatten() for part in change]).norm().item()
    assert steps[1e-4] == pytest.approx(1e-4, rel=0.01)
    assert steps[0] > 1e-3


def test_without_a_moving_average_the_last_weights_are_released(options):
    run, sampler = begin(options(ema=0.0))
    for _ in range(3):
        run.train_step(sampler)
    assert same_weights(run.model, run.average)


def test_the_best_checkpoint_is_kept_not_the_last(options, monkeypatch):
    run, _ = begin(options())
    figures = iter([20.0, 30.0, 25.0])
    run.best_psnr = -1
    for figure in figures:
        torch.nn.init.constant_(run.average.conv3.bias, figure)
        monkeypatch.setattr("srcnn.training.trainer.measure_validation_psnr", lambda model, pair, figure=figure: figure)
        run.step += 1
        run.validate([[None]], 1.0)
    assert run.best_step == 2
    assert run.best["conv3.bias"].item() == 30


NETWORKS = {
    "vdsr": {"network": "vdsr", "scale": (2, 3, 4), "depth": 3, "channels": 6},
    "edsr": {"network": "edsr", "scale": 4, "depth": 1, "channels": 6, "loss": "l1"},
}


@pytest.mark.parametrize("choices", NETWORKS.values(), ids=NETWORKS)
def test_deep_networks_learn_and_resume_bit_for_bit(options, choices):
    chosen = options(learning_rate=2e-3, **choices)
    whole, sampler = begin(chosen)
    inputs, truth = sampler.sample(64, torch.Generator().manual_seed(0))
    side = 24 // whole.model.upsampling
    assert (inputs.shape, truth.shape) == ((64, 1, side, side), (64, 1, 24, 24))

    def loss_now() -> float:
        with torch.no_grad():
            return whole.objective(whole.model(inputs, valid=True), truth).item()

    before = loss_now()
    for _ in range(20):
        whole.train_step(sampler)
    whole.save()
    resumed, again = begin(chosen)
    resumed.load()
    for run, patches in ((whole, sampler), (resumed, again)):
        for _ in range(8):
            run.train_step(patches)
    assert loss_now() < before
    assert same_weights(whole.model, resumed.model)
    assert same_weights(whole.average, resumed.average)


def test_every_scale_counts_in_a_validation(options, monkeypatch, photographs):
    run, _ = begin(options(**NETWORKS["vdsr"]))
    pictures = load_training_images([photographs], run.options.scale, run.patch)
    seen = {}

    def psnr(result: torch.Tensor, truth: torch.Tensor) -> float:
        seen[tuple(truth.shape)] = metrics.psnr(result, truth)
        return seen[tuple(truth.shape)]

    monkeypatch.setattr("srcnn.training.trainer.psnr", psnr)
    run.step = 1
    run.validate(pictures.validation_pairs(), 1.0)
    assert list(seen) == [(156, 196), (153, 192), (152, 192)]
    assert run.history[-1]["psnr"] == pytest.approx(sum(seen.values()) / 3)
    kept = next(
        file for file in list_pictures(photographs) if open_truth(file).levels.equal(pictures.validation[0][0].levels)
    )
    evaluated = [evaluate(run.model.for_scale(scale), [kept]) for scale in (2, 3, 4)]
    assert list(seen.values()) == pytest.approx([report.srcnn.psnr for report in evaluated], abs=1e-6)


def test_a_step_lets_cudnn_look_for_its_fastest_kernels(options, monkeypatch):
    run, sampler = begin(options())
    seen = []
    sample = sampler.sample

    def note(*arguments: object) -> tuple[torch.Tensor, torch.Tensor]:
        seen.append((torch.backends.cudnn.enabled, torch.backends.cudnn.benchmark))
        return sample(*arguments)

    monkeypatch.setattr(sampler, "sample", note)
    run.train_step(sampler)
    assert seen == [(True, True)]
    assert not torch.backends.cudnn.benchmark  # pictures that are measured have many sizes


@pytest.mark.parametrize("optimizer", ["soap", "adam", "sgd"])
def test_a_run_resumed_after_any_step_goes_on_bit_for_bit(options, tmp_path, optimizer):
    """After any: what was saved and read lies otherwise in memory, and a product can round otherwise for that."""

    def chosen(step: int) -> TrainingOptions:
        return options(optimizer=optimizer, learning_rate=1e-3, state=tmp_path / f"after{step}")

    steps = 22  # SOAP turns its axes twice
    whole, sampler = begin(chosen(0))
    for step in range(1, steps + 1):
        whole.train_step(sampler)
        whole.options = chosen(step)
        whole.save()
    for step in range(1, steps):
        resumed, sampler = begin(chosen(step))
        resumed.load()
        while resumed.step < steps:
            resumed.train_step(sampler)
        assert same_weights(whole.model, resumed.model), f"resumed after step {step}"


def test_a_state_of_the_earlier_soap_is_refused_in_one_sentence(options, tmp_path):
    run, sampler = begin(options(state=tmp_path))
    run.train_step(sampler)
    run.optimizer.optimizer.state[run.model.conv1.weight]["covariance0"] = torch.eye(64)
    run.save()
    again, _ = begin(options(state=tmp_path))
    with pytest.raises(TrainingError, match="was saved by an earlier version"):
        again.load()


@pytest.mark.parametrize("network", ["srcnn", "edsr"])
@pytest.mark.parametrize("scale", [1, 8])
def test_other_scales_are_trained_measured_and_used(options, photographs, tmp_path, network, scale):
    """x1 restores pictures of equal size: here, what JPEG left of them."""
    low = {}
    if scale == 1:
        for file in list_pictures(photographs):
            Image.open(file).save(tmp_path / f"{file.stem}.jpg", quality=30)
        low = {"low": (tmp_path,)}
    size = {"depth": 1, "channels": 6} if network == "edsr" else {}
    chosen = options(network=network, scale=scale, steps=20, validate_every=10, learning_rate=1e-3, **size, **low)
    model = train(chosen)
    assert model.scale == scale
    assert model.recipe.get("low") == ([tmp_path.name] if scale == 1 else None)
    assert model.recipe["history"][-1]["psnr"] > 15
    model.save_pretrained(chosen.output)
    write_card(chosen.output, [photographs], low=chosen.low)
    text = (chosen.output / "README.md").read_text()
    assert ("It knows pictures like its training pairs only" in text) == (scale == 1)
    assert ("the low-resolution pictures are the sets' own" in text) == (scale == 1)
    small = open_picture(list_pictures(photographs)[0]).crop(16, 24)
    assert upscale(small, model).pixels.shape == (16 * scale, 24 * scale, 3)


def test_two_trainings_in_one_process_may_differ_in_their_precision(options, tmp_path):
    short = {"steps": 2, "validate_every": 2}
    for number, precision in enumerate(("fp32", "bf16", "fp32")):
        model = train(options(precision=precision, state=tmp_path / str(number), **short))
        assert model.recipe["precision"] == precision


def test_test_pictures_that_are_trained_on_are_counted_and_told(options, photographs, capsys):
    model = train(options(steps=2, validate_every=2, test=(photographs,)))
    assert list(model.recipe["test_overlaps"].values()) == [4]
    assert "4 of the test pictures are trained or validated on" in "".join(capsys.readouterr())


def test_the_first_kernels_are_kept_to_what_the_pictures_hold_until_the_end(options, tmp_path):
    chosen = options(steps=6, validate_every=3, span=1e-3)
    pictures = load_training_images(chosen.data, chosen.scale, 36)
    planes = [pair.input_of(SRCNN()) for pairs in pictures.validation_pairs() for pair in pairs]
    kernels = train(chosen).conv1.weight.detach().flatten(2).double()
    assert torch.allclose(kernels @ find_kernel_span(planes, 9, 1e-3), kernels, atol=1e-5)
    free = train(options(steps=6, validate_every=3, state=tmp_path / "free", overwrite=True)).conv1.weight.detach()
    free = free.flatten(2).double()
    assert not torch.allclose(free @ find_kernel_span(planes, 9, 1e-3), free, atol=1e-2)


def test_an_interrupted_run_with_revived_maps_ends_as_one_that_was_not(options, tmp_path, monkeypatch):
    start = SRCNN(scale=2, padding="replicate")
    start.initialise()
    torch.nn.init.constant_(start.conv1.bias[5:9], -9.0)
    start.save_pretrained(tmp_path / "start")
    chosen = {"start": tmp_path / "start", "revive": True, "span": 1e-5, "flat": 0.25, "steps": 6, "validate_every": 3}
    whole = train(options(state=tmp_path / "whole", **chosen))
    save = Trainer.save

    def interrupted(run: Trainer) -> None:
        save(run)
        if run.step == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Trainer, "save", interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(options(state=tmp_path / "half", **chosen))
    assert same_weights(train(options(state=tmp_path / "half", resume=True, **chosen)), whole)
    assert (whole.conv1.bias > -5).all()


@pytest.mark.parametrize("choices", [{"batch_norm": True}, {"network": "vdsr", "depth": 3, "channels": 4}])
@pytest.mark.parametrize("asked", [{"revive": True}, {"span": 1e-5}])
def test_maps_are_not_prepared_of_other_networks(options, choices, asked):
    with pytest.raises(TrainingError, match="are for srcnn without batch normalisation"):
        train(options(**choices, **asked))
