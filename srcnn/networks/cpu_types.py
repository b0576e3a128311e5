"""In which numbers a CPU computes the layers of a network that need no exact ones."""

import torch

# what torch calls the instructions that multiply in bfloat16: of Intel and AMD, of Intel's matrix unit, of ARM
_BFLOAT16_INSTRUCTIONS = ("avx512_bf16", "amx_bf16", "bf16")


def choose_cpu_type(exact: bool) -> torch.dtype:
    """torch.bfloat16 where the processor multiplies in it, twice as fast; else, and with `exact`, torch.float32."""
    return torch.float32 if exact or not _has_fast_bfloat16() else torch.bfloat16


def _has_fast_bfloat16() -> bool:
    """Whether the processor has instructions for it and torch's convolutions use them, which only oneDNN's do."""
    known = torch.cpu.get_capabilities()
    return torch.backends.mkldnn.is_available() and any(known.get(name) for name in _BFLOAT16_INSTRUCTIONS)
