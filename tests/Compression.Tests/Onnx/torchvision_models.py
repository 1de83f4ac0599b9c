"""Exports networks of torchvision with random weights: NAME.onnx, and one batch with PyTorch's scores as raw float32 in NAME.input and NAME.output.

Usage: python3 torchvision_models.py FOLDER OPSET NAME...
"""

import sys

import torch
import torchvision

folder, opset, names = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
for name in names:
    torch.manual_seed(1)
    options = {"init_weights": False, "aux_logits": False, "transform_input": True} if name == "googlenet" else {}
    network = getattr(torchvision.models, name)(num_classes=10, **options).eval()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, std=0.1)
            torch.nn.init.normal_(module.running_mean, std=0.1)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
        if isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)):
            torch.nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    images = torch.randn(2, 3, 224, 224) if name.startswith("vgg") else torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        scores = network(images)
    images.numpy().tofile(f"{folder}/{name}.input")
    scores.numpy().tofile(f"{folder}/{name}.output")
    torch.onnx.export(network, images, f"{folder}/{name}.onnx", opset_version=opset, input_names=["images"], output_names=["scores"], dynamic_axes={"images": {0: "N"}, "scores": {0: "N"}})
