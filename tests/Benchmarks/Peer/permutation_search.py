"""Runs apex's own channel permutation search for the processor on one matrix: permutation_search.py CHECKOUT FILE ROWS COLUMNS STRIPE_GROUP ESCAPES.

The published file lacks an import of the module time, without which the search fails on every machine; it is put in at run time. FILE holds the matrix as raw
float32, row-major. The last line of the output is SECONDS KEPT_BEFORE KEPT_AFTER, the magnitudes counted here in float64.
"""
import contextlib
import importlib
import io
import os
import sys
import tempfile
import time

import numpy as np

checkout, file, rows, columns, stripe_group, escapes = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:7])
sys.path.insert(0, os.path.join(checkout, "apex", "contrib", "sparsity"))
matrix = np.fromfile(file, dtype=np.float32).reshape(rows, columns)


def kept(order):
    groups = np.sort(np.abs(matrix[:, order]).astype(np.float64).reshape(rows, -1, 4), axis=2)
    return groups[:, :, 2:].sum()


with tempfile.TemporaryDirectory() as cache, contextlib.redirect_stdout(io.StringIO()):
    os.environ["APEX_ASP_CACHE_DIR"] = cache
    search = importlib.import_module("permutation_search_kernels.exhaustive_search")
    search.time = time
    search.use_gpu(initial_override=False)
    search.generate_all_unique_combinations(stripe_group, 4)  # cached ahead of time in practice, as the source says
    np.random.seed(1)
    start = time.perf_counter()
    _, _, order = search.Exhaustive_Search(matrix, stripe_group_size=stripe_group, escape_attempts=escapes)
    seconds = time.perf_counter() - start

print(f"{seconds:.6f} {kept(np.arange(columns)):.9f} {kept(np.asarray(order)):.9f}")
