"""For knowing how good a model is, and how sure one can be of that figure.

Everything is worked out from two arrays in plain numpy: what the model answered to the
test images, and what they are.
"""

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from mnist_trainer.answers import digest_answers
from mnist_trainer.errors import DivergedError

__all__ = ["Metrics", "measure", "wilson_interval"]

Metrics = dict[str, Any]

_CONFIDENCE: Final = 0.95
_DEVIATIONS: Final = 1.959963984540054
"""The normal distribution holds 95 % within so many standard deviations."""

_LEAST: Final = 1e-7
"""No probability counts as less, as in Keras's own loss: one image cannot make the
mean infinite."""

_BINS: Final = 15
"""Of equal width; the number in the paper that made the figure known."""

_PAIRS: Final = 10
_DECIMALS: Final = 6


def measure(
    probabilities: np.ndarray, labels: np.ndarray, names: Sequence[str]
) -> Metrics:
    """Compare a model's answers with the truth.

    A figure that nothing is known about, such as the recall of a class without test
    images, is ``None``.

    Args:
        probabilities: (images, classes), each row adding up to one.
        labels: (images,), the true class of each image.
        names: of the classes, in their order.

    Raises:
        DivergedError: where an answer is no number.

    """
    if not np.isfinite(probabilities).all():
        raise DivergedError(
            "the trained model answers with NaN: lower learningRate or raise batchSize"
        )
    count, classes = probabilities.shape
    answers = probabilities.argmax(axis=1)
    hits = answers == labels
    confusion = _confuse(labels, answers, classes)
    right = int(hits.sum())
    return {
        "accuracy": _rounded(right / count),
        "accuracyInterval": _describe_interval(right, count),
        "loss": _rounded(_loss(probabilities, labels)),
        **_average(confusion),
        "expectedCalibrationError": _rounded(_miscalibration(probabilities, hits)),
        "perClass": _describe_classes(confusion, names),
        "mostConfused": _describe_pairs(confusion, names),
        "confusionMatrix": confusion.tolist(),
        "predictionsSha256": digest_answers(answers),
    }


def wilson_interval(hits: int, count: int) -> tuple[float, float]:
    """Say between which shares the true one lies, at 95 % confidence.

    E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical
    Inference", JASA 22 (1927) 209-212: unlike the textbook's interval it holds close
    to 100 %, which is where an accuracy lies, and for few images.
    """
    share, square = hits / count, _DEVIATIONS**2 / count
    middle = share + square / 2
    reach = math.sqrt(square * (share * (1 - share) + square / 4))
    low, high = (middle - reach) / (1 + square), (middle + reach) / (1 + square)
    return max(low, 0.0), min(high, 1.0)


def _describe_interval(hits: int, count: int) -> Metrics:
    low, high = wilson_interval(hits, count)
    return {
        "low": _rounded(low),
        "high": _rounded(high),
        "confidence": _CONFIDENCE,
        "method": "Wilson",
    }


def _confuse(labels: np.ndarray, answers: np.ndarray, classes: int) -> np.ndarray:
    """Count images by true class (row) and predicted class (column)."""
    places = labels.astype(np.int64) * classes + answers
    return np.bincount(places, minlength=classes**2).reshape(classes, classes)


def _loss(probabilities: np.ndarray, labels: np.ndarray) -> float:
    believed = np.take_along_axis(probabilities, labels[:, None].astype(np.int64), 1)
    return float(-np.log(np.maximum(believed, _LEAST), dtype=np.float64).mean())


def _miscalibration(probabilities: np.ndarray, hits: np.ndarray) -> float:
    """Weigh up by how much the model is surer than it is right.

    Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, equation 5.
    """
    sureness = probabilities.max(axis=1).astype(np.float64)
    bins = np.minimum((sureness * _BINS).astype(np.int64), _BINS - 1)
    gaps = np.bincount(bins, weights=hits - sureness, minlength=_BINS)
    return float(np.abs(gaps).sum() / len(hits))


def _average(confusion: np.ndarray) -> Metrics:
    """Let each class that has test images count the same, however few they are."""
    found = confusion.diagonal()
    actual, guessed = confusion.sum(axis=1), confusion.sum(axis=0)
    there = actual > 0
    recalls = found[there] / actual[there]
    scores = 2 * found[there] / (actual + guessed)[there]
    return {
        "balancedAccuracy": _rounded(float(recalls.mean())),
        "macroF1": _rounded(float(scores.mean())),
    }


def _describe_classes(confusion: np.ndarray, names: Sequence[str]) -> list[Metrics]:
    columns = (
        confusion.diagonal().tolist(),
        confusion.sum(axis=1).tolist(),
        confusion.sum(axis=0).tolist(),
    )
    return [
        {
            "class": number,
            "name": name,
            "precision": _share(found, guessed),
            "recall": _share(found, actual),
            "f1": _share(2 * found, actual + guessed),
            "support": actual,
        }
        for number, (name, found, actual, guessed) in enumerate(
            zip(names, *columns, strict=True)
        )
    ]


def _describe_pairs(confusion: np.ndarray, names: Sequence[str]) -> list[Metrics]:
    """Name the mistakes made most often, the most frequent first."""
    mistakes = confusion * (1 - np.eye(len(confusion), dtype=confusion.dtype))
    order = np.argsort(-mistakes, axis=None, kind="stable")[:_PAIRS]
    pairs = [divmod(int(place), len(confusion)) for place in order]
    return [
        {"true": names[true], "predicted": names[guess], "count": int(count)}
        for true, guess in pairs
        if (count := mistakes[true, guess])
    ]


def _share(part: int, whole: int) -> float | None:
    return _rounded(part / whole) if whole else None


def _rounded(number: float) -> float:
    return round(number, _DECIMALS)
