"""What the page without a server needs of the Python package: the networks as ONNX files, and example photographs.

python browser/make_data.py FOLDER
"""

import json
import sys
from pathlib import Path

import skimage.data

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))  # an active environment need not have the package installed

from srcnn.hub.download import WEIGHTS_FILE  # noqa: E402
from srcnn.imaging.picture import Picture  # noqa: E402
from srcnn.imaging.writing import encode_png  # noqa: E402
from srcnn.inference.export.onnx_files import Origin, export_network  # noqa: E402
from srcnn.naming import LOSS_TITLES, LOSSES, SCALES, variant_name  # noqa: E402
from srcnn.variants.loading import load_with_folder  # noqa: E402

EXAMPLE_NAMES = ("astronaut", "chelsea", "coffee", "rocket", "camera")  # in the public domain


def main(folder: Path) -> None:
    for part in ("models", "examples"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for name in EXAMPLE_NAMES:
        (folder / "examples" / f"{name}.png").write_bytes(encode_png(Picture(getattr(skimage.data, name)())))
    halo = 0
    for name in (variant_name(scale, loss) for scale in SCALES for loss in LOSSES):
        model, variant = load_with_folder(name)
        (folder / "models" / f"{name}.onnx").write_bytes(export_network(model, Origin(name, variant / WEIGHTS_FILE)))
        halo = max(halo, model.halo)
    catalogue = {"scales": SCALES, "losses": {loss: LOSS_TITLES[loss] for loss in LOSSES}, "halo": halo}
    (folder / "catalogue.json").write_text(json.dumps(catalogue | {"examples": EXAMPLE_NAMES}), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
