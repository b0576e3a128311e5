"""Which device computes, what it is called, and which of its faults a CPU can make up for."""

import torch

from srcnn.networks.base import AnyNetwork

DEVICE_FAULTS = (torch.OutOfMemoryError, torch.AcceleratorError)  # after these, a CPU may still do it


def best_device() -> torch.device:
    """The GPU where there is one (CUDA, Apple's MPS), else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def name_device(device: torch.device) -> str:
    """For people: "NVIDIA H200", "CPU"."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type.upper()


def find_device(model: AnyNetwork) -> torch.device:
    return next(model.parameters()).device
