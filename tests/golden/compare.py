"""Holds the program's saved model and explanations against PyTorch and pytorch-grad-cam.

    gradcam explain --json ... > explain.jsonl
    python tests/golden/compare.py MODEL.safetensors MNIST_DIR explain.jsonl...
    python tests/golden/compare.py --write MODEL.safetensors [SEED]
    python tests/golden/compare.py --methods MODEL.safetensors MNIST_DIR GRADCAM [OPTION...]
    python tests/golden/compare.py --files MODEL.safetensors FOLDER explain.jsonl...

The first form loads the model into PyTorch (strictly: names and shapes must fit as they are) and
recomputes every line's logits and map from the digit in MNIST_DIR (the IDX files, gzipped or not).
It exits with 1 if a difference is above 1e-4 or nothing could be compared. The second form writes a
fresh PyTorch model for the program to read: `nn.init.xavier_uniform_` (Glorot) weights and zero
biases, drawn from SEED (default 1).

The program divides a map by its maximum; pytorch-grad-cam subtracts the minimum first. So the maps
are compared both ways: "maps" holds the program's values against raw / max(raw) of
pytorch-grad-cam's map, "scaled maps" holds them, put through pytorch-grad-cam's scaling, against
what GradCAM returns.

The third form runs the program GRADCAM (with each OPTION, such as --device flex) on the first
twenty test digits, for every method that pytorch-grad-cam has too, at both layers, for the
predicted class and two others. Its table has a line for each method and layer, with the largest
difference of maps cut at zero and divided by their maximum, at the layer's own size:
  ours-f32  between the program and PyTorch in 32 bits
  ours-f64  between the program and PyTorch in 64 bits, on the same weights and pixels
  f32-f64   between PyTorch in 32 and in 64 bits: what rounding alone does
Where the program differs on purpose, the end of the line says what was done to pytorch-grad-cam's
map before; it also counts the maps that are blank. A line fails, and the exit status is 1, if
ours-f64 is above 1e-4 and above f32-f64.

The fourth form is for a model of a folder of pictures. The network's sizes, the names of its classes
and how pixels become inputs come from the model file's metadata, and each picture from the file that
its line names, which has the network's size already. Logits and Grad-CAM's maps, at the line's
layer, are held against torch.autograd in f64; it exits with 1 as the first form does. Decoders of JPEG
differ by a level or two here and there: take PNG.

Runs in the environment that make.py describes, with safetensors 0.8.0 and pillow added.
"""
import gzip
import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from make import Network, explain
from make_colour import Network as NetworkOfMetadata
from make_colour import normalised as divided
from make_methods import LAYERS, METHODS, normalised, raw_map
from make_methods import Network as NetworkOfModules
from pytorch_grad_cam import GuidedBackpropReLUModel
from pytorch_grad_cam.utils.image import scale_cam_image
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

BOUND = 1e-4
FILES = {"train": "train-images-idx3-ubyte", "test": "t10k-images-idx3-ubyte"}
DIGITS = "0..20"
# What is done to pytorch-grad-cam's maps; raw_map of make_methods.py does the first two.
ADJUSTED = {
    "eigen-cam": "sign chosen so that the largest magnitude is positive",
    "ablation-cam": "not divided by the score: turned back where that is negative",
    "guided-backprop": "cut at zero and divided by the maximum; knows no layer",
}


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
    return report(found)


def report(found):
    """Prints the largest differences; whether one is too large, as an exit status."""
    print(f"{len(found)} explanations; largest differences:")
    worst = {name: max(d[name] for d in found) for name in found[0]}
    for name, value in worst.items():
        print(f"  {name:16} {value:.2e}{'' if value <= BOUND else '   above ' + str(BOUND)}")
    return int(max(worst.values()) > BOUND)


