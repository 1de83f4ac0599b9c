"""Ranges by pytorch-quantization's own histogram calibrator, on the processor. Answers each line "METHOD UNSIGNED WIDTH FILE" on standard input with "SECONDS AMAX".

FILE holds the counts, little-endian int64; bin k is from k * WIDTH to (k + 1) * WIDTH. Usage: calibrators.py FOLDER
FOLDER is tools/pytorch-quantization of a checkout of NVIDIA/TensorRT. What only a build or a GPU would supply is put in its place here, and no number depends on it:
the CUDA extension (never called on the processor), the version, the move to the GPU, and the logging package where it is not installed.
"""
import importlib.util
import sys
import time
import types

import numpy as np
import torch


def stand_in(name, **members):
    module = types.ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module
    return module


def load(folder):
    sys.path.insert(0, folder)
    stand_in("pytorch_quantization.cuda_ext")
    stand_in("pytorch_quantization.version", __version__="0")
    if importlib.util.find_spec("absl") is None:
        quiet = {name: (lambda *args, **kwargs: None) for name in ("debug", "info", "warning", "error", "use_absl_handler", "log_first_n")}
        stand_in("absl", logging=stand_in("absl.logging", **quiet))
    torch.Tensor.cuda = lambda self, *args, **kwargs: self
    from pytorch_quantization import calib
    return calib.HistogramCalibrator


def main():
    torch.set_num_threads(1)
    calibrator_of = load(sys.argv[1])
    for line in sys.stdin:
        method, unsigned, width, path = line.rstrip("\n").split(" ", 3)
        counts = np.fromfile(path, dtype="<i8")
        calibrator = calibrator_of(8, None, unsigned == "1")
        calibrator._calib_hist = torch.from_numpy(counts).float()
        calibrator._calib_bin_edges = torch.arange(len(counts) + 1, dtype=torch.float64).mul(float(width)).float()
        start = time.perf_counter()
        amax = calibrator.compute_amax(method, percentile=99.99)
        print(time.perf_counter() - start, float(amax), flush=True)


main()
