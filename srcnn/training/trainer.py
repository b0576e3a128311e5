"""A training run: the weights, their average, the optimisers, the random numbers, and what came of it so far."""

import copy
import dataclasses
import json
import math
from collections.abc import Iterable
from statistics import fmean

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list
from safetensors import SafetensorError
from torch import Tensor

from srcnn.data.degradation import Pair, Truth, make_pair
from srcnn.data.patches import Example, PatchSampler
from srcnn.data.training_images import TrainingImages
from srcnn.evaluation.metrics import psnr, shave
from srcnn.evaluation.scores import round_and_shave
from srcnn.imaging.imresize import to_uint8
from srcnn.inference.engine import restore
from srcnn.inference.unused_memory import return_memory
from srcnn.networks.base import Network
from srcnn.training.checkpoint import collect_optimizer_tensors, read_state, restore_optimizer, write_state
from srcnn.training.losses import Discriminator, discriminator_loss, make_objective
from srcnn.training.optimizers import count_plateaus, learning_rate_at, make_optimizer
from srcnn.training.options import DivergedError, TrainingError, TrainingOptions
from srcnn.training.warm_start import build_network, load_teachers

_RECIPE_FIGURES = ("step", "loss", "psnr")  # of an entry of the history
_PERFECT_PSNR_DB = 100.0
_SAVED_NUMBERS = ("step", "best_step", "best_psnr", "start_psnr", "pictures", "history")  # of a Trainer, in its state


