"""For everything that is told of a run: what was found out, in one value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mnist_trainer.history import History
from mnist_trainer.metrics import Metrics

__all__ = ["Findings", "compose_metrics"]


@dataclass(frozen=True, slots=True)
class Findings:
    """All that a report tells of."""

    metrics: Mapping[str, Any]
    """As in ``metrics.json``."""
    history: History
    images: Any
    """The test images, (count, height, width) or (count, height, width, channels)."""
    labels: np.ndarray
    """(count,), the class of each."""
    probabilities: np.ndarray
    """(count, classes), what the model says."""
    names: Sequence[str]
    """Of the classes, in their order."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """What was asked of the training."""
    lineage: Mapping[str, Any] = field(default_factory=dict)
    """Where the model comes from: input files, an earlier model, the code."""


def compose_metrics(
    measured: Mapping[str, Any],
    *,
    history: History,
    images: Mapping[str, int],
    image_shape: Sequence[int],
    model_parameters: int,
    seconds: Mapping[str, float],
    data: Mapping[str, Any],
    environment: Mapping[str, Any],
) -> Metrics:
    """Put together what ``metrics.json`` holds, the figures first.

    Args:
        measured: what ``metrics.measure`` returned.
        history: of the training.
        images: how many, by split.
        image_shape: (height, width) or (height, width, channels).
        model_parameters: how many numbers the model has learned.
        seconds: how long each part of the run took.
        data: statistics of the images.
        environment: what else the result depends on.

    """
    height, width, *_ = image_shape
    return {
        **measured,
        "history": [epoch.describe() for epoch in history.done],
        "images": dict(images),
        # One number as long as one is enough: readers of older files expect it.
        "imageSize": height if height == width else [height, width],
        "classes": len(measured["perClass"]),
        "modelParameters": model_parameters,
        "seconds": dict(seconds),
        "data": dict(data),
        "environment": dict(environment),
    }
