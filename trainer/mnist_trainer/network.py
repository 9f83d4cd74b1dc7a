"""For the network as numbers: what it is made of, and what it answers, in plain ops.

All weights lie in one vector, and all running statistics in another, so that a step of
training is a pure function from vectors to vectors, and workers exchange one vector.
``model`` makes Keras's own model of the same layers, for those who load it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import tensorflow as tf

from mnist_trainer.architecture import Conv, Network

__all__ = ["Mode", "draw_weights", "logits", "new_statistics", "probabilities", "split"]

_BRIGHTEST: Final = 255.0
_LAYERS: Final = 64
"""More than there are: each drops units of its own in each step."""
EPSILON: Final = 1e-3
"""Added to a variance before its root is divided by: Keras's default."""


def draw_weights(network: Network, generator: np.random.Generator) -> Any:
    """Draw all weights, (weights,) float32: He's normal for kernels, 1 for scales.

    He et al. 2015, arXiv 1502.01852; the last layer has no rectifier after it, so its
    variance is half of that.
    """
    parts = []
    last = len(network.shapes) - 2
    for number, shape in enumerate(network.shapes):
        if len(shape) > 1:
            gain = 1.0 if number == last else 2.0
            deviation = math.sqrt(gain / math.prod(shape[:-1]))
            parts.append(generator.standard_normal(shape) * deviation)
        else:
            parts.append(np.full(shape, network.is_scale(number), np.float64))
    return np.concatenate([part.ravel() for part in parts]).astype(np.float32)


def new_statistics(network: Network) -> Any:
    """Mean 0 and variance 1 for each normalised channel, (statistics,) float32."""
    widths = network.normalised
    parts = [np.full(width, value) for width in widths for value in (0.0, 1.0)]
    return np.concatenate(parts or [np.zeros(0)]).astype(np.float32)


def split(vector: Any, shapes: Sequence[tuple[int, ...]]) -> list[Any]:
    """View a vector as the arrays that it is made of."""
    sizes = [math.prod(shape) for shape in shapes]
    if not sizes:
        return []
    parts = tf.split(vector, sizes)
    return [tf.reshape(part, s) for part, s in zip(parts, shapes, strict=True)]


@dataclass(frozen=True, slots=True)
class Mode:
    """How a pass through the network is made."""

    training: bool = False
    dropout: float = 0.0
    seed: Any = None
    """(2,) int32, which decides what is dropped."""
    precision: Any = tf.float32
    """Type of convolutions and products; the rest stays float32."""


def logits(
    network: Network, weights: Any, statistics: Any, pixels: Any, mode: Mode
) -> tuple[Any, Any]:
    """Answer a batch, without the last softmax.

    Args:
        network: the layers.
        weights: (weights,) float32.
        statistics: (statistics,) float32, or nothing when training.
        pixels: (batch, height, width, channels), raw values 0..255.
        mode: training or not, and how exactly.

    Returns:
        (batch, classes) float32, and the batch's own statistics, (statistics,), which
        are none unless training.

    """
    arrays = iter(split(weights, network.shapes))
    known = [(width,) for width in network.normalised for _ in range(2)]
    running = iter([] if mode.training else split(statistics, known))
    seen: list[Any] = []
    x = fold(tf.cast(pixels, tf.float32) * (1 / _BRIGHTEST), network)
    x = tf.cast(x, mode.precision)
    for number, layer in enumerate(network.layers):
        if isinstance(layer, Conv):
            x = _convolve(layer, x, arrays, mode)
            x = _normalise(x, arrays, running, seen, mode)
            x = tf.nn.relu(x)
        else:
            x = _connect(x, arrays, number, mode)
    x = tf.reshape(x, (-1, math.prod(network.shapes[-2][:-1])))
    x = _multiply(x, next(arrays), mode) + next(arrays)
    return x, tf.concat(seen or [tf.zeros(0)], 0)


