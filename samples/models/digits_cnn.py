"""Trains the network of digits-cnn.onnx with PyTorch and exports it: somebody else's network, as it arrives at samples/imported.sweep.yaml.

    python3 samples/models/digits_cnn.py [samples/models/digits-cnn.onnx]

Needs torch, numpy and onnx (made with PyTorch 1.13.0 and Debian 12's packages, one thread). The training images are those that the spec trains on: its
validation and test images, split off by the same rule, are never seen here, so that the spec's figures are those of unseen images.
"""
import csv
import gzip
import pathlib
import sys

import numpy
import torch
from torch import nn

HERE = pathlib.Path(__file__).parent
MEAN, STD = 0.306, 0.377  # Of the training pixels, as the spec's data.normalize says them.
MASK = (1 << 64) - 1


def mix(value):
    """The finalizer of SplitMix64."""
    value = (value + 0x9E3779B97F4A7C15) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def training_part(labels, seed=0, validation=0.2, test=0.3):
    """Indexes of the images that a sweep with these settings trains on: what its split leaves, class by class."""
    purpose = 14695981039346656037
    for letter in b"split":
        purpose = ((purpose ^ letter) * 1099511628211) & MASK
    stream = mix(mix(seed) ^ purpose)
    kept = []
    for label in sorted(set(labels)):
        members = [i for i, other in enumerate(labels) if other == label]
        members.sort(key=lambda i: (mix(mix(stream ^ mix(i))), i))
        tested = round(len(members) * test)
        kept += members[tested + round((len(members) - tested) * validation):]
    return sorted(kept)


class Separable(nn.Sequential):
    """A depthwise and a pointwise convolution."""

    def __init__(self, channels, out):
        super().__init__(
            nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False), nn.BatchNorm2d(channels), nn.ReLU6(),
            nn.Conv2d(channels, out, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU())


class DigitsCnn(nn.Module):
    """Two branches side by side, a separable convolution and a plain one: nothing that a ResNet's builder would write."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.near = nn.Sequential(nn.Conv2d(16, 16, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
        self.wide = Separable(16, 16)
        self.pool = nn.MaxPool2d(2)
        self.body = nn.Sequential(nn.Conv2d(32, 40, 3, padding=1, bias=False), nn.BatchNorm2d(40), nn.ReLU())
        self.dropout = nn.Dropout(0.1)
        self.classifier = nn.Linear(40 * 4, 10)

    def forward(self, images):
        x = self.stem(images)
        x = self.pool(torch.cat([self.near(x), self.wide(x)], dim=1))
        x = nn.functional.avg_pool2d(self.body(x), 2)
        return self.classifier(self.dropout(torch.flatten(x, 1)))


def main(target):
    torch.manual_seed(1)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    with gzip.open(HERE.parent / "data" / "digits.csv.gz", "rt") as lines:
        table = numpy.array(list(csv.reader(lines)), dtype=numpy.float32)
    rows = training_part([int(label) for label in table[:, 64]])
    images = (torch.tensor(table[rows, :64]).reshape(-1, 1, 8, 8) / 16 - MEAN) / STD
    labels = torch.tensor(table[rows, 64], dtype=torch.long)

    network = DigitsCnn()
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.004, weight_decay=0.01)
    epochs, batch = 40, 64
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * (len(rows) // batch))
    for epoch in range(epochs):
        order = torch.randperm(len(rows))
        for at in range(0, len(rows) - batch + 1, batch):
            chosen = order[at:at + batch]
            shift = torch.randint(-1, 2, (2,)).tolist()
            shifted = nn.functional.pad(images[chosen], (1, 1, 1, 1), value=-MEAN / STD)[:, :, 1 + shift[0]:9 + shift[0], 1 + shift[1]:9 + shift[1]]
            loss = nn.functional.cross_entropy(network(shifted), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()

    network.eval()
    with torch.no_grad():
        right = (network(images).argmax(1) == labels).float().mean().item()
    print(f"{sum(p.numel() for p in network.parameters())} parameters, {len(rows)} training images, {100 * right:.2f} % of them right")
    torch.onnx.export(
        network, torch.zeros(1, 1, 8, 8), target, opset_version=13, input_names=["image"], output_names=["scores"],
        dynamic_axes={"image": {0: "batch"}, "scores": {0: "batch"}})


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else str(HERE / "digits-cnn.onnx"))
