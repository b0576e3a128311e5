import pytest
import torch
from torch import nn

from srcnn.inference.export.graph import build_onnx_model


class Unknown(nn.Module):
    def forward(self, x):
        return torch.erfinv(x)


def test_a_function_without_an_operator_is_named():
    with pytest.raises(NotImplementedError, match="erfinv"):
        build_onnx_model(Unknown(), torch.float32, ["length"], ["length"])
