"""Writes methods.json: maps of every method that pytorch-grad-cam has too, at both layers.

Made in the environment and with the weights, images and classes of make.py:

    venv/bin/python tests/golden/make_methods.py

For each of the twenty images, the class with the largest logit and two others, and the ReLU after
conv1 and the one after conv2, the file holds for each method what its get_cam_image returns, cut at
zero as pytorch-grad-cam goes on to do and divided by its maximum (zeros where that is 0); and for
guided backprop what GuidedBackpropReLUModel returns, cut and divided alike. Everything is computed
in f64 on the f32 weights.

A map is stored as whole numbers, in units of 1e-5, row-major: all 121 values at conv2, every fifth
of the 676 at conv1 and of the 784 of guided backprop ("stride"). Guided backprop is the same at both
layers and stored once, with conv2.

Two things are not taken as they come:
  EigenCAM's sign is arbitrary; here it is the one whose largest magnitude is positive, as this
  program fixes it. It knows no class, so that it is stored for the first class only.
  AblationCAM divides its weights by the score, which turns the map round where that is negative;
  there it is turned back, as this program does not divide. It also rounds scores to f32 before it
  takes their small differences; here they stay f64, as everything else.
"""
import contextlib
import io
import json
from pathlib import Path

import numpy as np
import pytorch_grad_cam.ablation_cam
import torch
from make import formula_weights, images
from pytorch_grad_cam import (AblationCAM, EigenCAM, GradCAM, GradCAMPlusPlus, GuidedBackpropReLUModel,
                              HiResCAM, LayerCAM, ScoreCAM, XGradCAM)
from pytorch_grad_cam.ablation_layer import AblationLayer
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import nn

METHODS = {"grad-cam": GradCAM, "hirescam": HiResCAM, "grad-cam++": GradCAMPlusPlus,
           "layercam": LayerCAM, "xgrad-cam": XGradCAM, "eigen-cam": EigenCAM,
           "score-cam": ScoreCAM, "ablation-cam": AblationCAM}


class WithoutRounding:
    """numpy with 64 bits where 32 are asked for."""

    float32 = np.float64

    def __getattr__(self, name):
        return getattr(np, name)


pytorch_grad_cam.ablation_cam.np = WithoutRounding()

LAYERS = {"conv1": "relu1", "conv2": "relu2"}
STRIDE = 5


class Network(nn.Module):
    """make.py's network with a module for each ReLU: pytorch-grad-cam looks for those."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3)
        self.fc1, self.fc2 = nn.Linear(7744, 128), nn.Linear(128, 10)
        self.relu1, self.relu2, self.relu3 = nn.ReLU(), nn.ReLU(), nn.ReLU()
        self.pool = nn.MaxPool2d(2)

    def forward(self, x):
        x = self.relu2(self.conv2(self.pool(self.relu1(self.conv1(x)))))
        return self.fc2(self.relu3(self.fc1(x.flatten(1))))


def network():
    model = Network().double().eval()
    model.load_state_dict(formula_weights())
    return model


def raw_map(model, name, layer, image, target):
    """A method's map of an image [1, 1, 28, 28] before it is cut and divided."""
    kept = {}

    class MapOnly(METHODS[name]):
        def get_target_width_height(self, _):
            return None

        def get_cam_image(self, *args):
            kept["map"] = super().get_cam_image(*args)
            return kept["map"]

    # A layer of its own: the class's default is one object for all.
    options = {"ablation_layer": AblationLayer()} if name == "ablation-cam" else {}
    with contextlib.redirect_stderr(io.StringIO()):  # progress bars
        MapOnly(model=model, target_layers=[getattr(model, LAYERS[layer])], **options)(
            input_tensor=image, targets=[ClassifierOutputTarget(target)])
    values = np.asarray(kept["map"], "f8")[0]
    if name == "eigen-cam" and -values.min() > values.max():
        values = -values
    if name == "ablation-cam" and model(image)[0, target] < 0:
        values = -values
    return values


def guided(image, target):
    model = GuidedBackpropReLUModel(network(), device="cpu")
    return model(image.clone(), target_category=target)[..., 0]


def normalised(values):
    values = np.maximum(values, 0)
    return values / values.max() if values.max() > 0 else values


def whole(values):
    return np.round(1e5 * normalised(values).ravel()).astype(int).tolist()


def main():
    model = network()
    cases = []
    for n, pixels in enumerate(images()):
        x = torch.from_numpy(pixels.astype("f8") / 255)[None, None]
        best = int(model(x).argmax())
        maps = []
        for target in (best, (best + 1 + n % 4) % 10, (best + 5 + n % 5) % 10):
            for layer, stride in (("conv1", STRIDE), ("conv2", 1)):
                for name in METHODS:
                    if name == "eigen-cam" and target != best:
                        continue
                    values = whole(raw_map(model, name, layer, x, target))[::stride]
                    maps.append({"method": name, "layer": layer, "target": target,
                                 "stride": stride, "values": values})
            maps.append({"method": "guided-backprop", "layer": "conv2", "target": target,
                         "stride": STRIDE, "values": whole(guided(x, target))[::STRIDE]})
        cases.append({"pixels": pixels.tobytes().hex(), "maps": maps})
        print(n, flush=True)
    path = Path(__file__).with_name("methods.json")
    text = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    path.write_text('{"cases":[\n' + text + "\n]}\n")
    print(sum(len(case["maps"]) for case in cases), "maps,", path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
