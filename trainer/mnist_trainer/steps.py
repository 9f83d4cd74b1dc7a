"""For a step of learning: a pure function from one state to the next, compiled.

Several steps are one call into TensorFlow, which is nearly twice as fast as Keras's
``fit`` on two cores.
Each step is worked out in towers, side by side, each on its part of the batch and in
one thread: faster than sharing every operation among threads, and since the number of
towers does not follow that of the cores, the same seed gives the same bits on any.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import tensorflow as tf

from mnist_trainer import network as networks
from mnist_trainer.architecture import Network
from mnist_trainer.batches import Piece
from mnist_trainer.network import Mode

__all__ = ["Settings", "State", "compile_steps"]

_MEAN_KEPT: Final = 0.9
_SQUARE_KEPT: Final = 0.99
_TINY: Final = 1e-7
"""Adam's own three numbers: Kingma and Ba 2014, arXiv 1412.6980."""

_STATISTICS_KEPT: Final = 0.9


class State(NamedTuple):
    """All that changes while a network learns: vectors of float32."""

    weights: Any
    means: Any
    """Adam's, of the gradients."""
    squares: Any
    """Adam's, of their squares."""
    statistics: Any
    """Running mean and variance of each normalised channel."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What does not change while a network learns."""

    batch: int
    """Images in one step of this process, a multiple of ``towers``."""
    towers: int
    parts: int
    """Towers of all processes together."""
    smoothing: float
    decay: float
    dropout: float
    seed: int
    precision: Any = tf.float32


Told = tuple[Any, Any]
"""Sums over the images that count: of the loss, and of the right answers."""


def compile_steps(
    network: Network,
    settings: Settings,
    *,
    reduce: Callable[[Any], Any] = tf.identity,
) -> Callable[[State, Piece], tuple[State, Told]]:
    """Build the graph that takes any number of steps.

    Args:
        network: the layers.
        settings: of the learning.
        reduce: sums a vector over all processes, within the graph.

    """
    # A function of its own, so that it is traced once and not once a tower.
    tower = tf.function(
        lambda *given: _tower(network, settings, *given), autograph=False
    )

    def take(state: Any, told: Any, given: Any) -> Any:
        def one(number: Any, state: Any, told: Any) -> Any:
            row = {name: value[number] for name, value in given.items()}
            now = State(*state)
            summed = reduce(_add_up(tower, settings, now, row))
            after, more = _learn(network, settings, now, row, summed)
            return number + 1, tuple(after), (told[0] + more[0], told[1] + more[1])

        count = tf.shape(given["rates"])[0]
        loop = (tf.constant(0), tuple(state), told)
        return tf.while_loop(
            lambda at, *_: at < count, one, loop, parallel_iterations=1
        )[1:]

    graph = tf.function(take, autograph=False)
    traced: list[Any] = []

    def run(state: State, piece: Piece) -> tuple[State, Told]:
        vectors = tuple(tf.convert_to_tensor(vector) for vector in state)
        given = _tensors(piece)
        nothing = (tf.constant(0.0), tf.constant(0.0))
        if not traced:
            # For pieces of any length: the last one of an epoch is shorter.
            lengths = {name: _of_any_length(value) for name, value in given.items()}
            traced.append(graph.get_concrete_function(vectors, nothing, lengths))
        after, told = traced[0](vectors, nothing, given)
        return State(*after), told

    return run


def _of_any_length(tensor: Any) -> Any:
    return tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype)


def _tensors(piece: Piece) -> dict[str, Any]:
    order = piece.order
    given = {
        "images": piece.images,
        "labels": piece.labels,
        "counted": order.counted,
        "totals": order.totals,
        "rates": order.rates,
        "numbers": tf.range(order.first + 1, order.first + 1 + order.steps),
    }
    if order.moves is not None and order.moves.dtype.kind == "f":
        given["transforms"] = order.moves
    return {name: tf.convert_to_tensor(value) for name, value in given.items()}


