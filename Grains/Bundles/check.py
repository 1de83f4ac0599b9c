"""Runs model.onnx on the images of this bundle and compares its scores with those recorded. Needs Python 3.8, numpy and onnxruntime."""
import hashlib
import json
import pathlib
import sys

import numpy as np
import onnxruntime

HERE = pathlib.Path(__file__).resolve().parent


def tensors(name):
    """The arrays of a safetensors file: 8 bytes of length, a JSON header, the data."""
    data = (HERE / name).read_bytes()
    size = int.from_bytes(data[:8], "little")
    types = {"F32": np.float32, "I64": np.int64}
    return {
        key: np.frombuffer(data[8 + size + at["data_offsets"][0]:8 + size + at["data_offsets"][1]], types[at["dtype"]]).reshape(at["shape"])
        for key, at in json.loads(data[8:8 + size]).items()
    }


manifest = json.loads((HERE / "manifest.json").read_text(encoding="utf-8"))
for file in manifest["files"]:
    if hashlib.sha256((HERE / file["name"]).read_bytes()).hexdigest() != file["sha256"]:
        sys.exit(f"{file['name']} is not the file that manifest.json names: it was changed or cut short.")

options = onnxruntime.SessionOptions()
options.log_severity_level = 3
for key, value in manifest["check"]["sessionOptions"].items():
    options.add_session_config_entry(key, value)
session = onnxruntime.InferenceSession(str(HERE / "model.onnx"), options, providers=["CPUExecutionProvider"])
images, expected = tensors("check-inputs.safetensors"), tensors("check-outputs.safetensors")
batch = manifest["model"].get("batch") or len(images["images"])
name = session.get_inputs()[0].name
scores = np.concatenate([
    session.run(None, {name: images["images"][at:at + batch]})[0] for at in range(0, len(images["images"]), batch)
])

largest = np.abs(expected["scores"]).max()
apart = np.abs(scores - expected["scores"]).max() / largest
top = np.sort(expected["scores"], axis=1)[:, -2:]
clear = top[:, 1] - top[:, 0] > 2 * manifest["check"]["tolerance"] * largest
wrong = int(((scores.argmax(1) != expected["predicted"]) & clear).sum())
print(f"{len(scores)} images, onnxruntime {onnxruntime.__version__}: scores differ by at most {apart:.2g} of the largest one, "
      f"{int((scores.argmax(1) == images['label']).sum())} classes are right, {int((expected['predicted'] == images['label']).sum())} were.")
if apart > manifest["check"]["tolerance"] or wrong:
    sys.exit(f"They should differ by at most {manifest['check']['tolerance']}, and no class that was clear may change; {wrong} did.")
print("The file computes here what it computed where the bundle was made.")
