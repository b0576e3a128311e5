"""Many visitors at once, for minutes: each is answered, and with the own picture, and memory and disk stay level.

    python -m benchmarks.load --clients 50 --minutes 10

The visitors are programs with Gradio's client, in turn at Compare and at Enlarge, each with one request after another.
Every tenth request is a bad one. Every picture carries a mark that its answer has to carry, too. The app is started
for that, with a folder of its own; memory is that of all its processes. Ends with status 1 where a promise is broken.
Needs requirements-dev.txt.
"""

import argparse
import contextlib
import functools
import itertools
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import skimage.data
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import open_picture
from srcnn.imaging.writing import encode_png
from srcnn.inference.device import best_device, name_device
from tests.support.browser import running_app

ANSWERED, FOREIGN, FAILED = "answered", "answered with another's picture", "failed"
REFUSED, TAKEN = "refused by a sentence", "not refused by the right sentence"
REQUESTS_PER_BAD_ONE = 10  # of so many requests, one is bad
SMALLEST, LARGEST = 64, 400  # sides of the pictures
MARK_BLOCKS = 4  # a side of a mark, which has a bit a block
MAX_MEMORY_GROWTH = 1.1  # of the memory, at most
MAX_DISK_GIGABYTES = 4.0  # GB of files of visitors, at most
LOOK_EVERY_SECONDS = 2  # seconds
CLIENT_PATIENCE_SECONDS = 60  # for an answer: the client's own 5 seconds are few where all visitors share two cores
MAX_DESCRIBED = 5  # of the broken promises, so many are described


@dataclass(frozen=True)
class RequestOutcome:
    """What became of a request, after how many seconds, and what was said."""

    verdict: str
    seconds: float
    told: str = ""


@dataclass(frozen=True)
class ServerSample:
    """Of the app, in bytes."""

    memory: int
    disk: int


