"""random_images.py FILE.npz: 96 random images of 3x224x224 with labels, for resnet34.sweep.yaml."""
import sys
import numpy as np

random = np.random.default_rng(1)
np.savez_compressed(sys.argv[1], x=random.integers(0, 256, (96, 3, 224, 224), dtype=np.uint8), y=np.arange(96, dtype=np.int64) % 8)
