"""The computation of a torch module as an ONNX graph, whatever size the module's input will have.

`torch.fx` lists the functions that a module calls, and each becomes one ONNX operator. PyTorch's own exporter knows
more functions, but it takes seconds for a network and writes this machine's paths into the file.
"""

import operator
from collections.abc import Callable, Sequence

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, fx, nn

_OPSET = 17  # ONNX's operators of 2022, which every runtime in use has
_FILE_FORMAT = 8  # ONNX's of the same year
_ELEMENT_TYPES = {torch.float32: TensorProto.FLOAT, torch.uint8: TensorProto.UINT8}
_LAST = np.iinfo(np.int64).max  # as the end of a slice: up to the last element

_Sides = Sequence[str | int]  # of a tensor; a name stands for any length


def build_onnx_model(module: nn.Module, element_type: torch.dtype, before: _Sides, after: _Sides) -> onnx.ModelProto:
    """What `module.forward` computes of one tensor, as a model from `input` to `output`.

    element_type: of the numbers in both, float32 or uint8. before, after: the sides of the two.
    Raises NotImplementedError where the module calls a function that has no operator here.
    """
    with torch.enable_grad():  # without, EDSR computes in strips, whose number depends on the size
        called = nn.Sequential(module)  # with one tensor, all other arguments being what they are by default
        traced = fx.GraphModule(called, _FunctionTracer().trace(called))
    writer = _GraphWriter(traced)
    for node in traced.graph.nodes:
        writer.write(node)
    kind = _ELEMENT_TYPES[element_type]
    ends = [helper.make_tensor_value_info(*each) for each in (("input", kind, before), ("output", kind, after))]
    graph = helper.make_graph(writer.nodes, "srcnn", ends[:1], ends[1:], writer.constants)
    opset = helper.make_opsetid("", _OPSET)
    model = helper.make_model(graph, producer_name="srcnn", opset_imports=[opset], ir_version=_FILE_FORMAT)
    onnx.checker.check_model(model, full_check=True)
    return model


class _FunctionTracer(fx.Tracer):
    """Looks into all modules, down to the functions; batch normalisation asks for sizes there, so it stays whole."""

    proxy_buffer_attributes = True

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, nn.BatchNorm2d)


class _GraphWriter:
    """Collects the operators and the constants of a graph. What a traced node gives is called by the node's name."""

    def __init__(self, traced: fx.GraphModule) -> None:
        self.traced = traced
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[TensorProto] = []

    def write(self, node: fx.Node) -> None:
        """Add what computes one traced node, after those that it depends on."""
        if node.op == "placeholder":
            self.add(node, "Identity", ["input"])
        elif node.op == "output":
            self.nodes.append(helper.make_node("Identity", [node.args[0].name], ["output"]))
        elif node.op == "get_attr":
            self.constant(node.name, self.tensor(node.target))
        else:
            function = type(self.traced.get_submodule(node.target)) if node.op == "call_module" else node.target
            if function not in _OPERATORS:
                raise NotImplementedError(f"{function} has no ONNX operator in this exporter.")
            _OPERATORS[function](self, node, *node.args, **node.kwargs)

    def add(self, node: fx.Node, name: str, inputs: Sequence[fx.Node | str], **attributes: object) -> None:
        """Add an operator that gives what `node` stands for."""
        names = [each.name if isinstance(each, fx.Node) else each for each in inputs]
        self.nodes.append(helper.make_node(name, names, [node.name], **attributes))

    def constant(self, name: str, values: Tensor | Sequence[int] | float) -> str:
        """Add numbers, and return the name. Whole ones are sizes and places, int64 in ONNX, and others float32."""
        if isinstance(values, Tensor):
            array = values.detach().cpu().numpy()
        else:
            array = np.array(values, dtype=np.float32 if isinstance(values, float) else np.int64)
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def tensor(self, place: str) -> Tensor:
        """A weight or a buffer by its place in the module: network.conv1.weight."""
        module, _, name = place.rpartition(".")
        return getattr(self.traced.get_submodule(module), name)


# One function for each torch function, with the same parameters after the writer and the traced node.


def _write_conv2d(writer, node, x, weight, bias=None, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    (down, along), kernel = padding, writer.tensor(weight.target).shape[2:]
    inputs = [x, weight] if bias is None else [x, weight, bias]
    writer.add(node, "Conv", inputs, kernel_shape=kernel, pads=[down, along, down, along])


def _write_batch_norm(writer, node, x):
    norm = writer.traced.get_submodule(node.target)
    parts = {"weight": norm.weight, "bias": norm.bias, "mean": norm.running_mean, "variance": norm.running_var}
    names = [writer.constant(f"{node.name}_{name}", tensor) for name, tensor in parts.items()]
    writer.add(node, "BatchNormalization", [x, *names], epsilon=norm.eps)


def _write_arithmetic(name: str) -> Callable:
    def write(writer, node, *numbers):
        inputs = [
            each if isinstance(each, fx.Node) else writer.constant(f"{node.name}_number", float(each))
            for each in numbers
        ]
        writer.add(node, name, inputs)

    return write


def _write_relu(writer, node, x, inplace=False):
    writer.add(node, "Relu", [x])


def _write_floor(writer, node, x):
    writer.add(node, "Floor", [x])


def _write_clamp(writer, node, x, least, most):
    limits = {"least": float(least), "most": float(most)}
    writer.add(node, "Clip", [x, *(writer.constant(f"{node.name}_{name}", limit) for name, limit in limits.items())])


def _write_pad(writer, node, x, pad, mode="constant", value=None):
    left, right, above, below = pad
    amounts = writer.constant(f"{node.name}_amounts", [0, 0, above, left, 0, 0, below, right])
    writer.add(node, "Pad", [x, amounts], mode="edge" if mode == "replicate" else mode)


def _write_pixel_shuffle(writer, node, x, factor):
    writer.add(node, "DepthToSpace", [x], blocksize=factor, mode="CRD")


def _write_narrow(writer, node, x, dim, start, length):
    parts = {"starts": [start], "ends": [start + length or _LAST], "axes": [dim]}
    writer.add(node, "Slice", [x, *(writer.constant(f"{node.name}_{name}", part) for name, part in parts.items())])


def _write_cat(writer, node, parts, dim=0):
    writer.add(node, "Concat", parts, axis=dim)


def _write_permute(writer, node, x, *dims):
    writer.add(node, "Transpose", [x], perm=dims)


def _write_unsqueeze(writer, node, x, dim):
    writer.add(node, "Unsqueeze", [x, writer.constant(f"{node.name}_axes", [dim])])


def _write_squeeze(writer, node, x, dim):
    writer.add(node, "Squeeze", [x, writer.constant(f"{node.name}_axes", [dim])])


def _write_to(writer, node, x, element_type):
    writer.add(node, "Cast", [x], to=_ELEMENT_TYPES[element_type])


_OPERATORS: dict[Callable | str, Callable] = {  # a method of a tensor is called by its name alone
    F.conv2d: _write_conv2d,
    nn.BatchNorm2d: _write_batch_norm,
    operator.add: _write_arithmetic("Add"),
    operator.mul: _write_arithmetic("Mul"),
    operator.truediv: _write_arithmetic("Div"),
    F.relu: _write_relu,
    F.pad: _write_pad,
    F.pixel_shuffle: _write_pixel_shuffle,
    torch.cat: _write_cat,
    "clamp": _write_clamp,
    "floor": _write_floor,
    "narrow": _write_narrow,
    "permute": _write_permute,
    "squeeze": _write_squeeze,
    "to": _write_to,
    "unsqueeze": _write_unsqueeze,
}
