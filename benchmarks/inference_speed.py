"""How fast SRCNN goes, beside what people would use instead, and beside what the machine could do at most.

    pip install -r requirements-dev.txt
    python -m benchmarks.inference_speed

The methods take turns in one process, and a figure is the median of several rounds. The limit is what the machine's
library of convolutions makes of one that suits it, of 64 maps to 64, in the precision of the method. Peak memory is
what a new process needs beyond the picture.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil
import skimage.data
import torch
import torch.nn.functional as F
from torch import Tensor

from srcnn.evaluation.comparison import degrade
from srcnn.evaluation.metrics import psnr, shave, ssim
from srcnn.evaluation.scores import round_and_shave
from srcnn.hub.download import WEIGHTS_FILE
from srcnn.imaging.picture import Picture
from srcnn.imaging.reading import open_picture
from srcnn.inference.device import best_device, find_device, name_device
from srcnn.inference.engine import super_resolve
from srcnn.inference.export.onnx_files import Origin, export_network
from srcnn.networks.srcnn import SRCNN
from srcnn.variants.loading import load, load_with_folder

if TYPE_CHECKING:
    import onnxruntime
    import openvino

MODEL_NAME = "srcnn-x3-mse"
FLOPS_PER_PIXEL = 2 * 8_032  # of 9-1-5, per pixel
SIDES_PIXELS = {0.25: 512, 1: 1024, 4: 2048, 16: 4096, 64: 8192}  # by megapixels
MAX_OTHERS_MEGAPIXELS = 4  # megapixels: their feature maps of the whole picture take 400 bytes a pixel and more
ENGINE, PLAIN, LIMIT = "this engine", "model(image) in PyTorch", "wide convolution"
PACKAGES = {"ONNX Runtime": "onnxruntime", "OpenVINO": "openvino", "OpenCV DNN": "opencv-python-headless"}
TimedCall = Callable[[], object]


def list_methods(plane: Tensor, others: bool) -> dict[str, TimedCall]:
    """By name, what takes an enlarged luminance plane (H, W) 0..1 through the network."""
    model = load(MODEL_NAME).to(best_device())
    levels = plane * 255
    found: dict[str, TimedCall] = {ENGINE: lambda: super_resolve(model, levels)}
    if torch.cuda.is_available():
        found[f"{ENGINE}, half precision"] = lambda: super_resolve(model, levels, exact=False)
    if others:
        found[PLAIN] = lambda: run_plain(model, plane)
        if not torch.cuda.is_available():
            found |= list_foreign_methods(plane)
    return found


@torch.inference_mode()
def run_plain(model: SRCNN, plane: Tensor) -> Tensor:
    """As the article calls it."""
    return model(plane.to(find_device(model))[None, None])[0, 0].cpu()


def list_foreign_methods(plane: Tensor) -> dict[str, TimedCall]:
    """Other packages with the same weights on all cores in float32: those that are installed."""
    x = plane[None, None].contiguous().numpy()
    found: dict[str, TimedCall] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "srcnn.onnx"
        try:
            model, variant = load_with_folder(MODEL_NAME)
            file.write_bytes(export_network(model, Origin(MODEL_NAME, variant / WEIGHTS_FILE)))
            session = open_onnxruntime(file)
            found["ONNX Runtime"] = lambda: session.run(None, {"input": x})

            compiled = compile_openvino(file, "f32")
            found["OpenVINO"] = lambda: compiled(x)

            import cv2

            cv2.setNumThreads(torch.get_num_threads())
            network = cv2.dnn.readNetFromONNX(str(file))
            found["OpenCV DNN"] = lambda: (network.setInput(x), network.forward())
        except ImportError as error:
            print(f"Left out, because it is not installed: {error.name}")
    return found


def open_onnxruntime(file: Path) -> "onnxruntime.InferenceSession":
    """A network's ONNX file in ONNX Runtime, on all cores."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def compile_openvino(file: Path, precision: str) -> "openvino.CompiledModel":
    """A network's ONNX file in OpenVINO, on all cores. precision: f32 or bf16."""
    import openvino

    settings = {
        "INFERENCE_PRECISION_HINT": precision,
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        "PERFORMANCE_HINT": "LATENCY",
    }
    return openvino.Core().compile_model(openvino.Core().read_model(file), "CPU", settings)


