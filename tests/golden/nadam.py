"""Writes nadam.json: twelve steps of Keras's Nadam on five parameters, in f32 and in f64.

Made with keras 3.15.1 on tensorflow-cpu 2.21.0, Python 3.11, in a scratch environment:

    python -m venv venv && venv/bin/pip install keras==3.15.1 tensorflow-cpu==2.21.0
    venv/bin/python tests/golden/nadam.py

The optimizer has its defaults: learning rate 1e-3, beta_1 0.9, beta_2 0.999, epsilon 1e-7. The file
holds the initial parameters, the gradient of every step and the parameters after every step. The
script also asserts that the closed formula in `reference` gives the same numbers: the f64 ones
within 1e-9, because Keras rounds some constants to f32 even there.
"""
import json
import os
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np

STEPS = 12
INITIAL = np.array([0.5, -0.25, 0.0, 1.5, -2.0])


def gradients():
    """[STEPS, 5], exact in f32: mixed signs, a decaying, a tiny, a sparse and a large one."""
    t = np.arange(STEPS)
    columns = [
        np.cos(1.3 * t),
        0.9**t,
        1e-6 * np.sin(t + 1.0),
        np.where(t % 4 == 0, -0.5, 0.0),
        30.0 - 7.0 * t,
    ]
    return np.stack(columns, axis=1).astype("f4").astype("f8")


def keras_nadam(dtype):
    """The parameters after each step as Keras computes them in `dtype`."""
    keras.config.set_floatx(dtype)
    optimizer = keras.optimizers.Nadam()
    parameters = keras.Variable(INITIAL, dtype=dtype)
    after = []
    for gradient in gradients():
        optimizer.apply([keras.ops.convert_to_tensor(gradient, dtype)], [parameters])
        after.append(keras.ops.convert_to_numpy(parameters).astype(dtype))
    return np.array(after)


def reference(constant=float):
    """The same from the formula, in f64; `constant` rounds its constants outside the product P."""
    lr, b1, b2, decay = 1e-3, constant(0.9), constant(0.999), constant(0.96)
    u = lambda t: b1 * (1 - 0.5 * decay**t)
    p, m, v, product = INITIAL.copy(), np.zeros(5), np.zeros(5), 1.0
    after = []
    for t, g in enumerate(gradients(), start=1):
        product *= 0.9 * (1 - 0.5 * 0.96**t)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        step = u(t + 1) * m / (1 - product * u(t + 1)) + (1 - u(t)) * g / (1 - product)
        p = p - lr * step / (np.sqrt(v / (1 - b2**t)) + 1e-7)
        after.append(p)
    return np.array(after)


def largest(text, a, b, bound):
    difference = np.abs(a - b).max()
    print(f"{text}: {difference:.1e}")
    assert difference < bound


f32, f64 = keras_nadam("float32"), keras_nadam("float64")
largest("Keras in f32 and the formula", f32, reference(), 1e-6)
largest("Keras in f64 and the formula", f64, reference(), 1e-9)
# The rest of that difference is Keras's: on TensorFlow these constants pass through f32.
largest("the same with f32 constants", f64, reference(lambda x: float(np.float32(x))), 1e-13)
golden = {
    "initial": INITIAL.tolist(),
    "gradients": gradients().tolist(),
    "after_f32": [[float(str(x)) for x in row] for row in f32],
    "after_f64": f64.tolist(),
}
rows = lambda value: "[\n  " + ",\n  ".join(map(json.dumps, value)) + "\n ]"
body = ",\n".join(
    f' "{key}": {rows(value) if isinstance(value[0], list) else json.dumps(value)}'
    for key, value in golden.items()
)
Path(__file__).with_name("nadam.json").write_text("{\n" + body + "\n}\n")
