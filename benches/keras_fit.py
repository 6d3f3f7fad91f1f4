"""Trains the same network for one epoch with Keras on TensorFlow and with gradcam, in turns.

    python benches/keras_fit.py GRADCAM MNIST_FOLDER [ROUNDS]

GRADCAM is the released program, MNIST_FOLDER holds the four .gz files. Needs tensorflow-cpu.
Prints a line a run, then the medians and their ratios: images a second, seconds from the start
of the process to a trained, scored network and a first heatmap, and peak memory.
"""

import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time


def keras_run(folder, batch):
    """One epoch, its evaluation and one Grad-CAM, in this process."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras
    import numpy as np
    import tensorflow as tf
    from keras import layers

    def read(name, skip):
        with gzip.open(os.path.join(folder, name)) as file:
            return np.frombuffer(file.read(), np.uint8, offset=skip)

    def split(prefix):
        pixels = read(f"{prefix}-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28, 1)
        labels = read(f"{prefix}-labels-idx1-ubyte.gz", 8)
        return pixels.astype("float32") / 255, keras.utils.to_categorical(labels, 10)

    (train_x, train_y), (test_x, test_y) = split("train"), split("t10k")
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu", name="target"),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("nadam", "categorical_crossentropy", metrics=["accuracy"])
    started = time.perf_counter()
    model.fit(train_x, train_y, batch_size=batch, epochs=1, verbose=0)
    seconds = time.perf_counter() - started
    accuracy = model.evaluate(test_x, test_y, verbose=0)[1]

    both = keras.Model(model.inputs, [model.get_layer("target").output, model.outputs[0]])
    with tf.GradientTape() as tape:
        activations, probabilities = both(test_x[:1])
        score = tf.reduce_max(probabilities)
    weights = tf.reduce_mean(tape.gradient(score, activations), axis=(0, 1, 2))
    tf.nn.relu(tf.linalg.matvec(activations[0], weights)).numpy()
    return {"images_per_second": len(train_x) / seconds, "test_accuracy": accuracy}


def timed(command):
    """What a command prints, its seconds and its peak memory in MB."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    lines = process.stdout.read().splitlines()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} failed; run it by itself: {' '.join(command)}")
    return lines, time.perf_counter() - started, usage.ru_maxrss / 1024


def run_keras(folder, batch):
    lines, seconds, memory = timed([sys.executable, __file__, "--keras", folder, str(batch)])
    return json.loads(lines[-1]) | {"seconds": seconds, "megabytes": memory}


def run_gradcam(program, folder, batch):
    with tempfile.TemporaryDirectory() as home:
        common = ["--data", folder, "--json", "--model", os.path.join(home, "model.safetensors")]
        train = ["train", "--no-tui", "--epochs", "1", "--batch-size", str(batch)]
        lines, seconds, memory = timed([program, *common, *train])
        _, more, _ = timed([program, *common, "explain", "--index", "0"])
    done = json.loads(lines[-1])
    kept = {key: done[key] for key in ("images_per_second", "test_accuracy")}
    return kept | {"seconds": seconds + more, "megabytes": memory}


def main():
    program, folder = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    runs = {}
    for _ in range(rounds):
        for batch in (32, 128):
            for name, run in (
                ("keras", lambda: run_keras(folder, batch)),
                ("gradcam", lambda: run_gradcam(program, folder, batch)),
            ):
                result = run()
                print(batch, name, json.dumps(result), flush=True)
                runs.setdefault((batch, name), []).append(result)
    for batch in (32, 128):
        for figure in ("images_per_second", "seconds", "megabytes"):
            ours, theirs = (
                statistics.median(run[figure] for run in runs[batch, name])
                for name in ("gradcam", "keras")
            )
            print(f"batch {batch}, {figure}: {ours:.1f} to {theirs:.1f}, {ours / theirs:.3f} times")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--keras"]:
        print(json.dumps(keras_run(sys.argv[2], int(sys.argv[3]))))
    else:
        main()
