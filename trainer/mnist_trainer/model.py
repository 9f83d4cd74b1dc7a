"""For those who load the model: Keras's own layers, with the weights that were learned.

The input is a batch of images as they lie in the data set, raw values 0..255, and the
output is one probability per class, so that whoever loads the file needs to know
nothing about how it was trained, and needs no code of ours.
"""

from typing import Any, Final

import keras
import numpy as np

from mnist_trainer.architecture import Conv, Dense, Network
from mnist_trainer.network import EPSILON

__all__ = ["fill_model", "lay_out_model", "read_model"]

_BRIGHTEST: Final = 255.0
_ANSWER: Final = "probabilities"


def lay_out_model(network: Network, *, grey: bool, dropout: float = 0.0) -> Any:
    """Build Keras's model of the network, which has learned nothing yet.

    Args:
        network: the layers.
        grey: whether images come without an axis for their one channel.
        dropout: of hidden units, for whoever trains the model further.

    """
    # Keras numbers the names of its objects, and names are part of the file.
    keras.utils.clear_session()
    height, width, channels = network.size
    shape = (height, width) if grey else (height, width, channels)
    image = keras.layers.Input(shape, name="image")
    classify = _stack(network, dropout)
    x = keras.layers.Rescaling(1 / _BRIGHTEST, name="rescaling")(image)
    if grey:
        x = keras.layers.Reshape((height, width, 1), name="channel")(x)
    answers = [classify(seen) for seen in _views(network, x)]
    if len(answers) > 1:
        answers = [keras.layers.Average(name=_ANSWER)(answers)]
    return keras.Model(image, answers[0], name="mnist")


def fill_model(model: Any, network: Network, weights: Any, statistics: Any) -> None:
    """Give a model that was laid out its weights and statistics, float32 vectors."""
    model.set_weights(_arrange(network, weights, statistics))


def read_model(network: Network, model: Any) -> tuple[Any, Any] | None:
    """Take weights and statistics out of a model of ours, or nothing if it is another.

    Args:
        network: the one that is about to be trained.
        model: Keras's, as loaded from a file.

    """
    arrays = model.get_weights()
    blank = np.arange(network.weights, dtype=np.float32)
    statistics = np.zeros(2 * sum(network.normalised), np.float32)
    places = _arrange(network, blank, statistics + network.weights)
    if [each.shape for each in arrays] != [place.shape for place in places]:
        return None
    kept = iter(arrays)
    weights, known = [], []
    for layer in (*network.layers, None):
        if isinstance(layer, Conv):
            kernel, scale, offset, mean, variance = (next(kept) for _ in range(5))
            weights += [kernel, scale, offset]
            known += [mean, variance]
        else:
            weights += [next(kept), next(kept)]
    return _join(weights), _join(known) if known else statistics


def _join(arrays: list[Any]) -> Any:
    return np.concatenate([each.ravel() for each in arrays]).astype(np.float32)


def _arrange(network: Network, weights: Any, statistics: Any) -> list[Any]:
    """Cut the vectors into arrays, in the order in which Keras's model has them."""
    ends = np.cumsum([int(np.prod(shape)) for shape in network.shapes])
    parts = np.split(weights, ends[:-1])
    arrays = iter(
        part.reshape(shape) for part, shape in zip(parts, network.shapes, strict=True)
    )
    widths = [width for width in network.normalised for _ in range(2)]
    known = iter(np.split(statistics, np.cumsum(widths)[:-1]) if widths else ())
    arranged: list[Any] = []
    for layer in network.layers:
        count = 3 if isinstance(layer, Conv) else 2
        arranged += [next(arrays) for _ in range(count)]
        if isinstance(layer, Conv):
            arranged += [next(known), next(known)]
    return [*arranged, *arrays]


def _stack(network: Network, dropout: float) -> Any:
    """All layers as one function, which several views of an image can share."""
    layers = keras.layers
    steps: list[Any] = _fold(network)
    for number, layer in enumerate(network.layers, start=1):
        if isinstance(layer, Conv):
            steps += _convolution(layer, number)
        else:
            steps += _connection(layer, number, dropout)
    steps += [
        layers.Flatten(name="flatten"),
        layers.Dense(network.classes, name="logits"),
        layers.Softmax(name=_ANSWER if len(network.views) == 1 else "answer"),
    ]

    def classify(x: Any) -> Any:
        for step in steps:
            x = step(x)
        return x

    return classify


def _fold(network: Network) -> list[Any]:
    (height, width, channels), (down, across) = network.size, network.folds
    if (down, across) == (1, 1):
        return []
    layers = keras.layers
    below, beside = -height % down, -width % across
    rows, columns = (height + below) // down, (width + beside) // across
    edge = ((0, below), (0, beside))
    padded = [layers.ZeroPadding2D(edge, name="fill")] if below or beside else []
    return [
        *padded,
        layers.Reshape((rows, down, columns, across, channels), name="blocks"),
        layers.Permute((1, 3, 2, 4, 5), name="gather"),
        layers.Reshape((rows, columns, down * across * channels), name="fold"),
    ]


def _convolution(layer: Conv, number: int) -> list[Any]:
    layers = keras.layers
    convolution = layers.Conv2D(
        layer.width,
        layer.kernel,
        layer.stride,
        padding=layer.padding.lower(),
        use_bias=False,
        name=f"convolution_{number}",
    )
    pool = [layers.MaxPooling2D(name=f"pool_{number}")] if layer.pool else []
    normalise = layers.BatchNormalization(
        momentum=0.9, epsilon=EPSILON, name=f"normalization_{number}"
    )
    return [convolution, *pool, normalise, layers.ReLU(name=f"relu_{number}")]


def _connection(layer: Dense, number: int, dropout: float) -> list[Any]:
    layers = keras.layers
    steps = [
        layers.Flatten(name=f"flatten_{number}"),
        layers.Dense(layer.width, activation="relu", name=f"dense_{number}"),
    ]
    if dropout:
        steps.append(layers.Dropout(dropout, seed=0, name=f"dropout_{number}"))
    return steps


def _views(network: Network, x: Any) -> list[Any]:
    """The image, and the image moved by a pixel each way."""
    if len(network.views) == 1:
        return [x]
    padded = keras.layers.ZeroPadding2D(1, name="margin")(x)
    seen = []
    for number, (down, right) in enumerate(network.views):
        crop = ((1 + down, 1 - down), (1 + right, 1 - right))
        seen.append(keras.layers.Cropping2D(crop, name=f"view_{number}")(padded))
    return seen
