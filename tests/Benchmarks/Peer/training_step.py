"""Steps of the same training in PyTorch, as a user writes it. Answers each line "COUNT" on standard input with "MEDIAN_MS PEAK_MIB" of that many steps.

Usage: training_step.py FORM NETWORK THREADS      FORM: fp32, fp32-channels-last, qat (torch.ao, FX graph mode, fbgemm settings, observers off)
"""
import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, channels, planes, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.relu2 = nn.ReLU()
        plain = stride == 1 and channels == planes
        self.downsample = nn.Identity() if plain else nn.Sequential(nn.Conv2d(channels, planes, 1, stride, bias=False), nn.BatchNorm2d(planes))

    def forward(self, x):
        branch = self.relu1(self.bn1(self.conv1(x)))
        return self.relu2(self.bn2(self.conv2(branch)) + self.downsample(x))


def network(name):
    blocks = {"resnet8": 1, "resnet20": 3}[name]
    layers, channels = [nn.Conv2d(1, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()], 16
    for stage, planes in enumerate((16, 32, 64)):
        for block in range(blocks):
            layers.append(Block(channels, planes, 2 if stage > 0 and block == 0 else 1))
            channels = planes
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


form, name, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
torch.set_num_threads(threads)
torch.manual_seed(1)
images, labels = torch.randn(128, 1, 28, 28), torch.randint(10, (128,))
model = network(name).train()
if form == "fp32-channels-last":
    model, images = model.to(memory_format=torch.channels_last), images.contiguous(memory_format=torch.channels_last)
elif form == "qat":
    from torch.ao.quantization import disable_observer, get_default_qat_qconfig_mapping
    from torch.ao.quantization.quantize_fx import prepare_qat_fx

    model = prepare_qat_fx(model, get_default_qat_qconfig_mapping("fbgemm"), (images,))
    model(images)
    model.apply(disable_observer)
optimizer = torch.optim.SGD(model.parameters(), 0.01, 0.9, weight_decay=1e-4)


def step():
    optimizer.zero_grad()
    F.cross_entropy(model(images), labels).backward()
    optimizer.step()


for line in sys.stdin:
    times = []
    for _ in range(int(line)):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    times.sort()
    print(f"{1e3 * times[len(times) // 2]:.3f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.1f}", flush=True)
