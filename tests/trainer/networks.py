"""Networks that need no training: one has weights by formula, so all are equal."""

import hashlib
from pathlib import Path

import numpy as np

from mnist_trainer import formats

NAMES = ("T-shirt/top", "Hose", "f\u00fcnf", "\u56db")


def a_network(shape=(6, 5), classes=4, hidden=7):
    """Build all kinds of layers whose state is saved, as the trainer hands them over.

    Those without a name are numbered by Keras in the order in which they are made.
    """
    import keras  # noqa: PLC0415 (after TensorFlow's start)

    layers = keras.layers
    pixels = layers.Input(shape, name="image")
    x = layers.Rescaling(1 / 255, name="rescaling")(pixels)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(hidden, activation="relu", name="hidden")(x)
    x = layers.BatchNormalization(name="normalization")(x)
    x = layers.Dropout(0.5, name="dropout")(x)
    x = layers.Dense(classes, name="logits")(x)
    x = layers.Softmax(name="probabilities")(x)
    network = keras.Model(pixels, x, name="mnist")
    fill(network)
    return network


def fill(network) -> None:
    """Give each weight the same value in every process, and none is NaN or zero."""
    network.set_weights(
        [
            np.sin(np.arange(weight.size) + number).reshape(weight.shape) ** 2 + 0.1
            for number, weight in enumerate(network.get_weights())
        ]
    )


def some_images(network, count: int = 9):
    shape = (count, *network.input_shape[1:])
    return np.random.default_rng(1).integers(0, 256, shape, np.uint8)


def save_all(network, folder: Path) -> dict[str, str]:
    """Save in every format; returns the digest of each."""
    folder.mkdir(parents=True, exist_ok=True)
    formats.save_h5(network, folder / "my_model.h5")
    formats.save_keras(network, folder / "my_model.keras")
    formats.save_saved_model(network, folder / "served", NAMES)
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