class Trainer:
    """What changes while a network is trained; every process of a run has one and all stay equal."""

    def __init__(self, options: TrainingOptions, accelerator: Accelerator) -> None:
        torch.manual_seed(options.seed)
        self.options = options
        self.accelerator = accelerator
        self.generator = torch.Generator().manual_seed(options.seed)
        model, self.before = build_network(options)
        self.model = model.to(accelerator.device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.model)
        self.network, self.optimizer = accelerator.prepare(self.model, make_optimizer(options, self.model))
        self.teachers = {scale: each.to(accelerator.device) for scale, each in load_teachers(options).items()}
        self.discriminator = self.judge = None
        if options.loss == "adversarial":
            self.discriminator = Discriminator().to(accelerator.device)
            optimizer = torch.optim.Adam(self.discriminator.parameters(), lr=options.discriminator_rate)
            self.judge, self.judge_optimizer = accelerator.prepare(self.discriminator, optimizer)
        self.objective = make_objective(options, self.discriminator).to(accelerator.device)
        self.step = 0
        self.best_step = 0
        self.best_psnr = -math.inf
        self.start_psnr: float | None = None  # of the weights that the run started from; None for random ones
        self.pictures: str | None = None  # their fingerprint; None in a state of earlier versions
        self.best = clone_state(self.average.state_dict())
        # A validation each: step, mean loss since the one before, psnr in dB, learning_rate, images_per_second.
        self.history: list[dict] = []
        self.loss_sum = torch.zeros((), device=accelerator.device)

    @property
    def validations(self) -> list[float]:
        return [entry["psnr"] for entry in self.history]

    def should_stop(self) -> bool:
        """Whether early stopping ends the run before its last step."""
        return self.options.stop_after > 0 and count_plateaus(self.validations, self.options.stop_after) > 0

    @property
    def patch(self) -> int:
        """Side of a patch in pixels of the truth: the measured part and what the network leaves out around it."""
        return self.options.patch_size + 2 * self.model.valid_border

    def make_sampler(self, pictures: TrainingImages) -> PatchSampler:
        """What draws the patches of this run. It takes over the pictures to train on: `pictures` keeps none of them."""
        examples = [
            [self.make_example(truth, scale) for truth in truths for scale in pictures.scales]
            for truths in pictures.training
        ]
        upsampling, device = self.model.upsampling, self.accelerator.device
        sampler = PatchSampler(examples, self.patch, upsampling, device, self.options.turns, self.options.flat)
        pictures.training.clear()
        return sampler

    def make_example(self, truth: Truth, scale: int) -> Example:
        """What is learned from a picture: the truth, or with a teacher, a mean of the truth and what that makes of it.

        For MSE that is the mean of both losses but for a constant: Hinton et al., "Distilling the Knowledge in a Neural
        Network", 2015, section 2, with pictures in place of the classes' probabilities. It is rounded to 8 bits.
        """
        if not self.teachers:
            return Example(truth, scale)
        pair = make_pair(truth, scale)
        taught = restore(self.teachers[scale], pair)
        wanted = truth.levels.clone()
        mixed = pair.truth.double().lerp(taught.double(), self.options.teacher_weight)
        wanted[: taught.shape[0], : taught.shape[1]] = to_uint8(mixed)
        return Example(truth, scale, wanted)

    # All patches are of one size, for which cuDNN finds its fastest kernels once.
    @torch.backends.cudnn.flags(enabled=True, benchmark=True)
    def train_step(self, sampler: PatchSampler) -> Tensor:
        """One step on this process's share of a batch; returns its loss, not yet waited for on a GPU."""
        self.network.train()
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate_at(self.options, self.step, self.validations)
        rank, processes = self.accelerator.process_index, self.accelerator.num_processes
        picture, truth = sampler.sample(self.options.batch_size, self.generator, rank, processes)
        truth = shave(truth, self.model.valid_border)
        output = self.network(picture.contiguous(memory_format=torch.channels_last), valid=True)
        if self.judge is not None:
            self.discriminator_step(output, truth)
        with self.accelerator.autocast():
            loss = self.objective(output, truth)
        self.backward_and_step(loss, self.optimizer, self.model.parameters())
        _update_average(self.average, self.model, self.options.ema, self.step)
        self.step += 1
        self.loss_sum += loss.detach()
        return loss.detach()

    def discriminator_step(self, output: Tensor, truth: Tensor) -> None:
        """A step of the discriminator, whose weights then stand still while the network's own gradient is taken."""
        self.discriminator.requires_grad_(True)
        with self.accelerator.autocast():
            loss = discriminator_loss(self.judge, output, truth)
        self.backward_and_step(loss, self.judge_optimizer, self.discriminator.parameters())
        self.discriminator.requires_grad_(False)

    def backward_and_step(self, loss: Tensor, optimizer: torch.optim.Optimizer, weights) -> None:
        optimizer.zero_grad()
        self.accelerator.backward(loss)
        if self.options.clip:
            self.accelerator.clip_grad_norm_(weights, self.options.clip)
        optimizer.step()

    def check_finite(self, loss: float) -> None:
        if math.isfinite(loss) and all(torch.isfinite(weights).all() for weights in self.model.parameters()):
            return
        raise DivergedError(
            f"The loss or a weight became infinite or NaN by step {self.step}, most likely because --learning-rate is "
            "too high; lower it and start again. The last good state is kept."
        )

    def validate(self, sets: Iterable[Iterable[Pair]], images_per_second: float) -> None:
        """Measure the averaged weights and keep them if they are the best so far. Each set counts the same.

        What is measured, and how fast the run is, becomes an entry of the history.

        One process measures and tells the others, so that no rounding makes them differ about when to stop. A loss
        that is judged by eye trades PSNR away, so there the latest weights are kept.
        """
        mean = self._measure_average(sets)
        steps = self.step - (self.history[-1]["step"] if self.history else 0)
        loss = self.accelerator.reduce(self.loss_sum, "mean").item() / steps
        rate = self.optimizer.param_groups[0]["lr"]
        entry = {"step": self.step, "loss": loss, "psnr": mean}
        self.history.append(entry | {"learning_rate": rate, "images_per_second": images_per_second})
        self.loss_sum.zero_()
        if mean > self.best_psnr or self.options.judged_by_eye:
            self.best_psnr, self.best_step, self.best = mean, self.step, clone_state(self.average.state_dict())

    def validate_start(self, sets: Iterable[Iterable[Pair]]) -> None:
        """Measure the weights that the run starts from. With the same aim, they are the best until others are better.

        A start of another loss, or that saw fewer flat greys, is no candidate: what this run is for would be lost.
        """
        self.start_psnr = self._measure_average(sets)
        before = self.before[-1] if self.before else {}
        same_loss = before.get("loss") in (None, self.options.loss)
        if same_loss and before.get("flat", 0) >= self.options.flat:
            self.best_psnr = self.start_psnr

    def _measure_average(self, sets: Iterable[Iterable[Pair]]) -> float:
        """The PSNR of the averaged weights in dB, measured by one process for all."""
        model, mean = self.average.eval(), 0.0
        if self.accelerator.is_main_process:
            return_memory()  # of the steps: a picture takes more than a batch
            mean = measure_mean_psnr(model, sets)
        return broadcast_object_list([mean])[0]

    def check_pictures(self, pictures: TrainingImages) -> None:
        """Raises TrainingError where the state was saved by a run on other pictures."""
        fingerprint = pictures.fingerprint()
        if self.pictures not in (None, fingerprint):
            raise TrainingError(
                f"{self.options.state_file} belongs to a run on other pictures; name another folder with --state, or "
                "begin anew with --overwrite in place of --resume."
            )
        self.pictures = fingerprint

    def build_result(self, pictures: TrainingImages, test_overlaps: dict[str, int]) -> Network:
        """The network with the best weights, on the CPU, its recipe filled in.

        test_overlaps: what `count_overlaps` found.
        """
        model = self.options.kind(**dataclasses.asdict(self.model.config))
        model.load_state_dict(self.best)
        model.recipe = {
            **self.options.recipe(),
            "before": self.before,
            "images": pictures.used,
            "validation_images": pictures.kept_out,
            "validation_psnr": round(self.best_psnr, 4),
            "best_step": self.best_step,
            "history": self.rounded_history(),
        } | ({"test_overlaps": test_overlaps} if test_overlaps else {})
        return model.eval()

    def rounded_history(self) -> list[dict]:
        """The history as a recipe has it."""
        return [{key: float(f"{entry[key]:.6g}") for key in _RECIPE_FIGURES} for entry in self.history]

    def save(self) -> None:
        """Write the state, from one of the processes. Raises TrainingError where the disk does not take it."""
        loss_sum = self.accelerator.reduce(self.loss_sum, "mean").item()
        if not self.accelerator.is_main_process:
            return
        parts = {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "best": self.best,
            "optimizer": collect_optimizer_tensors(self.optimizer.optimizer),
            "random": {"patches": self.generator.get_state()},
        }
        numbers = {name: getattr(self, name) for name in _SAVED_NUMBERS}
        numbers |= {"options": self.options.recipe(), "output": self.options.output_checksum, "loss_sum": loss_sum}
        if self.discriminator is not None:
            parts["discriminator"] = self.discriminator.state_dict()
            parts["judge_optimizer"] = collect_optimizer_tensors(self.judge_optimizer.optimizer)
        if self.accelerator.scaler is not None:
            numbers["scaler"] = self.accelerator.scaler.state_dict()
        try:
            write_state(self.options.state_file, parts, numbers)
        except (OSError, SafetensorError) as error:
            raise TrainingError(
                f"The state of the run could not be written to {self.options.state_file}: {error}; make room and go on "
                "with --resume."
            ) from error

    def load(self) -> None:
        """Go on from the saved state. Raises TrainingError where it is broken or of another run."""
        file = self.options.state_file
        parts, numbers = read_state(file)
        current = json.loads(json.dumps(self.options.recipe()))  # tuples become lists, as in the file
        saved = numbers["options"]
        chosen = (current | saved).keys() - {"license"}  # which changes no weight
        different = [key for key in current | saved if key in chosen and current.get(key) != saved.get(key)]
        if different == ["steps"]:
            raise TrainingError(
                f"{file} belongs to a run of {saved['steps']} steps, over which its learning rate changes; to add "
                f"steps, start a run of its own from the weights: --start {self.options.output} and another --output."
            )
        if different:
            raise TrainingError(
                f"{file} belongs to a run with another {', '.join(different)}; name another folder with --state, or "
                "begin anew with --overwrite in place of --resume."
            )
        self.model.load_state_dict(parts["model"])
        self.average.load_state_dict(parts["average"])
        self.best = parts["best"]
        restore_optimizer(self.optimizer.optimizer, parts.get("optimizer", {}))
        if self.discriminator is not None:
            self.discriminator.load_state_dict(parts["discriminator"])
            restore_optimizer(self.judge_optimizer.optimizer, parts["judge_optimizer"])
        if self.accelerator.scaler is not None:
            self.accelerator.scaler.load_state_dict(numbers["scaler"])
        self.generator.set_state(parts["random"]["patches"])
        for name in _SAVED_NUMBERS:
            setattr(self, name, numbers.get(name, getattr(self, name)))
        self.loss_sum.fill_(numbers.get("loss_sum", 0.0))


