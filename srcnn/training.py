"""The training loop: random patches in, the best checkpoint of a run out."""

import copy
import dataclasses
import json
import math
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from tqdm import tqdm

from srcnn.checkpoint import optimizer_tensors, read_state, restore_optimizer, write_state
from srcnn.data import PatchSampler, TrainingImages, load_folders
from srcnn.degrade import Pair
from srcnn.evaluate import measured_parts
from srcnn.losses import LOSSES
from srcnn.metrics import psnr, shave
from srcnn.model import SRCNN
from srcnn.options import TrainingError, TrainingOptions
from srcnn.schedule import learning_rate, plateaus
from srcnn.upscale import best_device, super_resolve

SHOW_EVERY = 50  # steps between two looks at the loss
KEPT_NUMBERS = ("step", "best_step", "best_psnr", "history")  # of a Run, in its state


def train(options: TrainingOptions) -> SRCNN:
    """Run the training to its end and return the network with the best weights, `recipe` filled in, on the CPU.

    Raises TrainingError or images.ImageError with one sentence for the person who started it.
    """
    device = best_device() if options.device == "auto" else torch.device(options.device)
    run = Run(options, device)
    if options.resume:
        run.load()
    pictures = load_folders(options.data, options.scale, min_side=run.input_size, shrink=options.shrink)
    report(pictures)
    sampler = PatchSampler(pictures.training, run.input_size, device)

    loss_of = LOSSES[options.loss]
    bar = tqdm(total=options.steps, initial=run.step, unit="step", smoothing=0.05)
    started, first = time.monotonic(), run.step
    while run.step < options.steps and not run.is_over():
        loss = run.optimise(sampler, loss_of)
        bar.update()
        validating = run.step % options.validate_every == 0 or run.step == options.steps
        if not validating and run.step % SHOW_EVERY:
            continue  # reading the loss off a GPU would make it wait
        run.check_finite(loss.item())
        if validating:
            run.validate(pictures.validation)
            run.save()
        speed = options.batch_size * (run.step - first) / (time.monotonic() - started)
        bar.set_postfix_str(f"loss {loss.item():.3e}, validation {run.best_psnr:.3f} dB, {speed:.0f} images/s")
    bar.close()
    return run.result(pictures)


class Run:
    """What changes while a network is trained: weights, their average, optimiser, random numbers, what came of it."""

    def __init__(self, options: TrainingOptions, device: torch.device) -> None:
        torch.manual_seed(options.seed)
        self.options = options
        self.generator = torch.Generator().manual_seed(options.seed)
        self.model = SRCNN(
            kernel_sizes=options.kernel_sizes,
            residual=options.residual,
            batch_norm=options.batch_norm,
            padding="replicate",
            scale=options.scale,
            loss=options.loss,
        )
        if options.start:
            load_start(self.model, options.start)
        else:
            initialise(self.model)
        self.model.to(device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.model)
        self.optimizer = make_optimizer(options, self.model)
        self.step = 0
        self.best_step = 0
        self.best_psnr = -math.inf
        self.best = clone(self.average.state_dict())
        self.history: list[dict] = []  # a validation each: step, mean loss since the one before, psnr in dB
        self.loss_sum = torch.zeros((), device=device)

    @property
    def validations(self) -> list[float]:
        return [entry["psnr"] for entry in self.history]

    def is_over(self) -> bool:
        """Whether early stopping ends the run before its last step."""
        return self.options.stop_after > 0 and plateaus(self.validations, self.options.stop_after) > 0

    @property
    def input_size(self) -> int:
        return self.options.patch_size + 2 * self.model.halo

    def optimise(self, sampler: PatchSampler, loss_of) -> Tensor:
        """One step; returns its loss, not yet waited for on a GPU."""
        self.model.train()
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.options, self.step, self.validations)
        bicubic, truth = sampler.sample(self.options.batch_size, self.generator)
        output = self.model(bicubic.contiguous(memory_format=torch.channels_last), valid=True)
        loss = loss_of(output, shave(truth, self.model.halo))
        self.optimizer.zero_grad()
        loss.backward()
        if self.options.clip:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.options.clip)
        self.optimizer.step()
        update_average(self.average, self.model, self.options.ema, self.step)
        self.step += 1
        self.loss_sum += loss.detach()
        return loss.detach()

    def check_finite(self, loss: float) -> None:
        if math.isfinite(loss) and all(torch.isfinite(weights).all() for weights in self.model.parameters()):
            return
        raise TrainingError(
            f"The loss or a weight became infinite or NaN by step {self.step}, most likely because --learning-rate is "
            "too high; lower it and start again. The last good state is kept."
        )

    def validate(self, folders: list[list[Pair]]) -> None:
        """Measure the averaged weights and keep them if they are the best so far. Each folder counts the same."""
        model = self.average.eval()
        means = [sum(validation_psnr(model, pair) for pair in pairs) / len(pairs) for pairs in folders]
        mean = sum(means) / len(means)
        steps = self.step - (self.history[-1]["step"] if self.history else 0)
        self.history.append({"step": self.step, "loss": self.loss_sum.item() / steps, "psnr": mean})
        self.loss_sum.zero_()
        if mean > self.best_psnr:
            self.best_psnr, self.best_step, self.best = mean, self.step, clone(model.state_dict())

    def result(self, pictures: TrainingImages) -> SRCNN:
        model = SRCNN(**dataclasses.asdict(self.model.config))
        model.load_state_dict(self.best)
        model.recipe = {
            **self.options.recipe(),
            "images": sum(len(folder) for folder in pictures.training),
            "validation_images": sum(len(folder) for folder in pictures.validation),
            "validation_psnr": round(self.best_psnr, 4),
            "best_step": self.best_step,
            "history": [{key: float(f"{value:.6g}") for key, value in entry.items()} for entry in self.history],
        }
        return model.eval()

    def save(self) -> None:
        parts = {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "best": self.best,
            "optimizer": optimizer_tensors(self.optimizer),
            "random": {"patches": self.generator.get_state()},
        }
        numbers = {name: getattr(self, name) for name in KEPT_NUMBERS}
        write_state(self.options.state_file, parts, {"options": self.options.recipe(), **numbers})

    def load(self) -> None:
        """Go on from the saved state, if there is one. Raises TrainingError where it was made with other options."""
        file = self.options.state_file
        if not file.exists():
            return
        parts, numbers = read_state(file)
        current = json.loads(json.dumps(self.options.recipe()))  # tuples become lists, as in the file
        if different := [key for key in current if current[key] != numbers["options"].get(key)]:
            raise TrainingError(
                f"{file} belongs to a run with another {', '.join(different)}; drop --resume to start anew."
            )
        self.model.load_state_dict(parts["model"])
        self.average.load_state_dict(parts["average"])
        self.best = parts["best"]
        restore_optimizer(self.optimizer, parts.get("optimizer", {}))
        self.generator.set_state(parts["random"]["patches"])
        for name in KEPT_NUMBERS:
            setattr(self, name, numbers[name])