def paint_mark(mark: int, height: int, width: int) -> Picture:
    """A photograph with a mark of BLOCKS x BLOCKS blocks, each dark or light: a bit of the number `mark`."""
    rows, columns = (np.arange(size) * MARK_BLOCKS // size for size in (height, width))
    light = mark >> (rows[:, None] * MARK_BLOCKS + columns) & 1
    photograph = skimage.data.astronaut()[:height, :width].astype(int)
    levels = 64 + 128 * light[..., None] + (photograph - 128) // 4
    return Picture(levels.astype(np.uint8))


def read_mark(picture: Picture) -> int:
    """The mark, from the middles of its blocks: enlarging blurs their edges."""
    height, width = (size / MARK_BLOCKS for size in picture.pixels.shape[:2])
    middles = [
        picture.pixels[int((row + 0.25) * height) : int((row + 0.75) * height) + 1][
            :, int((column + 0.25) * width) : int((column + 0.75) * width) + 1
        ]
        for row in range(MARK_BLOCKS)
        for column in range(MARK_BLOCKS)
    ]
    return sum(int(middle.mean() > 128) << bit for bit, middle in enumerate(middles))


@functools.cache
def list_bad_requests() -> list[tuple[bytes, str, str]]:
    """The content of a file, a loss, and what the answer has to say."""
    picture = encode_png(paint_mark(0, LARGEST, LARGEST))
    large = encode_png(Picture(np.zeros((4001, 4000), dtype=np.uint8)))
    return [
        (b"no picture", "mse", "not a picture in a known format"),
        (picture[: len(picture) // 2], "mse", "damaged or cut off"),
        (large, "mse", "megapixels, the limit here is"),
        (picture, "huber", "huber"),
    ]


class SimulatedVisitor:
    """A program that asks for one thing after another. `numbers` are those of all visitors' requests."""

    def __init__(self, url: str, folder: Path, numbers: Iterator[int]) -> None:
        self.numbers, self.picture, self.answers = numbers, folder / "picture.png", folder / "answers"
        patience = {"timeout": CLIENT_PATIENCE_SECONDS}
        self.client = Client(
            url, verbose=False, download_files=self.answers, analytics_enabled=False, httpx_kwargs=patience
        )

    def visit(self, end: float) -> list[RequestOutcome]:
        """Requests, at least one, until time.monotonic() is `end`."""
        outcomes = []
        while not outcomes or time.monotonic() < end:
            number = next(self.numbers)
            ask = self.ask_badly if number % REQUESTS_PER_BAD_ONE == 0 else self.ask
            outcomes.append(ask(number, np.random.default_rng(number)))
            shutil.rmtree(self.answers, ignore_errors=True)
        return outcomes

    def ask(self, number: int, random: np.random.Generator) -> RequestOutcome:
        mark = number % 2 ** (MARK_BLOCKS * MARK_BLOCKS)
        paint_mark(mark, *random.integers(SMALLEST, LARGEST + 1, 2)).save(self.picture)
        begin = time.monotonic()
        try:
            answer = self.predict("mse", random)
        except Exception as error:  # whatever it is, this visitor got no answer
            return RequestOutcome(FAILED, time.monotonic() - begin, repr(error))
        seconds = time.monotonic() - begin
        marks = {read_mark(open_picture(file)) for file in collect_files(answer)}
        return RequestOutcome(ANSWERED if marks == {mark} else FOREIGN, seconds, f"{marks} for {mark}")

    def ask_badly(self, number: int, random: np.random.Generator) -> RequestOutcome:
        content, loss, sentence = list_bad_requests()[number // REQUESTS_PER_BAD_ONE % len(list_bad_requests())]
        self.picture.write_bytes(content)
        begin = time.monotonic()
        try:
            told = repr(self.predict(loss, random))
        except Exception as error:
            told = repr(error)
            if isinstance(error, AppError) and sentence in told:
                return RequestOutcome(REFUSED, time.monotonic() - begin)
        return RequestOutcome(TAKEN, time.monotonic() - begin, f"{told} for {sentence}")

    def predict(self, loss: str, random: np.random.Generator) -> tuple:
        name, scale = random.choice(["/compare", "/enlarge"]), int(random.integers(2, 5))
        return self.client.predict(handle_file(self.picture), scale, loss, False, api_name=str(name))


def collect_files(answer: object) -> list[str]:
    """The pictures in what the client returns."""
    if isinstance(answer, list | tuple):
        return [file for part in answer for file in collect_files(part)]
    return [answer] if isinstance(answer, str) and answer.endswith(".png") else []


def take_sample(app: psutil.Process, files: Path) -> ServerSample:
    memory = disk = 0
    for process in (app, *app.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            memory += process.memory_info().rss
    for folder, _, names in os.walk(files):  # which passes over a folder that goes meanwhile
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                disk += os.stat(os.path.join(folder, name)).st_size
    return ServerSample(memory, disk)


def run_visitors(
    visitors: list[SimulatedVisitor], seconds: float, look: Callable[[], ServerSample]
) -> tuple[list[RequestOutcome], list[ServerSample]]:
    """Let all visitors ask at once; what became of their requests, and looks at the app meanwhile."""
    end, samples = time.monotonic() + seconds, [look()]
    with ThreadPoolExecutor(len(visitors)) as pool:
        visits = [pool.submit(visitor.visit, end) for visitor in visitors]
        while wait(visits, timeout=LOOK_EVERY_SECONDS).not_done:
            samples.append(look())
    return [outcome for visit in visits for outcome in visit.result()], samples


def memory_levels(samples: list[ServerSample]) -> tuple[int, int]:
    """Medians of the fourth fifth of the time, when the app keeps as many results as it may, and of the last."""
    memory, fifth = [each.memory for each in samples], len(samples) // 5
    return int(statistics.median(memory[3 * fifth : 4 * fifth + 1])), int(statistics.median(memory[-fifth - 1 :]))


def describe_load(outcomes: list[RequestOutcome], samples: list[ServerSample], seconds: float) -> list[str]:
    """Print the table; returns the promises that are broken."""
    count = Counter(outcome.verdict for outcome in outcomes)
    waits = [outcome.seconds for outcome in outcomes if outcome.verdict == ANSWERED]
    (warm, end), disk = memory_levels(samples), max(each.disk for each in samples)
    rows = {
        "good requests": sum(count[each] for each in (ANSWERED, FOREIGN, FAILED)),
        **{f"    {each}": count[each] for each in (ANSWERED, FOREIGN, FAILED)},
        "bad requests": sum(count[each] for each in (REFUSED, TAKEN)),
        **{f"    {each}": count[each] for each in (REFUSED, TAKEN)},
        "wait, median": f"{statistics.median(waits or [0]):.1f} s",
        "wait, longest": f"{max(waits, default=0):.1f} s",
        "answers a second": f"{len(outcomes) / seconds:.1f}",
        "memory after the warm-up": f"{warm / 1e6:.0f} MB",
        "memory at the end": f"{end / 1e6:.0f} MB ({end / warm - 1:+.1%})",
        "visitors' files, at most": f"{disk / 1e9:.2f} GB ({disk / len(outcomes) / 1e6:.1f} MB a request)",
    }
    for name, value in rows.items():
        print(f"{name:40} {value}")
    for outcome in [each for each in outcomes if each.verdict not in (ANSWERED, REFUSED)][:MAX_DESCRIBED]:
        print(f"{outcome.verdict} after {outcome.seconds:.1f} s: {outcome.told[:300]}")
    broken = [f"{count[each]} {each}" for each in (FOREIGN, FAILED, TAKEN) if count[each]]
    if end > MAX_MEMORY_GROWTH * warm:
        broken.append("the memory grew")
    if disk > MAX_DISK_GIGABYTES * 1e9:
        broken.append(f"the files took more than {MAX_DISK_GIGABYTES:.0f} GB")
    return broken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=50, help="at once; the app's queue takes 64")
    parser.add_argument("--minutes", type=float, default=10)
    args = parser.parse_args()
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # the clients, too, talk to nobody else
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tempfile.tempdir = name  # where the client leaves an empty folder for each file that it fetches
        with running_app(folder, os.environ | {"GRADIO_TEMP_DIR": str(folder / "files")}) as url:
            app = next(child for child in psutil.Process().children() if "app.py" in child.cmdline())
            numbers = itertools.count()
            visitors = [SimulatedVisitor(url, folder / f"visitor{number}", numbers) for number in range(args.clients)]
            begin = time.monotonic()
            outcomes, samples = run_visitors(visitors, 60 * args.minutes, lambda: take_sample(app, folder / "files"))
            seconds = time.monotonic() - begin
    print(f"{args.clients} visitors at once on {name_device(best_device())}, {os.cpu_count()} cores")
    broken = describe_load(outcomes, samples, seconds)
    print("Broken: " + "; ".join(broken) if broken else "All promises are kept.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
