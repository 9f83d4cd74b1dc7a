"""For the learning itself: an epoch loop of our own, repeatable bit for bit.

A piece of an epoch is one call into TensorFlow: the images lie in memory as bytes, and
each step gathers its rows, shifts, casts and learns inside the graph.
That is 1.6 times as fast as Keras's ``fit`` on two cores.
"""

import math
from collections.abc import Callable
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf

from mnist_trainer import model, schedule
from mnist_trainer.data import Dataset, Split
from mnist_trainer.errors import DivergedError
from mnist_trainer.history import Epoch, History, Point, Score
from mnist_trainer.narrator import Narrator
from mnist_trainer.parameters import Parameters
from mnist_trainer.schedule import Steps

__all__ = ["evaluate", "train"]

_PIECE: Final = 32
"""Steps between two reports: a fraction of a second."""

_SMOOTHING: Final = 0.1
"""How much of each label is spread over all classes: a tenth of a point on MNIST."""

_SIZE_OF_MNIST: Final = 28
_EVALUATED_AT_ONCE: Final = 1000


def train(
    dataset: Dataset,
    parameters: Parameters,
    *,
    narrator: Narrator,
    seconds: Callable[[], float],
) -> tuple[Any, History]:
    """Train a new model on all images of the training split."""
    # Keras numbers the names of its objects, and names are part of the file.
    keras.utils.clear_session()
    keras.utils.set_random_seed(parameters.seed)
    generator = np.random.default_rng(parameters.seed)
    network = model.build_model(dataset.size, dataset.classes)
    images = dataset.train.count
    batch = min(parameters.batch_size, images)
    # A pixel either way at MNIST's size; smaller images cannot spare one.
    margin = dataset.size // _SIZE_OF_MNIST
    take = _compile(network, dataset, batch=batch, margin=margin)
    steps = math.ceil(images / batch)
    pace = schedule.rates(steps * parameters.epochs, float(parameters.learning_rate))
    history = History(epochs=parameters.epochs)
    for number in range(parameters.epochs):
        planned = schedule.plan_epoch(
            generator,
            images=images,
            batch=batch,
            margin=margin,
            rates=pace[number * steps : (number + 1) * steps],
        )
        epoch = _run_epoch(take, planned, history, narrator=narrator, seconds=seconds)
        narrator.say(epoch.sentence(parameters.epochs))
    _refuse_broken(network)
    return network, history


def _refuse_broken(network: Any) -> None:
    """Look at the weights too: a rectifier turns NaN into an innocent zero."""
    if not all(np.isfinite(weight).all() for weight in network.get_weights()):
        raise DivergedError(
            "the trained weights hold NaN or infinity: lower learningRate or raise "
            "batchSize"
        )


def _run_epoch(
    take: Callable[[Steps], tuple[float, float]],
    planned: Steps,
    history: History,
    *,
    narrator: Narrator,
    seconds: Callable[[], float],
) -> Epoch:
    title = f"epoch {len(history.done) + 1}/{history.epochs}"
    narrator.begin(f"training, {title}")
    began, done = seconds(), 0
    for piece in schedule.cut(planned, _PIECE):
        loss, accuracy = take(piece)
        done += piece.count
        if not math.isfinite(loss):
            raise DivergedError(
                f"the loss became {loss} in {title} after {done} steps: lower "
                "learningRate or raise batchSize"
            )
        history.add(Point(piece.count, done / planned.count, loss, accuracy))
        narrator.advance(
            title, done / planned.count, f"loss {loss:.4f} accuracy {accuracy:.2%}"
        )
    return history.close_epoch(seconds() - began)


def _compile(
    network: Any, dataset: Dataset, *, batch: int, margin: int
) -> Callable[[Steps], tuple[float, float]]:
    """Build the graph that takes any number of steps and tells loss and accuracy."""
    logits = model.logits_of(network)
    weights = network.trainable_variables
    optimizer = keras.optimizers.Adam(beta_2=0.99)
    optimizer.build(weights)
    size = dataset.size
    around = ((0, 0), (margin, margin), (margin, margin))
    images = tf.constant(np.pad(dataset.train.images, around, mode="edge"))
    labels = tf.constant(dataset.train.labels)

    def take(rows: Any, shifts: Any, rates: Any) -> Any:
        losses, hits = tf.constant(0.0), tf.constant(0.0)
        for step in tf.range(tf.shape(rows)[0]):
            down, across = shifts[step, 0], shifts[step, 1]
            seen = tf.gather(images, rows[step])
            seen = seen[:, down : down + size, across : across + size]
            seen = tf.cast(tf.ensure_shape(seen, (batch, size, size)), tf.float32)
            wanted = tf.gather(labels, rows[step])
            with tf.GradientTape() as tape:
                answers = logits(seen, training=True)
                aim = tf.reduce_mean(_smooth_loss(answers, wanted, dataset.classes))
            optimizer.learning_rate.assign(rates[step])
            optimizer.apply(tape.gradient(aim, weights), weights)
            losses += tf.reduce_mean(_loss(answers, wanted))
            hits += tf.reduce_mean(_hits(answers, wanted))
        return losses, hits

    graph = tf.function(
        take,
        input_signature=[
            tf.TensorSpec((None, batch), tf.int32),
            tf.TensorSpec((None, 2), tf.int32),
            tf.TensorSpec((None,), tf.float32),
        ],
    )

    def run(steps: Steps) -> tuple[float, float]:
        losses, hits = graph(steps.rows, steps.shifts, steps.rates)
        return float(losses) / steps.count, float(hits) / steps.count

    return run


def evaluate(network: Any, split: Split) -> Score:
    """Measure the model on a split, once, as it will be loaded: without any shift."""
    logits = model.logits_of(network)

    def measure(images: Any, labels: Any) -> Any:
        answers = logits(tf.cast(images, tf.float32), training=False)
        hits = _hits(answers, labels)
        return tf.reduce_sum(_loss(answers, labels)), tf.reduce_sum(hits)

    graph = tf.function(measure, reduce_retracing=True)
    loss = hits = 0.0
    for start in range(0, split.count, _EVALUATED_AT_ONCE):
        part = slice(start, start + _EVALUATED_AT_ONCE)
        summed = graph(tf.constant(split.images[part]), tf.constant(split.labels[part]))
        loss, hits = loss + float(summed[0]), hits + float(summed[1])
    if not math.isfinite(loss):
        raise DivergedError(
            "the trained model answers with NaN: lower learningRate or raise batchSize"
        )
    return Score(accuracy=hits / split.count, loss=loss / split.count)


def _loss(answers: Any, wanted: Any) -> Any:
    return tf.nn.sparse_softmax_cross_entropy_with_logits(wanted, answers)


def _smooth_loss(answers: Any, wanted: Any, classes: int) -> Any:
    spread = _SMOOTHING / classes
    aims = tf.one_hot(wanted, classes, 1 - _SMOOTHING + spread, spread)
    return tf.nn.softmax_cross_entropy_with_logits(aims, answers)


def _hits(answers: Any, wanted: Any) -> Any:
    guesses = tf.argmax(answers, axis=-1, output_type=tf.int32)
    return tf.cast(tf.equal(guesses, wanted), tf.float32)
