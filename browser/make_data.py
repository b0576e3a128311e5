"""What the page without a server needs of the Python package: the networks as ONNX files, and example photographs.

python browser/make_data.py FOLDER
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import skimage.data
from onnx import numpy_helper

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))  # an active environment need not have the package installed

from srcnn.hub.download import WEIGHTS_FILE  # noqa: E402
from srcnn.imaging.picture import Picture  # noqa: E402
from srcnn.imaging.writing import encode_png  # noqa: E402
from srcnn.inference.export.onnx_files import Origin, export_network  # noqa: E402
from srcnn.naming import LOSS_TITLES, LOSSES, SCALES, variant_name  # noqa: E402
from srcnn.variants.loading import load_with_folder  # noqa: E402

EXAMPLE_NAMES = ("astronaut", "chelsea", "coffee", "rocket", "camera")  # in the public domain


def split_last_sum(content: bytes) -> bytes:
    """An SRCNN's ONNX file whose last layer gives a map for each place of its kernel, which worker.js adds up.

    On a processor, WebAssembly takes half of the time for that layer, because one map as its result fills no vector.
    """
    model = onnx.load_from_string(content)
    nodes, constants = model.graph.node, {each.name: each for each in model.graph.initializer}
    conv = next(node for node in reversed(nodes) if node.op_type == "Conv")
    pad = next(node for node in nodes if node.output[0] == conv.input[0])  # edges, of what a 1x1 layer does not mix
    weights, bias = (numpy_helper.to_array(constants[name]) for name in conv.input[1:])
    _, channels, side, _ = weights.shape
    maps = np.ascontiguousarray(weights[0].transpose(1, 2, 0).reshape(side**2, channels, 1, 1))
    in_the_middle = np.where(np.arange(side**2) == side**2 // 2, bias, 0).astype(bias.dtype)
    for name, values in zip(conv.input[1:], (maps, in_the_middle), strict=True):
        constants[name].CopyFrom(numpy_helper.from_array(values, name))
    next(each for each in conv.attribute if each.name == "kernel_shape").ints[:] = [1, 1]
    conv.input[0] = pad.input[0]
    model.graph.initializer.remove(constants[pad.input[1]])
    nodes.remove(pad)
    model.graph.output[0].type.tensor_type.shape.dim[1].dim_value = side**2
    onnx.checker.check_model(model)
    return model.SerializeToString()


def main(folder: Path) -> None:
    for part in ("models/webgpu", "models/wasm", "examples"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for name in EXAMPLE_NAMES:
        (folder / "examples" / f"{name}.png").write_bytes(encode_png(Picture(getattr(skimage.data, name)())))
    halo = 0
    for name in (variant_name(scale, loss) for scale in SCALES for loss in LOSSES):
        model, variant = load_with_folder(name)
        content = export_network(model, Origin(name, variant / WEIGHTS_FILE))
        (folder / "models" / "webgpu" / f"{name}.onnx").write_bytes(content)
        (folder / "models" / "wasm" / f"{name}.onnx").write_bytes(split_last_sum(content))
        halo = max(halo, model.halo)
    catalogue = {"scales": SCALES, "losses": {loss: LOSS_TITLES[loss] for loss in LOSSES}, "halo": halo}
    (folder / "catalogue.json").write_text(json.dumps(catalogue | {"examples": EXAMPLE_NAMES}), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
