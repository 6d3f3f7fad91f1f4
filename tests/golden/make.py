"""Writes grad_cam.json: logits and Grad-CAM maps of a network with known weights, from
pytorch-grad-cam.

Made with grad-cam 1.5.7, torch 2.15.0 (on the CPU), numpy 2.4.6, Python 3.11, in a scratch
environment:

    python -m venv venv && venv/bin/pip install grad-cam==1.5.7 torch==2.15.0 numpy==2.4.6
    venv/bin/python tests/golden/make.py

Weights. They are not stored but follow from a formula. Tensor t (0..8, in the order of `TENSORS`)
has at flat index i of PyTorch's layout

    r = splitmix64(t * 2^32 + i) >> 40            the first output for that seed, its top 24 bits
    w = (2 * (r / 2^24) - 1) * limit              in f64, then rounded to f32

with limit = sqrt(6 / (fan_in + fan_out)) for weights and 0.05 for biases.

Images. Twenty drawn 28x28 pictures, stored as 784 bytes in hexadecimal; the network sees
byte / 255.

Maps. The target layer is the ReLU after conv2, the score is a logit. For the class with the largest
logit and two others the file holds, 11x11, row-major,
  raw         max(0, sum_k a_k A_k): what GradCAM.get_cam_image returns, cut at 0 as GradCAM goes
              on to do
  normalised  what GradCAM.__call__ returns when it does not resize: scale_cam_image, that is
              (x - min) / (1e-7 + max(x - min)), applied twice, as f32. Every map here has a minimum
              of 0, so this is raw / max(raw) within 1e-6, or zeros where raw is.
"weights" holds the first and the last value of each tensor, to check the formula by.
Everything is computed in f64 on the f32 weights, so a 32-bit implementation can be held against it.
The script asserts that torch.autograd by hand gives the same raw maps and that PyTorch in f32 gives
the same numbers within 1e-5.
"""
import json
from pathlib import Path

import numpy as np
import torch
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import nn

TENSORS = {
    "conv1.weight": ((32, 1, 3, 3), 9, 9 * 32),
    "conv1.bias": ((32,), None, None),
    "conv2.weight": ((64, 32, 3, 3), 9 * 32, 9 * 64),
    "conv2.bias": ((64,), None, None),
    "fc1.weight": ((128, 7744), 7744, 128),
    "fc1.bias": ((128,), None, None),
    "fc2.weight": ((10, 128), 128, 10),
    "fc2.bias": ((10,), None, None),
}


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3)
        self.fc1, self.fc2 = nn.Linear(7744, 128), nn.Linear(128, 10)
        self.pool, self.target_layer = nn.MaxPool2d(2), nn.ReLU()

    def trunk(self, x):
        return self.target_layer(self.conv2(self.pool(self.conv1(x).relu())))

    def head(self, a):
        return self.fc2(self.fc1(a.flatten(1)).relu())

    def forward(self, x):
        return self.head(self.trunk(x))


class MapOnly(GradCAM):
    """GradCAM that keeps the map of the target layer and does not resize it."""

    def get_target_width_height(self, input_tensor):
        return None

    def get_cam_image(self, *args):
        cam = super().get_cam_image(*args)
        self.raw = np.maximum(cam, 0)
        return cam


def splitmix64(x):
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def formula_weights(tensors=TENSORS):
    state = {}
    for t, (name, (shape, fan_in, fan_out)) in enumerate(tensors.items()):
        limit = np.sqrt(6 / (fan_in + fan_out)) if fan_in else 0.05
        index = np.arange(np.prod(shape), dtype=np.uint64) + np.uint64(t << 32)
        u = (splitmix64(index) >> np.uint64(40)).astype("f8") / 2**24
        state[name] = torch.from_numpy(((2 * u - 1) * limit).astype("f4").reshape(shape))
    return state


def draw(strokes, thickness, softness):
    """Lines (x0, y0, x1, y1) and rings (x, y, rx, ry) of a soft pen, as [28, 28] bytes."""
    y, x = np.mgrid[0:28, 0:28].astype("f8")
    distance = np.full((28, 28), np.inf)
    for kind, a, b, c, d in strokes:
        if kind == "line":
            t = ((x - a) * (c - a) + (y - b) * (d - b)) / ((c - a) ** 2 + (d - b) ** 2)
            t = np.clip(t, 0, 1)
            stroke = np.hypot(x - a - t * (c - a), y - b - t * (d - b))
        else:
            stroke = np.abs(np.hypot((x - a) / c, (y - b) / d) - 1) * min(c, d)
        distance = np.minimum(distance, stroke)
    ink = np.clip((thickness / 2 - distance) / softness + 0.5, 0, 1)
    return np.round(255 * ink).astype(np.uint8)


