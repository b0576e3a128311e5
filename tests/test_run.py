import pytest
import torch
from conftest import same_weights

from srcnn.data import PatchSampler, load_folders
from srcnn.losses import LOSSES
from srcnn.metrics import shave
from srcnn.options import TrainingOptions
from srcnn.run import Run, clone
from srcnn.training import make_accelerator


def begin(options: TrainingOptions) -> tuple[Run, PatchSampler]:
    run = Run(options, make_accelerator(options))
    pictures = load_folders(options.data, options.scale, run.input_size)
    return run, PatchSampler(pictures.training, run.input_size, torch.device("cpu"))


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
            return run.objective(run.model(bicubic, valid=True), shave(truth, run.model.halo)).item()

    before = loss_now()
    for _ in range(200):
        run.optimise(sampler)
    assert loss_now() < (0.98 if optimizer == "sgd" else 0.9) * before


def test_the_options_of_a_schedule_reach_the_optimiser(options):
    run, sampler = begin(options(schedule="step", decay=0.1, decay_every=2, warmup=0.0, learning_rate=1.5e-3))
    rates = []
    for _ in range(4):
        run.optimise(sampler)
        rates.append(run.optimizer.param_groups[0]["lr"])
    assert rates == pytest.approx([1.5e-3, 1.5e-3, 1.5e-4, 1.5e-4])


def test_gradients_are_clipped_where_wanted(options):
    steps = {}
    for clip in (1e-4, 0):
        run, sampler = begin(options(clip=clip, optimizer="sgd", momentum=0.0, warmup=0.0, learning_rate=1.0))
        before = clone(run.model.state_dict())
        run.optimise(sampler)
        change = [value - before[key] for key, value in run.model.state_dict().items()]
        steps[clip] = torch.cat([part.flatten() for part in change]).norm().item()
    assert steps[1e-4] == pytest.approx(1e-4, rel=0.01)
    assert steps[0] > 1e-3


def test_without_a_moving_average_the_last_weights_are_released(options):
    run, sampler = begin(options(ema=0.0))
    for _ in range(3):
        run.optimise(sampler)
    assert same_weights(run.model, run.average)


def test_the_best_checkpoint_is_kept_not_the_last(options, monkeypatch):
    run, _ = begin(options())
    figures = iter([20.0, 30.0, 25.0])
    run.best_psnr = -1
    for figure in figures:
        torch.nn.init.constant_(run.average.conv3.bias, figure)
        monkeypatch.setattr("srcnn.run.validation_psnr", lambda model, pair, figure=figure: figure)
        run.step += 1
        run.validate([[None]])
    assert run.best_step == 2
    assert run.best["conv3.bias"].item() == 30


@pytest.mark.parametrize("optimizer", ["soap", "adam", "sgd"])
def test_a_run_resumed_after_any_step_goes_on_bit_for_bit(options, tmp_path, optimizer):
    """After any: what was saved and read lies otherwise in memory, and a product can round otherwise for that."""

    def chosen(step: int) -> TrainingOptions:
        return options(optimizer=optimizer, learning_rate=1e-3, state=tmp_path / f"after{step}")

    steps = 32
    whole, sampler = begin(chosen(0))
    for step in range(1, steps + 1):
        whole.optimise(sampler)
        whole.options = chosen(step)
        whole.save()
    for step in range(1, steps):
        resumed, sampler = begin(chosen(step))
        resumed.load()
        while resumed.step < steps:
            resumed.optimise(sampler)
        assert same_weights(whole.model, resumed.model), f"resumed after step {step}"
