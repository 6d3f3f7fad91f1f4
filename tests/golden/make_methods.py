"""Writes methods.json: maps of the gradient methods beside Grad-CAM, from pytorch-grad-cam.

Made in the environment and with the network, images and classes of make.py:

    venv/bin/python tests/golden/make_methods.py

For the first six images, the class with the largest logit and one other, the file holds for each
method what its get_cam_image returns on the activations and gradients of the ReLU after conv2, cut
at zero as pytorch-grad-cam goes on to do, divided by its maximum (zeros where that is 0), row-major.
EigenCAM's sign is arbitrary in pytorch-grad-cam; here it is the one whose largest magnitude is
positive, as this program fixes it. Everything is computed in f64 on the f32 weights.
"""
import json
from pathlib import Path

import numpy as np
import torch
from make import Network, formula_weights, images
from pytorch_grad_cam import EigenCAM, GradCAMPlusPlus, HiResCAM, LayerCAM, XGradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

METHODS = {"hirescam": HiResCAM, "grad-cam++": GradCAMPlusPlus, "layercam": LayerCAM,
           "xgrad-cam": XGradCAM, "eigen-cam": EigenCAM}


def main():
    model = Network().double().eval()
    model.load_state_dict(formula_weights())
    cases = []
    for pixels in images()[:6]:
        x = torch.tensor(np.asarray(pixels, np.float64).reshape(1, 1, 28, 28) / 255)
        best = int(model(x).argmax())
        case = {"pixels": pixels.tobytes().hex(), "maps": []}
        for target in (best, (best + 3) % 10):
            for name, method in METHODS.items():
                raw = {}

                class MapOnly(method):
                    def get_target_width_height(self, _):
                        return None

                    def get_cam_image(self, *args):
                        raw["map"] = super().get_cam_image(*args)
                        return raw["map"]

                MapOnly(model=model, target_layers=[model.target_layer])(
                    input_tensor=x, targets=[ClassifierOutputTarget(target)])
                values = np.asarray(raw["map"], np.float64)[0]
                if name == "eigen-cam" and -values.min() > values.max():
                    values = -values
                values = np.maximum(values, 0)
                values = values / values.max() if values.max() > 0 else values
                case["maps"].append({"method": name, "target": target,
                                     "values": [float(f"{v:.6g}") for v in values.flatten()]})
        cases.append(case)
    Path(__file__).with_name("methods.json").write_text(json.dumps({"cases": cases}) + "\n")


main()