@torch.no_grad()
def _update_average(average: Network, current: Network, decay: float, step: int) -> None:
    """Exponential moving average that forgets its start: the decay grows from 0.1 to `decay` with the steps."""
    share = 1 - min(decay, (1 + step) / (10 + step))
    pairs = list(zip(average.state_dict().values(), current.state_dict().values(), strict=True))
    means, values = zip(*(pair for pair in pairs if pair[0].is_floating_point()), strict=True)
    torch._foreach_lerp_(means, values, share)
    for mean, value in (pair for pair in pairs if not pair[0].is_floating_point()):
        mean.copy_(value)  # batch normalisation counts its batches


def measure_mean_psnr(model: Network, sets: Iterable[Iterable[Pair]]) -> float:
    """dB; each set counts the same, and so does each picture of a set."""
    return fmean(fmean(measure_validation_psnr(model, pair) for pair in pairs) for pairs in sets)


def measure_validation_psnr(model: Network, pair: Pair) -> float:
    """dB; finite, also for a result without an error, so that one picture does not decide about all weights."""
    result = restore(model.for_scale(pair.scale), pair)
    return min(psnr(round_and_shave(result, pair.scale), shave(pair.truth, pair.scale)), _PERFECT_PSNR_DB)


def clone_state(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {key: value.detach().clone() for key, value in state.items()}