def program_lines(program, model_path, folder, method, layer, options):
    """What the program says of each digit, for the predicted class and two others."""
    lines = []
    for target in range(10):
        done = subprocess.run(
            [program, "explain", "--json", "--index", DIGITS, "--target", str(target),
             "--method", method, "--layer", layer, "--model", model_path, "--data", folder,
             *options],
            capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        lines += [json.loads(text) for text in done.stdout.splitlines()]
    # Eigen-CAM knows no class.
    offsets = (0,) if method == "eigen-cam" else (0, 1, 5)
    return [line for line in lines if (line["target"] - line["predicted"]) % 10 in offsets]


def library_map(model, method, layer, image, target):
    """pytorch-grad-cam's map, adjusted, cut at zero and divided by its maximum."""
    if method != "guided-backprop":
        return normalised(raw_map(model, method, layer, image, target))
    # A copy, because it leaves one ReLU module in place of all three.
    guided = GuidedBackpropReLUModel(deepcopy(model), device="cpu")
    return normalised(guided(image.clone(), target)[..., 0])


def compare_methods(model_path, folder, program, *options):
    single, double = NetworkOfModules().eval(), NetworkOfModules().double().eval()
    single.load_state_dict(load_file(model_path), strict=True)
    double.load_state_dict(load_file(model_path), strict=True)
    images = read_images(folder, "test")

    def row(name, layer, pairs, note=""):
        """A line of the table from (ours, PyTorch in f32, PyTorch in f64); whether it holds."""
        ours_f32 = max(largest(a, b) for a, b, _ in pairs)
        ours_f64 = max(largest(a, c) for a, _, c in pairs)
        f32_f64 = max(largest(b, c) for _, b, c in pairs)
        good = ours_f64 <= max(BOUND, f32_f64)
        print(f"{name:15} {layer:5} {len(pairs):5} {ours_f32:9.1e} {ours_f64:9.1e} {f32_f64:9.1e}"
              f"  {note if good else 'TOO FAR ' + note}".rstrip(), flush=True)
        return good

    print("method          layer count  ours-f32  ours-f64   f32-f64  done to the library's maps")
    logits, good = [], True
    for method in [*METHODS, "guided-backprop"]:
        for layer in LAYERS:
            maps = []
            for line in program_lines(program, model_path, folder, method, layer, options):
                image = torch.from_numpy(images[line["index"]] / np.float32(255))
                inputs = [(single, image), (double, image.double())]
                heatmap, target = line["heatmap"], line["target"]
                values = np.reshape(heatmap["values"], (heatmap["height"], heatmap["width"]))
                theirs = [library_map(m, method, layer, x, target) for m, x in inputs]
                maps.append((values, *theirs))
                with torch.no_grad():
                    logits.append((line["logits"], *(m(x)[0].numpy() for m, x in inputs)))
            notes = [ADJUSTED[method]] if method in ADJUSTED else []
            shifted = sum(values.min() > 0 for _, _, values in maps)
            if shifted:
                notes.append(f"minimum above 0 not subtracted: {shifted} maps")
            blank = sum(values.max() == 0 for _, _, values in maps)
            if blank:
                notes.append(f"blank: {blank} maps")
            good &= row(method, layer, maps, "; ".join(notes))
    good &= row("logits", "", logits, "of each explanation, over and over for the same digits")
    return int(not good)


def compare_files(model_path, folder, *paths):
    with safe_open(model_path, "pt") as file:
        said = file.metadata()
    height, width, channels = (int(said[key]) for key in ("height", "width", "channels"))
    names, mean, std = (json.loads(said[key]) for key in ("classes", "mean", "std"))
    flat = 64 * ((height - 2) // 2 - 2) * ((width - 2) // 2 - 2)
    model = NetworkOfMetadata(channels, flat, len(names)).double()
    model.load_state_dict(load_file(model_path), strict=True)
    found = []
    for line in (json.loads(text) for path in paths for text in Path(path).read_text().splitlines()):
        pixels = np.asarray(Image.open(Path(folder, line["file"])).convert("RGB" if channels == 3 else "L"))
        pixels = pixels.reshape(height, width, channels) / 255.0
        x = torch.from_numpy(((pixels - mean) / std).transpose(2, 0, 1)[None])
        logits, raw = model.maps(x, line["target"])
        values = np.reshape(line["heatmap"]["values"], raw[line["layer"]].shape)
        found.append({
            "logits": largest(line["logits"], logits),
            "maps": largest(values, divided(raw[line["layer"]])),
            "target's name": float(line["target_name"] != names[line["target"]]),
        })
    if not found:
        sys.exit("no explanations to compare")
    return report(found)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["--write"] and len(arguments) in (2, 3):
        write(*arguments[1:])
    elif arguments[:1] == ["--methods"] and len(arguments) >= 4:
        sys.exit(compare_methods(*arguments[1:]))
    elif arguments[:1] == ["--files"] and len(arguments) >= 4:
        sys.exit(compare_files(*arguments[1:]))
    elif len(arguments) >= 3 and not arguments[0].startswith("-"):
        sys.exit(compare(*arguments))
    else:
        sys.exit(__doc__)