def line(*points):
    """The lines through `points` x, y, x, y, ..."""
    return [("line", *points[i : i + 4]) for i in range(0, len(points) - 2, 2)]


def ring(x, y, rx, ry):
    return [("ring", x, y, rx, ry)]


SHAPES = [
    ring(14, 14, 5, 8),
    line(14, 5, 14, 23),
    line(8, 9, 12, 5, 18, 7, 18, 11, 8, 22, 20, 22),
    line(8, 6, 18, 6, 12, 13, 18, 17, 14, 22, 8, 21),
    line(10, 5, 8, 15, 20, 15) + line(17, 7, 17, 23),
    line(19, 6, 10, 6, 9, 13, 17, 14, 18, 19, 9, 22),
    line(17, 5, 10, 13, 9, 18) + ring(13, 18, 4, 4),
    line(8, 6, 20, 6, 12, 23),
    ring(14, 9, 4, 4) + ring(14, 18, 5, 5),
    ring(14, 10, 5, 4.5) + line(19, 10, 17, 23),
]
PENS = [(2.2, 1.6), (3.6, 2.4)]


def images():
    """Each shape with a thin and a thick pen."""
    return np.stack([draw(shape, *pen) for pen in PENS for shape in SHAPES])


def by_hand(model, image, target):
    a = model.trunk(image).detach().requires_grad_()
    (g,) = torch.autograd.grad(model.head(a)[0, target], a)
    return (g.mean((2, 3), keepdim=True) * a).sum(1).relu()[0].detach().numpy()


def explain(model, image, target):
    """Logits, raw and normalised map of one image [1, 1, 28, 28]."""
    with MapOnly(model=model, target_layers=[model.target_layer]) as cam:
        normalised = cam(input_tensor=image, targets=[ClassifierOutputTarget(target)])[0]
        return cam.outputs[0].detach().numpy(), cam.raw[0], normalised


def close(a, b, bound):
    assert np.abs(a - b).max() < bound, np.abs(a - b).max()


def numbers(values, digits):
    return "[" + ",".join(f"{v:.{digits}g}" for v in np.asarray(values, "f8").ravel()) + "]"


def main():
    model, single = Network().double(), Network()
    model.load_state_dict(formula_weights())
    single.load_state_dict(formula_weights())
    ends = [numbers([w.flatten()[0], w.flatten()[-1]], 9) for w in single.state_dict().values()]
    cases, raw_maps = [], []
    for n, pixels in enumerate(images()):
        image = torch.from_numpy(pixels.astype("f8") / 255)[None, None]
        hidden = model.fc1(model.trunk(image).flatten(1))
        assert hidden.abs().min() > 1e-5, "a hidden unit is too near the kink of its ReLU"
        first = model(image).argmax().item()
        maps = []
        for target in (first, (first + 1 + n % 4) % 10, (first + 5 + n % 5) % 10):
            logits, raw, normalised = explain(model, image, target)
            close(raw, by_hand(model, image, target), 1e-12)
            for a, b in zip((logits, raw, normalised), explain(single, image.float(), target)):
                close(a, b, 1e-5)
            top = raw.max()
            close(normalised, raw / top if top > 0 else raw, 1e-6)
            raw_maps.append(raw)
            maps.append(
                f'  {{"target":{target},"raw":{numbers(raw, 7)},\n'
                f'   "normalised":{numbers(normalised, 6)}}}'
            )
        cases.append(
            f' {{"pixels":"{pixels.tobytes().hex()}",\n  "logits":{numbers(logits, 7)},'
            '"maps":[\n' + ",\n".join(maps) + "]}"
        )
    path = Path(__file__).with_name("grad_cam.json")
    path.write_text(
        '{"weights":[' + ",".join(ends) + '],\n"cases":[\n' + ",\n".join(cases) + "\n]}\n"
    )
    json.loads(path.read_text())
    low, high = np.array([[raw.min(), raw.max()] for raw in raw_maps]).T
    print(f"{len(cases)} images, {len(raw_maps)} maps, {path.stat().st_size} bytes")
    print(f"{(high == 0).sum()} maps are blank, {(low > 0).sum()} are positive everywhere")
    print(f"the largest value of the others is {high[high > 0].min():.2g} to {high.max():.2g}")


if __name__ == "__main__":
    main()
