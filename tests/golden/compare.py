"""Holds the program's saved model and explanations against PyTorch and pytorch-grad-cam.

    gradcam explain --json ... > explain.jsonl
    python tests/golden/compare.py MODEL.safetensors MNIST_DIR explain.jsonl...
    python tests/golden/compare.py --write MODEL.safetensors [SEED]

The first form loads the model into PyTorch (strictly: names and shapes must fit as they are) and
recomputes every line's logits and map from the digit in MNIST_DIR (the IDX files, gzipped or not).
It exits with 1 if a difference is above 1e-4 or nothing could be compared. The second form writes a
fresh PyTorch model for the program to read: `nn.init.xavier_uniform_` (Glorot) weights and zero
biases, drawn from SEED (default 1).

The program divides a map by its maximum; pytorch-grad-cam subtracts the minimum first. So the maps
are compared both ways: "maps" holds the program's values against raw / max(raw) of
pytorch-grad-cam's map, "scaled maps" holds them, put through pytorch-grad-cam's scaling, against
what GradCAM returns.

Runs in the environment that make.py describes, with safetensors 0.8.0 added.
"""
import gzip
import json
import sys
from pathlib import Path

import numpy as np
import torch
from make import Network, explain
from pytorch_grad_cam.utils.image import scale_cam_image
from safetensors.torch import load_file, save_file
from torch import nn

BOUND = 1e-4
FILES = {"train": "train-images-idx3-ubyte", "test": "t10k-images-idx3-ubyte"}


def write(path, seed=1):
    torch.manual_seed(int(seed))
    model = Network()
    for name, parameter in model.named_parameters():
        nn.init.zeros_(parameter) if name.endswith("bias") else nn.init.xavier_uniform_(parameter)
    save_file(model.state_dict(), path)


def read_images(folder, split):
    plain = Path(folder, FILES[split])
    packed = plain.with_name(plain.name + ".gz")
    data = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
    return np.frombuffer(data, np.uint8, offset=16).reshape(-1, 1, 1, 28, 28)


def largest(a, b):
    """The largest absolute difference; infinite where there is a NaN or the lengths differ."""
    a, b = np.ravel(a).astype("f8"), np.ravel(b).astype("f8")
    difference = np.abs(a - b).max() if a.shape == b.shape else np.nan
    return np.inf if np.isnan(difference) else difference


def differences(model, image, line):
    method = line["method"].lower().replace("-", "").replace("_", "")
    if (method, line["score"]) != ("gradcam", "logit"):
        sys.exit(f"digit {line['index']}: only Grad-CAM of a logit can be compared")
    logits, raw, scaled = explain(model, torch.from_numpy(image / np.float32(255)), line["target"])
    heatmap, top = line["heatmap"], raw.max()
    values = np.array(heatmap["values"], "f4").reshape(heatmap["height"], heatmap["width"])
    return {
        "logits": largest(line["logits"], logits),
        "probabilities": largest(line["probabilities"], torch.tensor(logits).softmax(0)),
        "predicted class": float(line["predicted"] != logits.argmax()),
        "raw maximum": largest(line["raw_max"], top),
        "maps": largest(values, raw / top if top > 0 else raw),
        "scaled maps": largest(scale_cam_image([values])[0], scaled),
    }


def compare(model_path, folder, *paths):
    model = Network()
    model.load_state_dict(load_file(model_path), strict=True)
    lines = [json.loads(text) for path in paths for text in Path(path).read_text().splitlines()]
    if not lines:
        sys.exit("no explanations to compare")
    splits = {line.get("split", "test") for line in lines}
    images = {split: read_images(folder, split) for split in splits}
    found = [
        differences(model, images[line.get("split", "test")][line["index"]], line) for line in lines
    ]
    print(f"{len(found)} explanations; largest differences:")
    worst = {name: max(d[name] for d in found) for name in found[0]}
    for name, value in worst.items():
        print(f"  {name:16} {value:.2e}{'' if value <= BOUND else '   above ' + str(BOUND)}")
    return int(max(worst.values()) > BOUND)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["--write"] and len(arguments) in (2, 3):
        write(*arguments[1:])
    elif len(arguments) >= 3 and not arguments[0].startswith("-"):
        sys.exit(compare(*arguments))
    else:
        sys.exit(__doc__)
