"""Masks by apex.contrib.sparsity as a checkout of NVIDIA/apex has it, on the CPU. Answers each line "PATTERN FILE" on standard input with the seconds that the masks of all
weights took, and writes them to FILE, a byte a value, one weight after the other.

Usage: apex_masks.py CHECKOUT WEIGHTS      WEIGHTS: a safetensors file of float32 arrays

Only sparse_masklib.py is loaded. What it asks of a GPU, and what it lacks, is supplied from here: constructors of CUDA tensors and .cuda() (also that of the greedy pattern, which
calls it on a NumPy array), the list of 4x4 patterns (as published it is built by a call that fails) and the two reshapes of the best pattern, which are defined nowhere.
"""
import importlib.util
import itertools
import json
import os
import struct
import sys
import time

import numpy as np
import torch


class OnHost(np.ndarray):
    def cuda(self):
        return np.asarray(self)


class NumpyWithCuda:
    def __getattr__(self, name):
        return getattr(np, name)

    def ones(self, shape, dtype=float):
        return np.ones(shape, dtype).view(OnHost)


def blocks(matrix, rows, columns):
    high, wide = matrix.shape[0] // rows, matrix.shape[1] // columns
    return matrix.view(high, rows, wide, columns).permute(0, 2, 1, 3).reshape(high, wide, rows * columns)


def unblocked(parts):
    high, wide, rows, columns = parts.shape
    return parts.permute(0, 2, 1, 3).reshape(high * rows, wide * columns)


def masklib(checkout):
    path = os.path.join(checkout, "apex", "contrib", "sparsity", "sparse_masklib.py")
    spec = importlib.util.spec_from_file_location("sparse_masklib", path)
    library = sys.modules["sparse_masklib"] = importlib.util.module_from_spec(spec)   # it looks its patterns up there
    spec.loader.exec_module(library)
    torch.Tensor.cuda = lambda tensor, *_: tensor
    torch.cuda.FloatTensor, torch.cuda.IntTensor = torch.FloatTensor, torch.IntTensor
    library.np = NumpyWithCuda()
    pairs = [row for row in itertools.product((0.0, 1.0), repeat=4) if sum(row) == 2]
    library.valid_m4n2_2d_patterns = torch.tensor([rows for rows in itertools.product(pairs, repeat=4) if all(sum(column) == 2 for column in zip(*rows))])
    library.reshape_2d, library.reshape_2d_inv = blocks, unblocked
    return library


def weights(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    for name, entry in sorted(header.items()):
        start, end = entry["data_offsets"]
        yield torch.from_numpy(np.frombuffer(data[start:end], "<f4").reshape(entry["shape"]).copy())


torch.set_num_threads(1)
library, tensors = masklib(sys.argv[1]), list(weights(sys.argv[2]))
print("ready", flush=True)
for line in sys.stdin:
    pattern, target = line.split()
    start = time.perf_counter()
    masks = [library.create_mask(tensor, pattern) for tensor in tensors]
    seconds = time.perf_counter() - start
    with open(target, "wb") as file:
        for mask in masks:
            file.write(mask.to(torch.uint8).contiguous().numpy().tobytes())
    print(f"{seconds:.6f}", flush=True)
