"""Times pytorch-grad-cam on the model and the digits that benches/app.rs explains.

Both in one go, from the folder of the project, with a model that `gradcam train` wrote, the folder
of the MNIST files, and a Python with grad-cam 1.5.7, torch 2.15.0 and safetensors 0.8.0:

    export GRADCAM_MODEL=model.safetensors GRADCAM_MNIST=FOLDER
    cargo bench --bench app -- method_ && python benches/pytorch_grad_cam.py

It goes through the first digits of the test set, one at a time, and prints the median time of one
explanation of the predicted class at conv2, in milliseconds: forward pass, gradient and map, as in
benches/app.rs. pytorch-grad-cam brings its maps to the image's size as well, which takes it
microseconds. An argument says on how many threads PyTorch computes; without one it decides.
"""
import contextlib
import io
import os
import statistics
import sys
import time
from pathlib import Path

import torch
from safetensors.torch import load_file

# In place of this file's own folder, where it would be taken for the package of its name.
sys.path[0] = str(Path(__file__).parent.parent / "tests" / "golden")
from compare import read_images  # noqa: E402
from make_methods import METHODS, Network  # noqa: E402
from pytorch_grad_cam import GuidedBackpropReLUModel  # noqa: E402

WARM_UP, ROUNDS = 5, 100


def main():
    if len(sys.argv) > 1:
        torch.set_num_threads(int(sys.argv[1]))
    model = Network().eval()
    model.load_state_dict(load_file(os.environ["GRADCAM_MODEL"]))
    digits = read_images(os.environ["GRADCAM_MNIST"], "test")
    digits = [torch.from_numpy(digit.astype("f4") / 255) for digit in digits[: WARM_UP + ROUNDS]]
    explainers = {name: method(model=model, target_layers=[model.relu2])
                  for name, method in METHODS.items()}
    guided = GuidedBackpropReLUModel(model, device="cpu")
    # Last, because it takes the network's ReLUs out and in.
    explainers["guided-backprop"] = lambda digit, targets: guided(digit.clone())
    for name, explain in explainers.items():
        times = []
        with contextlib.redirect_stderr(io.StringIO()):  # progress bars
            for digit in digits:
                start = time.perf_counter()
                explain(digit, targets=None)
                times.append(1e3 * (time.perf_counter() - start))
        print(f"{name:16} {statistics.median(times[WARM_UP:]):8.2f} ms", flush=True)


if __name__ == "__main__":
    main()
