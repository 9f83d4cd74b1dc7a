"""The classic recipe as a plain script does it: one hidden layer, fitted by Keras.

    python classic.py ARCHIVE IMAGES MODEL FIGURES

fits on so many of the first training images, or on all of them, and writes the model,
and as JSON how well it recognises the test images and where the time went.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import tensorflow as tf


def main(archive: str, images: str, model_file: str, figures_file: str) -> None:
    seconds = {"import": _since_start()}
    with np.load(archive) as arrays:
        x_train, y_train = arrays["x_train"], arrays["y_train"]
        x_test, y_test = arrays["x_test"], arrays["y_test"]
    count = len(x_train) if images == "all" else int(images)
    x_train, y_train = x_train[:count].reshape(-1, 784) / 255.0, y_train[:count]
    x_test = x_test.reshape(-1, 784) / 255.0
    seconds["load"] = _since_start()
    model = tf.keras.Sequential(
        [
            tf.keras.layers.Input((784,)),
            tf.keras.layers.Dense(512, activation="relu"),
            tf.keras.layers.Dropout(0.2),
            tf.keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, batch_size=32, epochs=5)
    seconds["train"] = _since_start()
    _, accuracy = model.evaluate(x_test, y_test)
    seconds["evaluate"] = _since_start()
    model.save(model_file)
    seconds["save"] = _since_start()
    figures = {"accuracy": accuracy, "seconds": _apart(seconds)}
    Path(figures_file).write_text(json.dumps(figures))


def _since_start() -> float:
    """Count seconds from the start of the process."""
    ticks = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(ticks) / 100


def _apart(moments: dict[str, float]) -> dict[str, float]:
    begun = [0.0, *moments.values()]
    return {
        name: round(end - begin, 3)
        for (name, end), begin in zip(moments.items(), begun, strict=False)
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
