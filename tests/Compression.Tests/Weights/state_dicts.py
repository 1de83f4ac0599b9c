"""Saves state dicts of torchvision's ResNet-18 and ResNet-50 with random weights, one batch (images.f32) and each model's scores for it (NAME.f32).

Usage: python3 state_dicts.py FOLDER
"""

import json
import struct
import sys

import torch
import torchvision

folder = sys.argv[1]


def network(name):
    torch.manual_seed(1)
    model = getattr(torchvision.models, name)(num_classes=10).eval()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, std=0.1)
            torch.nn.init.normal_(module.running_mean, std=0.1)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
            module.num_batches_tracked += 7
    return model


def record(name, model):
    with torch.no_grad():
        model(images).numpy().tofile(f"{folder}/{name}.f32")


torch.manual_seed(2)
images = torch.randn(2, 3, 64, 64)
images.numpy().tofile(f"{folder}/images.f32")

model = network("resnet50")
torch.save(model.state_dict(), f"{folder}/resnet50.pth")
record("resnet50", model)

model = network("resnet18")
torch.save(model.state_dict(), f"{folder}/resnet18.pth")
record("resnet18", model)

# A checkpoint of a training with several GPUs.
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
parallel = torch.nn.DataParallel(model)
torch.save({"epoch": 3, "model_state_dict": parallel.state_dict(), "optimizer_state_dict": optimizer.state_dict()}, f"{folder}/wrapped.pth")
record("wrapped", model)

# The buffers that apex's ASP registers, here with the first two of every four input channels kept, and the names of torch.compile.
for module in model.modules():
    if isinstance(module, torch.nn.Conv2d) and module.in_channels % 16 == 0:
        mask = torch.zeros_like(module.weight, dtype=torch.bool)
        mask[:, 0::4] = mask[:, 1::4] = True
        module.register_buffer("__weight_mma_pruned_p", module.weight.detach() * ~mask)
        module.weight.data.mul_(mask)
        module.register_buffer("__weight_mma_mask", mask)
torch.save({"state_dict": {f"_orig_mod.{name}": value for name, value in model.state_dict().items()}}, f"{folder}/asp.pth")
record("asp", model)

# The same as safetensors, as huggingface/safetensors lays it out.
types = {torch.float32: "F32", torch.int64: "I64", torch.bool: "BOOL"}
header, data = {"__metadata__": {"format": "pt"}}, b""
for name, value in model.state_dict().items():
    bytes_ = value.numpy().tobytes()
    header[name] = {"dtype": types[value.dtype], "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(bytes_)]}
    data += bytes_
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open(f"{folder}/asp.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
