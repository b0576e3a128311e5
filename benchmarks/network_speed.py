"""How fast each kind of network goes on a CPU, in float32 and in bfloat16, and what bfloat16 costs in PSNR.

    pip install -r requirements-dev.txt
    python -m benchmarks.network_speed

Seconds for a megapixel of the result: each method's median of some rounds, in which the methods take turns. ONNX
Runtime has no bfloat16 on a CPU. What bfloat16 costs is the mean over five photographs that come with scikit-image.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import skimage.data
import torch
from torch import Tensor

from benchmarks.inference_speed import (
    TimedCall,
    compile_openvino,
    describe_machine,
    make_plane,
    open_onnxruntime,
    run_plain,
    time_in_turns,
)
from benchmarks.network_checks import PHOTOGRAPHS
from srcnn.data.degradation import Pair, make_pair, truth_of
from srcnn.evaluation.metrics import psnr, shave
from srcnn.evaluation.scores import round_and_shave
from srcnn.hub.download import WEIGHTS_FILE
from srcnn.imaging.picture import Picture
from srcnn.inference.engine import super_resolve
from srcnn.inference.export.onnx_files import Origin, export_network
from srcnn.networks.base import Network
from srcnn.networks.cpu_types import choose_cpu_type
from srcnn.variants.card import markdown_table
from srcnn.variants.loading import load_with_folder

MEASURED = {"srcnn-x3-mse": 3, "srcnn-955-x3-mse": 3, "vdsr-mse": 3, "edsr-baseline-x4-l1": 4}  # names and scales
HEAD = [
    "Network",
    "This engine",
    "PyTorch",
    "ONNX Runtime",
    "OpenVINO",
    "This engine, bfloat16",
    "PyTorch, bfloat16",
    "OpenVINO, bfloat16",
    "Loss of this engine, dB",
    "Loss of OpenVINO, dB",
]


def list_ways(model: Network, file: Path) -> list[TimedCall]:
    """In the order of the titles, what takes a plane (H, W) 0..1 through the network."""
    session, compiled = open_onnxruntime(file), [compile_openvino(file, precision) for precision in ("f32", "bf16")]

    def run_autocast(plane: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return run_plain(model, plane)

    def run_openvino(number: int, plane: Tensor) -> Tensor:
        return torch.from_numpy(compiled[number](plane[None, None].numpy())[0][0, 0])

    return [
        lambda plane: super_resolve(model, plane * 255) / 255,
        lambda plane: run_plain(model, plane),
        lambda plane: session.run(None, {"input": plane[None, None].numpy()}),
        lambda plane: run_openvino(0, plane),
        lambda plane: super_resolve(model, plane * 255, exact=False) / 255,
        run_autocast,
        lambda plane: run_openvino(1, plane),
    ]


def measure_loss(model: Network, method: TimedCall, pairs: list[Pair]) -> float:
    """How many dB of PSNR a method loses against the network in float32: the mean over the pairs."""

    def measure(pair: Pair, result: Tensor) -> float:
        levels = round_and_shave(pair.to_levels(result), model.scale)
        return float(psnr(levels, shave(pair.truth, model.scale)))

    lost = []
    for pair in pairs:
        plane = pair.input_of(model).float()
        lost.append(measure(pair, super_resolve(model, plane)) - measure(pair, method(plane / 255) * 255))
    return sum(lost) / len(lost)


def measure_network(name: str, scale: int, side: int, rounds: int) -> list[str]:
    """The cells of a network's row."""
    model, folder = load_with_folder(name)
    model = model.for_scale(scale)
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / "network.onnx"
        file.write_bytes(export_network(model, Origin(name, folder / WEIGHTS_FILE)))
        methods = list_ways(model, file)
    small = side // model.upsampling
    plane = make_plane(1)[:small, :small].contiguous()
    seconds = time_in_turns(
        {title: lambda run=run: run(plane) for title, run in zip(HEAD[1:], methods, strict=False)}, rounds
    )
    megapixels = (small * model.upsampling) ** 2 / 1e6
    pairs = [make_pair(truth_of(Picture(getattr(skimage.data, each)())), scale) for each in PHOTOGRAPHS]
    losses = [measure_loss(model, methods[number], pairs) for number in (4, 6)]
    times = [f"{each / megapixels:.2f}" for each in seconds.values()]
    return [f"{model.config.title}, x{scale}", *times, *(f"{loss:.4f}" for loss in losses)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="of which the median is taken (default: 5)")
    parser.add_argument("--side", type=int, default=1024, help="of the result, in pixels (default: 1024)")
    args = parser.parse_args()
    kind = str(choose_cpu_type(exact=False)).removeprefix("torch.")
    print(f"{describe_machine()}; this engine's faster type here: {kind}\n")
    rows = (measure_network(name, scale, args.side, args.rounds) for name, scale in MEASURED.items())
    for line in markdown_table([HEAD, *rows]):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
