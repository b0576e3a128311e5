"""Steps a second of train.py against the loop that tutorials show, in one run, and the share that sampling takes.

    python -m benchmarks.training_speed [--seconds 10]

The tutorial's loop: a plain nn.Module with padded convolutions on NCHW tensors, a Dataset that cuts random patches from
pictures in memory, a DataLoader, Adam. Both get the same network, the same pictures and the same number of patches of
the same size. The two take turns, so that what else the machine does hits both.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import skimage.data
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from srcnn.data.degradation import Truth, make_pair
from srcnn.data.training_images import load_training_images
from srcnn.imaging.picture import Picture
from srcnn.training.accelerator import make_accelerator
from srcnn.training.options import TrainingOptions
from srcnn.training.trainer import Trainer

ROUNDS = 5
SCALE = 3
BATCH, PATCH = 16, 60  # patches a step, and their side as the network gets them


class TutorialNetwork(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 64, 9, padding=4)
        self.conv2 = nn.Conv2d(64, 32, 1)
        self.conv3 = nn.Conv2d(32, 1, 5, padding=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv3(F.relu(self.conv2(F.relu(self.conv1(x)))))


class TutorialPatches(Dataset):
    def __init__(self, truths: list[Truth], length: int) -> None:
        pairs = [make_pair(truth, SCALE) for truth in truths]
        self.examples = [(pair.bicubic.float() / 255, pair.truth.float() / 255) for pair in pairs]
        self.length = length

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        bicubic, truth = self.examples[index % len(self.examples)]
        top = int(torch.randint(truth.shape[0] - PATCH + 1, ()))
        left = int(torch.randint(truth.shape[1] - PATCH + 1, ()))
        cut = slice(top, top + PATCH), slice(left, left + PATCH)
        return bicubic[cut][None], truth[cut][None]


def build_tutorial_step(truths: list[Truth], device: torch.device) -> Callable[[], None]:
    model = TutorialNetwork().to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    batches = iter(DataLoader(TutorialPatches(truths, length=10**9), batch_size=BATCH))

    def step() -> None:
        bicubic, truth = next(batches)
        loss = F.mse_loss(model(bicubic.to(device)), truth.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def build_our_step(folder: Path, precision: str, optimizer: str) -> tuple[Callable, Callable, Trainer]:
    options = TrainingOptions(
        data=(folder,), output=folder / "out", batch_size=BATCH, optimizer=optimizer, precision=precision
    )
    run = Trainer(options, make_accelerator(options))
    assert run.patch == PATCH
    sampler = run.make_sampler(load_training_images([folder], (SCALE,), PATCH))
    return lambda: run.train_step(sampler), lambda: sampler.sample(BATCH, run.generator), run


def measure_rate(step: Callable, seconds: float, device: torch.device) -> float:
    """Calls a second."""
    for _ in range(3):
        step()
    synchronize(device)
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        step()
        count += 1
    synchronize(device)
    return count / (time.perf_counter() - started)


def synchronize(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10, help="for each loop (default: 10)")
    parser.add_argument("--precision", default="fp32", choices=("fp32", "bf16", "fp16"), help="of train.py's step")
    parser.add_argument("--optimizer", default="adam", help="of train.py's step (default: adam, as the tutorial)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for photograph in ("astronaut", "chelsea", "coffee", "camera"):
            Picture(getattr(skimage.data, photograph)()).save(folder / f"{photograph}.png")
        (truths,) = load_training_images([folder], (SCALE,), PATCH).training
        ours, sample, run = build_our_step(folder, args.precision, args.optimizer)
        device = run.accelerator.device
        loops = {"tutorial": build_tutorial_step(truths, device), "train.py": ours, "sampling": sample}
        rates = {name: [] for name in loops}
        for _ in range(ROUNDS):
            for name, step in loops.items():
                rates[name].append(measure_rate(step, args.seconds / ROUNDS, device))
    median = {name: sorted(values)[ROUNDS // 2] for name, values in rates.items()}
    print(f"{device}, {torch.get_num_threads()} threads, {BATCH} patches of {PATCH}x{PATCH}, {args.precision}")
    print(f"tutorial's loop  {median['tutorial']:8.1f} steps/s")
    print(f"train.py's step  {median['train.py']:8.1f} steps/s, {median['train.py'] / median['tutorial']:.2f} times")
    print(f"sampling         {median['train.py'] / median['sampling']:8.1%} of a step")


if __name__ == "__main__":
    main()
