"""Trivial trials of Debian's python3-optuna, one worker: seconds that so many take with a storage. Prints one number."""

import logging
import random
import sys
import time
import warnings

import optuna

storage, trials, where = sys.argv[1], int(sys.argv[2]), sys.argv[3]
warnings.simplefilter("ignore")
optuna.logging.set_verbosity(logging.ERROR)
if storage == "memory":
    kept = None
elif storage == "sqlite":
    kept = optuna.storages.RDBStorage(f"sqlite:///{where}/optuna.db")
else:
    kept = optuna.storages.JournalStorage(optuna.storages.JournalRedisStorage(f"redis://{where}"))

study = optuna.create_study(storage=kept, sampler=optuna.samplers.RandomSampler(seed=1), study_name=f"study-{random.random()}")
began = time.perf_counter()
study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=trials)
print(time.perf_counter() - began)
