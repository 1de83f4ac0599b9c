"""What check.py asks of onnxruntime, for machines that have PyTorch and not it: each operator of the file by its ONNX definition, one after the other."""
import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper

__version__ = "none: operators by PyTorch"


class SessionOptions:
    def add_session_config_entry(self, key, value):
        pass


class InferenceSession:
    def __init__(self, path, options, providers):
        self.graph = onnx.load(path).graph

    def get_inputs(self):
        return self.graph.input

    def run(self, names, feed):
        values = {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in self.graph.initializer}
        values.update({name: torch.from_numpy(array.copy()) for name, array in feed.items()})
        for node in self.graph.node:
            attributes = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
            values[node.output[0]] = operator(node.op_type, attributes, [values[name] if name else None for name in node.input])
        return [values[self.graph.output[0].name].numpy()]


def operator(kind, attributes, given):
    x = given[0]
    if kind == "Conv":
        top, left, bottom, right = attributes["pads"]
        return F.conv2d(F.pad(x, (left, right, top, bottom)), given[1], given[2] if len(given) > 2 else None, attributes["strides"], 0, attributes["dilations"], attributes["group"])
    if kind == "Gemm":
        return x @ given[1].T + given[2]
    if kind == "QuantizeLinear":
        low, high = (0, 255) if given[2].dtype == torch.uint8 else (-128, 127)
        return torch.clamp(torch.round(x / given[1]) + given[2], low, high).to(given[2].dtype)
    if kind == "DequantizeLinear":
        shape = [1] * x.dim()
        if given[1].dim() > 0 and given[1].numel() > 1:
            shape[attributes.get("axis", 1)] = -1
        zero = given[2].to(torch.float32).reshape(shape) if len(given) > 2 else 0
        return (x.to(torch.float32) - zero) * given[1].reshape(shape)
    return {
        "Relu": lambda: torch.relu(x),
        "Add": lambda: x + given[1],
        "GlobalAveragePool": lambda: x.mean((2, 3), keepdim=True),
        "Flatten": lambda: x.flatten(1),
    }[kind]()