def time_in_turns(runs: dict[str, TimedCall], rounds: int) -> dict[str, float]:
    """Median seconds of each; before every measured run comes one that does not count, as each leaves cold caches."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            time.sleep(0.1)  # until the threads of the method before have stopped waiting for more
            run()
            begin = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - begin)
    return {name: statistics.median(times) for name, times in seconds.items()}


def build_wide_convolution(half: bool = False) -> tuple[float, TimedCall]:
    """The work of a convolution between many maps, in floating-point operations, and the convolution."""
    device, side, maps = best_device(), 2048 if torch.cuda.is_available() else 256, 64
    choices = {"device": device, "dtype": torch.float16 if half else torch.float32}
    x = torch.rand(1, maps, side, side, **choices).to(memory_format=torch.channels_last)
    weight = torch.rand(maps, maps, 3, 3, **choices).to(memory_format=torch.channels_last)

    @torch.inference_mode()
    def run() -> None:
        F.conv2d(x, weight, padding=1)
        if device.type == "cuda":
            torch.cuda.synchronize()

    return 2.0 * 9 * maps**2 * side**2, run


def measure_memory(method: str, megapixels: float) -> float:
    """MB that a new process needs for a method beyond what it had with the picture alone."""
    command = [sys.executable, "-m", "benchmarks.inference_speed", "--memory-of", method, str(megapixels)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])


def measure_memory_here(method: str, megapixels: float) -> float:
    run = list_methods(make_plane(megapixels), others=method in (PLAIN, *PACKAGES))[method]
    if torch.cuda.is_available():
        run()
        return torch.cuda.max_memory_allocated() / 1e6
    before, ended, most = resident_megabytes(), threading.Event(), [0.0]

    def watch() -> None:
        while not ended.wait(0.001):
            most[0] = max(most[0], resident_megabytes())

    watching = threading.Thread(target=watch)
    watching.start()
    run()
    ended.set()
    watching.join()
    return most[0] - before


def resident_megabytes() -> float:
    """The resident memory of this process, in MB."""
    return psutil.Process().memory_info().rss / 1e6


def make_plane(megapixels: float) -> Tensor:
    side = SIDES_PIXELS[megapixels]
    return torch.from_numpy(repeat_photograph(side)[..., 1].astype(np.float32) / 255)


def repeat_photograph(side: int) -> np.ndarray:
    """A photograph side x side, RGB."""
    photograph = skimage.data.astronaut()
    mirrored = np.concatenate([photograph, photograph[:, ::-1]], 1)
    tile = np.concatenate([mirrored, mirrored[::-1]])
    times = -(-side // len(tile))
    return np.ascontiguousarray(np.tile(tile, (times, times, 1))[:side, :side])


def print_network_table(rounds: int, largest: float) -> None:
    print("| megapixels | method | megapixels/s | GFLOP/s | of the limit | times plain | peak memory, MB |")
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: |")
    for megapixels in (size for size in SIDES_PIXELS if size <= largest):
        plane, pixels = make_plane(megapixels), SIDES_PIXELS[megapixels] ** 2
        runs = list_methods(plane, others=megapixels <= MAX_OTHERS_MEGAPIXELS)
        work, convolution = build_wide_convolution()
        limits = {LIMIT: convolution}
        if torch.cuda.is_available():
            limits[f"{LIMIT}, half precision"] = build_wide_convolution(half=True)[1]
        seconds = time_in_turns(runs | limits, rounds if megapixels <= MAX_OTHERS_MEGAPIXELS else 3)
        for name in runs:
            limit = work / seconds[f"{LIMIT}, half precision" if "half" in name else LIMIT]
            rate = FLOPS_PER_PIXEL * pixels / seconds[name]
            times = f"{seconds[PLAIN] / seconds[name]:.1f}" if PLAIN in seconds else ""
            print(
                f"| {megapixels} | {name} | {pixels / 1e6 / seconds[name]:.2f} | {rate / 1e9:.0f} | {rate / limit:.0%} "
                f"| {times} | {measure_memory(name, megapixels):.0f} |",
                flush=True,
            )
        print(f"| | {LIMIT} | | {work / seconds[LIMIT] / 1e9:.0f} | 100% | | |")


def print_chain_table(rounds: int) -> None:
    """From file to file, one picture of four megapixels, as the demo compares it: seconds and shares of each stage."""
    model = load(MODEL_NAME).to(best_device())
    seconds: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "source.png", Path(folder) / "result.png"
        Picture(repeat_photograph(2048)).save(source)
        for _ in range(rounds + 1):
            moments = [time.perf_counter()]

            def done(stage: str, moments: list[float] = moments) -> None:
                moments.append(time.perf_counter())
                seconds.setdefault(stage, []).append(moments[-1] - moments[-2])

            picture = open_picture(source)
            done("decode PNG")
            degraded = degrade(picture, 3)
            done("luminance, reduce, bicubic")
            luma = super_resolve(model, degraded.pair.bicubic)
            done("network")
            painted = degraded.paint_result(luma)
            done("colour")
            measured, truth = round_and_shave(luma, 3), shave(degraded.pair.truth, 3)
            psnr(measured, truth)
            ssim(measured, truth)
            done("PSNR and SSIM")
            painted.save(target)
            done("encode PNG")
    medians = {stage: statistics.median(times[1:]) for stage, times in seconds.items()}
    total = sum(medians.values())
    print("\n| stage, 4 megapixels, x3 | seconds | share |\n| --- | ---: | ---: |")
    for stage, median in medians.items():
        print(f"| {stage} | {median:.3f} | {median / total:.0%} |")
    print(f"| from file to file | {total:.3f} | 100% |")


def describe_machine() -> str:
    cpu = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
        cpu = names[0].partition(":")[2].strip() if names else cpu
    device = best_device()
    gpu = "" if device.type == "cpu" else f", {name_device(device)}"
    packages = []
    for package in ("torch", *PACKAGES.values()):
        try:
            packages.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return f"{cpu}, {os.cpu_count()} cores, {torch.get_num_threads()} threads{gpu}; {', '.join(packages)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="of which the median is taken (default: 7)")
    parser.add_argument("--largest", type=float, default=64, help="megapixels (default: 64)")
    parser.add_argument("--memory-of", nargs=2, metavar=("METHOD", "MEGAPIXELS"), help="only this, in this process")
    args = parser.parse_args()
    if args.memory_of:
        print(measure_memory_here(args.memory_of[0], float(args.memory_of[1])))
        return
    print(describe_machine(), end="\n\n")
    print_network_table(args.rounds, args.largest)
    print_chain_table(args.rounds)


if __name__ == "__main__":
    main()
