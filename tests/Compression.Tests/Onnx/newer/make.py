"""Writes the files of this folder; they are committed. Made with PyTorch 2.11 and torchvision on another machine: python3 make.py FOLDER

NAME.onnx by torch.onnx.export with dynamo=True where onnxscript is installed, else by the older exporter; NAME.input and NAME.output are one batch and PyTorch's scores as
raw float32. checkpoint.pth is a state dict beside other entries.
"""

import importlib.util
import sys

import onnx
import torch
import torchvision
from torch import nn
from torchvision.models.mobilenetv3 import InvertedResidualConfig, MobileNetV3
from torchvision.models.resnet import BasicBlock
from torchvision.models.shufflenetv2 import ShuffleNetV2

folder = sys.argv[1]
dynamo = importlib.util.find_spec("onnxscript") is not None


class SmallResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = BasicBlock(16, 16)
        self.layer2 = BasicBlock(16, 32, 2, nn.Sequential(nn.Conv2d(16, 32, 1, 2, bias=False), nn.BatchNorm2d(32)))
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = self.layer2(self.layer1(torch.relu(self.bn1(self.conv1(x)))))
        return self.fc(x.mean([2, 3]))


def small_mobilenet():
    def layer(*sizes):
        return InvertedResidualConfig(*sizes, dilation=1, width_mult=1)

    return MobileNetV3([layer(16, 3, 16, 16, True, "RE", 2), layer(16, 3, 32, 24, False, "HS", 2), layer(24, 5, 48, 24, True, "HS", 1)], 32, num_classes=10)


networks = {
    "small_resnet": (SmallResNet, 18),
    "small_mobilenet_v3": (small_mobilenet, 20),
    "small_shufflenet_v2": (lambda: ShuffleNetV2([2, 2, 2], [8, 16, 32, 64, 64], num_classes=10), 18),
}
print("torch", torch.__version__, "torchvision", torchvision.__version__, "dynamo", dynamo)
for name, (build, opset) in networks.items():
    torch.manual_seed(1)
    network = build().eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.1)
            nn.init.normal_(module.running_mean, std=0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    images = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        scores = network(images)
    images.numpy().tofile(f"{folder}/{name}.input")
    scores.numpy().tofile(f"{folder}/{name}.output")
    shape = {"dynamic_shapes": ({0: torch.export.Dim("N")},), "external_data": False} if dynamo else {"dynamic_axes": {"images": {0: "N"}, "scores": {0: "N"}}}
    torch.onnx.export(network, (images,), f"{folder}/{name}.onnx", opset_version=opset, dynamo=dynamo, input_names=["images"], output_names=["scores"], **shape)

    # Stack traces, with paths of the machine, go.
    model = onnx.load(f"{folder}/{name}.onnx")
    for part in [model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        del part.metadata_props[:]
    onnx.save(model, f"{folder}/{name}.onnx")

torch.manual_seed(2)
torch.save({"epoch": 3, "model_state_dict": SmallResNet().state_dict(), "optimizer": torch.optim.SGD(SmallResNet().parameters(), 0.1).state_dict()}, f"{folder}/checkpoint.pth")