def _add_up(
    tower: Callable[..., Any], settings: Settings, state: State, row: dict[str, Any]
) -> Any:
    """Let each tower work out its part, side by side."""
    parted = ("images", "labels", "counted", "transforms")
    parts = {
        name: tf.split(value, settings.towers)
        for name, value in row.items()
        if name in parted
    }
    total = {"total": row["totals"]}
    vectors = [
        tower(
            state.weights,
            {name: part[at] for name, part in parts.items()} | total,
            tf.stack([settings.seed + at, row["numbers"]]),
        )
        for at in range(settings.towers)
    ]
    return tf.add_n(vectors)


def _tower(
    network: Network,
    settings: Settings,
    weights: Any,
    part: dict[str, Any],
    seed: Any,
) -> Any:
    """One vector of all that is summed: gradient, statistics, loss and hits."""
    size = (settings.batch // settings.towers, *network.size)
    pixels = tf.cast(tf.reshape(part["images"], size), tf.float32)
    if "transforms" in part:
        pixels = _transform(pixels, part["transforms"], network.size[:2])
    mode = Mode(
        training=True,
        dropout=settings.dropout,
        seed=seed,
        precision=settings.precision,
    )
    labels, counted = part["labels"], part["counted"]
    spread = settings.smoothing / network.classes
    aims = tf.one_hot(labels, network.classes, 1 - settings.smoothing + spread, spread)
    with tf.GradientTape() as tape:
        tape.watch(weights)
        answers, seen = networks.logits(network, weights, None, pixels, mode)
        losses = tf.nn.softmax_cross_entropy_with_logits(aims, answers)
        aim = tf.reduce_sum(losses * counted) / part["total"]
    gradient = tape.gradient(aim, weights)
    plain = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, answers)
    right = tf.cast(tf.equal(tf.argmax(answers, -1, tf.int32), labels), tf.float32)
    told = [tf.reduce_sum(plain * counted), tf.reduce_sum(right * counted)]
    return tf.concat([gradient, seen, told], 0)


def _learn(
    network: Network, settings: Settings, state: State, row: dict[str, Any], summed: Any
) -> tuple[State, Told]:
    """Move all weights, once every part of the batch has been heard."""
    sizes = [network.weights, 2 * sum(network.normalised), 2]
    gradient, statistics, told = tf.split(summed, sizes)
    fresh = (1 - _STATISTICS_KEPT) / settings.parts
    statistics = _STATISTICS_KEPT * state.statistics + fresh * statistics
    after = _adam(network, settings, state, gradient, row)
    return State(*after, statistics), (told[0], told[1])


def _transform(pixels: Any, transforms: Any, size: tuple[int, int]) -> Any:
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=pixels,
        transforms=transforms,
        output_shape=list(size),
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="NEAREST",
    )


def _adam(
    network: Network, settings: Settings, state: State, gradient: Any, row: Any
) -> tuple[Any, Any, Any]:
    """Adam, with its decay of the kernels apart from the gradient (AdamW).

    Loshchilov and Hutter 2017, arXiv 1711.05101.
    """
    means = state.means + (1 - _MEAN_KEPT) * (gradient - state.means)
    squares = state.squares + (1 - _SQUARE_KEPT) * (gradient**2 - state.squares)
    taken = tf.cast(row["numbers"], tf.float32)
    correction = tf.sqrt(1 - _SQUARE_KEPT**taken) / (1 - _MEAN_KEPT**taken)
    rate = row["rates"]
    change = rate * correction * means / (tf.sqrt(squares) + _TINY)
    if settings.decay:
        change += rate * settings.decay * _kernels(network) * state.weights
    return state.weights - change, means, squares


def _kernels(network: Network) -> Any:
    """1 for the weights of kernels, 0 for scales, offsets and biases."""
    sizes = [tf.reduce_prod(shape) for shape in network.shapes]
    return tf.repeat([float(len(shape) > 1) for shape in network.shapes], sizes)
