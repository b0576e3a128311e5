"""The weights that the authors of SRCNN released (MATLAB files), as our network."""

from pathlib import Path

import scipy.io
import torch

from srcnn import SRCNN


def load_authors(file: Path, kernel_sizes: tuple[int, int, int], scale: int) -> SRCNN:
    """Kernels are stored column-major: (k*k, 64), (64, k*k, 32) and (32, k*k); layers repeat the edge."""
    mat = scipy.io.loadmat(file)
    f1, f2, f3 = kernel_sizes
    weights = {
        "conv1.weight": mat["weights_conv1"].reshape(f1, f1, 1, 64, order="F").transpose(3, 2, 0, 1),
        "conv2.weight": mat["weights_conv2"].reshape(64, f2, f2, 32, order="F").transpose(3, 0, 1, 2),
        "conv3.weight": mat["weights_conv3"].reshape(1, 32, f3, f3, order="F"),
        **{f"conv{layer}.bias": mat[f"biases_conv{layer}"].ravel() for layer in (1, 2, 3)},
    }
    model = SRCNN(kernel_sizes=kernel_sizes, padding="replicate", scale=scale)
    model.load_state_dict({name: torch.tensor(value, dtype=torch.float32) for name, value in weights.items()})
    return model.eval()
