# Writes the files of this folder; they are committed. Made with PyTorch 1.13.1 (Debian's python3-torch).
import argparse
import collections

import torch

values = torch.arange(24.0).reshape(4, 6)
network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
with torch.no_grad():
    for number, value in enumerate(network.state_dict().values()):
        value.copy_((torch.arange(value.numel()) + 100 * number).reshape(value.shape))

torch.save(network.state_dict(), "network.pth")
torch.save(
    {
        "epoch": 3,
        "best": torch.tensor(0.5),
        "learning_rate": 0.1,
        "large": 2**70,
        "history": [1, 2.5, None, (True, "text")],
        "optimizer": {"state": {0: {"step": 7}}, "param_groups": [{"lr": 0.1, "params": [0]}]},
        "model_state_dict": collections.OrderedDict(
            rows=values,
            transposed=values.t(),
            strided=values[1:3, ::2],
            half=values.half(),
            bfloat16=values.bfloat16(),
            double=values.double(),
            long=torch.arange(3) - 1,
            int=torch.arange(3, dtype=torch.int32) - 1,
            char=torch.arange(3, dtype=torch.int8) - 1,
            mask=values > 11,
            parameter=torch.nn.Parameter(values),
            number=torch.tensor(7.0),
            empty=torch.zeros(0, 3),
        ),
    },
    "checkpoint.pth",
)
torch.save({"args": argparse.Namespace(lr=0.1), "model": network.state_dict()}, "namespace.pth")
torch.save({"model": network.state_dict(), "model_ema": network.state_dict()}, "two.pth")
torch.save(network, "module.pth")
torch.save(network.state_dict(), "legacy.pth", _use_new_zipfile_serialization=False)
torch.jit.script(network).save("script.pth")
torch.save({"w": values[:1].expand(4, 6)}, "expanded.pth")
torch.save({"w": torch.zeros(2, dtype=torch.complex64)}, "complex.pth")
torch.save([1, 2], "list.pth")
