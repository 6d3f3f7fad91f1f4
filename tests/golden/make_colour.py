"""Writes colour.json: logits and Grad-CAM maps of a network for pictures in colour that are not
square, from PyTorch.

Made in the environment of make.py:

    venv/bin/python tests/golden/make_colour.py

The network takes 24x32 pictures (height before width) of 3 channels and tells 7 classes. Its weights
follow from the formula of make.py, with the sizes of `TENSORS` below.

Pictures. Eight of 6x8 squares of one colour each. Channel c of the pixel in row y and column x of
picture p is

    splitmix64(p * 2^32 + (y / 4 * 8 + x / 4) * 3 + c) >> 56      with whole-number division

and the network sees it divided by 255.

Maps. Grad-CAM by torch.autograd in f64, at the ReLU after conv1 and at the one after conv2, for the
class with the largest logit and two others: max(0, sum_k a_k A_k), where a_k is the mean over all
places of the logit's gradient by channel k, divided by its maximum (zeros where that is 0). A map
is stored as whole numbers in units of 1e-5, row-major: all values at conv2, every fifth at conv1.
"""
import json
from pathlib import Path

import numpy as np
import torch
from make import formula_weights, splitmix64
from torch import nn

SIZE, CLASSES, PICTURES = (24, 32), 7, 8
FLAT = 64 * 9 * 13
TENSORS = {
    "conv1.weight": ((32, 3, 3, 3), 27, 9 * 32),
    "conv1.bias": ((32,), None, None),
    "conv2.weight": ((64, 32, 3, 3), 9 * 32, 9 * 64),
    "conv2.bias": ((64,), None, None),
    "fc1.weight": ((128, FLAT), FLAT, 128),
    "fc1.bias": ((128,), None, None),
    "fc2.weight": ((CLASSES, 128), 128, CLASSES),
    "fc2.bias": ((CLASSES,), None, None),
}
STRIDES = {"conv1": 5, "conv2": 1}


class Network(nn.Module):
    """The program's network for any input and any classes, up to each layer and on from it."""

    def __init__(self, channels, flat, classes):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(channels, 32, 3), nn.Conv2d(32, 64, 3)
        self.fc1, self.fc2 = nn.Linear(flat, 128), nn.Linear(128, classes)
        self.pool = nn.MaxPool2d(2)

    def conv1_of(self, x):
        return self.conv1(x).relu()

    def conv2_of(self, a):
        return self.conv2(self.pool(a)).relu()

    def head(self, a):
        return self.fc2(self.fc1(a.flatten(1)).relu())

    def maps(self, x, target):
        """The logits, and at each layer the map of a class before it is divided by its maximum."""
        first = self.conv1_of(x)
        second = self.conv2_of(first)
        logits = self.head(second)
        gradients = torch.autograd.grad(logits[0, target], [first, second])
        raw = [
            (gradient.mean((2, 3), keepdim=True) * activations).sum(1)[0].clamp(min=0)
            for gradient, activations in zip(gradients, [first, second])
        ]
        return logits[0].detach().numpy(), {
            name: map.detach().numpy() for name, map in zip(STRIDES, raw)
        }


def picture(p):
    y, x, c = np.mgrid[0 : SIZE[0], 0 : SIZE[1], 0:3].astype(np.uint64)
    square = (y // np.uint64(4) * np.uint64(8) + x // np.uint64(4)) * np.uint64(3) + c
    return (splitmix64(square + np.uint64(p << 32)) >> np.uint64(56)).astype(np.uint8)


def normalised(raw):
    return raw / raw.max() if raw.max() > 0 else raw


def main():
    model = Network(3, FLAT, CLASSES).double()
    model.load_state_dict(formula_weights(TENSORS), strict=True)
    cases = []
    for p in range(PICTURES):
        x = torch.from_numpy(picture(p).transpose(2, 0, 1)[None] / 255.0)
        logits, _ = model.maps(x, 0)
        predicted = int(logits.argmax())
        maps = []
        for target in [(predicted + offset) % CLASSES for offset in (0, 1, 3)]:
            _, raw = model.maps(x, target)
            units = {
                name: np.round(normalised(raw[name]).ravel()[::stride] * 1e5).astype(int).tolist()
                for name, stride in STRIDES.items()
            }
            maps.append({"target": target, **units})
        cases.append({"logits": [round(float(v), 9) for v in logits], "maps": maps})
    path = Path(__file__).with_name("colour.json")
    path.write_text(json.dumps({"strides": STRIDES, "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