def make_optimizer(options: TrainingOptions, model: SRCNN) -> torch.optim.Optimizer:
    settings = {"lr": options.learning_rate, "weight_decay": options.weight_decay}
    if options.optimizer == "sgd":
        return torch.optim.SGD(model.parameters(), momentum=options.momentum, **settings)
    return {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[options.optimizer](model.parameters(), **settings)


def load_start(model: SRCNN, folder: Path) -> None:
    """Start from another variant's weights. Raises TrainingError where they do not fit."""
    try:
        model.load_state_dict(SRCNN.from_pretrained(folder).state_dict())
    except (ValueError, OSError, RuntimeError) as error:
        raise TrainingError(f"{folder} cannot be started from; name a variant folder of the same network.") from error


@torch.no_grad()
def update_average(average: SRCNN, current: SRCNN, decay: float, step: int) -> None:
    """Exponential moving average that forgets its start: the decay grows from 0.1 to `decay` with the steps."""
    share = 1 - min(decay, (1 + step) / (10 + step))
    for mean, value in zip(average.state_dict().values(), current.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(value, share)
        else:
            mean.copy_(value)  # batch normalisation counts its batches


def initialise(model: SRCNN) -> None:
    """A start that is the bicubic picture plus very little, so that a high learning rate kills no filter.

    Kaiming's normal distribution, and a last layer near zero. Without the global residual one filter of each layer
    hands the picture through instead: training then behaves as with a residual, and the result is a plain network.
    """
    for conv in (model.conv1, model.conv2):
        nn.init.kaiming_normal_(conv.weight)
        nn.init.zeros_(conv.bias)
    nn.init.normal_(model.conv3.weight, std=1e-3)
    nn.init.zeros_(model.conv3.bias)
    if not model.config.residual:
        nn.init.zeros_(model.conv2.weight[:1])
        for conv in (model.conv1, model.conv2, model.conv3):
            nn.init.dirac_(conv.weight[:1, :1])


def validation_psnr(model: SRCNN, pair: Pair) -> float:
    return psnr(*measured_parts(super_resolve(model, pair.bicubic), pair, model.config.scale))


def report(pictures: TrainingImages) -> None:
    for file, reason in pictures.skipped.items():
        tqdm.write(f"skipped {file}: {reason}")
    used, kept = (sum(len(folder) for folder in part) for part in (pictures.training, pictures.validation))
    tqdm.write(f"{used} pictures to train on, {kept} to validate on, {len(pictures.skipped)} skipped")


def clone(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {key: value.detach().clone() for key, value in state.items()}