def probabilities(network: Network, weights: Any, statistics: Any, pixels: Any) -> Any:
    """Answer as the finished model does: the mean over its views, (batch, classes)."""
    answers = [
        tf.nn.softmax(logits(network, weights, statistics, seen, Mode())[0])
        for seen in _views(pixels, network)
    ]
    return tf.add_n(answers) / len(answers)


def _views(pixels: Any, network: Network) -> list[Any]:
    """The images, and then the images moved by a pixel each way."""
    height, width = network.size[:2]
    padded = tf.pad(pixels, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return [
        padded[:, 1 + down : 1 + down + height, 1 + right : 1 + right + width]
        for down, right in network.views
    ]


def fold(pixels: Any, network: Network) -> Any:
    """Fold blocks of pixels into channels: fewer positions to convolve."""
    (height, width, channels), (down, across) = network.size, network.folds
    below, beside = -height % down, -width % across
    if below or beside:
        pixels = tf.pad(pixels, ((0, 0), (0, below), (0, beside), (0, 0)))
    if down == across:
        return tf.nn.space_to_depth(pixels, down) if down > 1 else pixels
    rows, columns = (height + below) // down, (width + beside) // across
    x = tf.reshape(pixels, (-1, rows, down, columns, across, channels))
    x = tf.transpose(x, (0, 1, 3, 2, 4, 5))
    return tf.reshape(x, (-1, rows, columns, down * across * channels))


def _convolve(layer: Conv, x: Any, arrays: Any, mode: Mode) -> Any:
    """Convolve, then pool *before* normalising: less work, the same maxima."""
    kernel = tf.cast(next(arrays), mode.precision)
    x = tf.nn.conv2d(x, kernel, layer.stride, layer.padding)
    return _pool(x) if layer.pool else x


@tf.custom_gradient  # type: ignore[untyped-decorator]
def _pool(x: Any) -> Any:
    """Keep the largest of each 2 x 2, with a gradient twice as fast as TensorFlow's.

    Equal maxima share the gradient.
    """
    rows, columns = x.shape[1] // 2 * 2, x.shape[2] // 2 * 2
    largest = tf.nn.max_pool2d(x, 2, 2, "VALID")

    def gradient(above: Any) -> Any:
        is_largest = tf.cast(tf.equal(x[:, :rows, :columns], _spread(largest)), x.dtype)
        shared = above / (4 * tf.nn.avg_pool2d(is_largest, 2, 2, "VALID"))
        edge = ((0, 0), (0, x.shape[1] - rows), (0, x.shape[2] - columns), (0, 0))
        inner = is_largest * _spread(shared)
        return tf.pad(inner, edge) if edge[1][1] or edge[2][1] else inner

    return largest, gradient


def _spread(x: Any) -> Any:
    return tf.repeat(tf.repeat(x, 2, axis=1), 2, axis=2)


def _normalise(x: Any, arrays: Any, running: Any, seen: list[Any], mode: Mode) -> Any:
    mean, variance = ([], []) if mode.training else (next(running), next(running))
    normal = tf.raw_ops.FusedBatchNormV3(
        x=x,
        scale=next(arrays),
        offset=next(arrays),
        mean=mean,
        variance=variance,
        epsilon=EPSILON,
        is_training=mode.training,
    )
    seen += normal[1:3]
    return normal[0]


def _connect(x: Any, arrays: Any, number: int, mode: Mode) -> Any:
    kernel, bias = next(arrays), next(arrays)
    x = tf.reshape(x, (-1, kernel.shape[0]))
    x = tf.nn.relu(_multiply(x, kernel, mode) + bias)
    if mode.training and mode.dropout:
        x = tf.nn.experimental.stateless_dropout(
            x, mode.dropout, seed=(mode.seed[0], mode.seed[1] * _LAYERS + number)
        )
    return x


def _multiply(x: Any, kernel: Any, mode: Mode) -> Any:
    product = tf.cast(x, mode.precision) @ tf.cast(kernel, mode.precision)
    return tf.cast(product, tf.float32)
