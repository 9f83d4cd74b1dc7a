"""For the finished model's answers: worked out before anybody has loaded its file."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import tensorflow as tf

from mnist_trainer import network
from mnist_trainer.plan import Plan
from mnist_trainer.train import Learned

__all__ = ["compile_predictor", "predict"]

_AT_ONCE: Final = 1000


def predict(plan: Plan, learned: Learned, images: Any) -> Any:
    """Answer to images as the saved model will, (count, classes) float32.

    Args:
        plan: of the training, for its network.
        learned: what came of it.
        images: (count, height, width) or with channels, raw values 0..255.

    """
    return compile_predictor(plan, images)(learned, images)


def compile_predictor(plan: Plan, images: Any) -> Callable[[Learned, Any], Any]:
    """Build the graph that answers to images such as these, before all is learned."""
    size, statistics = plan.network.size, 2 * sum(plan.network.normalised)
    # A few images do not pay for an answer to many; two halves take an even number.
    chunk = min(_AT_ONCE, len(images) + len(images) % 2)

    def answer(weights: Any, statistics: Any, pixels: Any) -> Any:
        pixels = tf.cast(tf.reshape(pixels, (chunk, *size)), tf.float32)
        # Side by side, for the same reason as there are towers.
        answers = [
            network.probabilities(plan.network, weights, statistics, half)
            for half in tf.split(pixels, 2)
        ]
        return tf.concat(answers, 0)

    graph = tf.function(answer, autograph=False).get_concrete_function(
        tf.TensorSpec((plan.network.weights,), tf.float32),
        tf.TensorSpec((statistics,), tf.float32),
        tf.TensorSpec((chunk, *images.shape[1:]), images.dtype),
    )

    def run(learned: Learned, images: Any) -> Any:
        known = tf.constant(learned.weights), tf.constant(learned.statistics)
        parts = []
        for start in range(0, len(images), chunk):
            part = np.asarray(images[start : start + chunk])
            # The last one is filled up: another graph would take longer.
            filled = tf.constant(np.resize(part, (chunk, *part.shape[1:])))
            parts.append(graph(*known, filled).numpy()[: len(part)])
        return np.concatenate(parts)

    return run
