"""For TensorBoard: the curve of a training as a file of events.

TensorFlow's own writer names the file after host, process and time, and dates every
event.
These have no dates, so the same training gives the same bytes; TensorBoard shows them
over the steps.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import tensorflow as tf

from mnist_trainer import schedule
from mnist_trainer.findings import Findings
from mnist_trainer.plan import Plan

__all__ = ["PATH", "list_events", "write_events"]

PATH: Final = "tensorboard/events.out.tfevents.0.training"
"""TensorBoard reads every file with "tfevents" in its name."""

_VERSION: Final = "brain.Event:2"
"""What a file of events begins with."""

Event = tuple[int, dict[str, float]]
"""Steps taken, and numbers by name."""


def list_events(plan: Plan, findings: Findings) -> Iterator[Event]:
    """List the points of the training's curve, and what the test says at its end."""
    total = plan.steps * plan.epochs
    rates = schedule.rates(total, float(plan.parameters.learning_rate))
    step = 0
    for _, point in findings.history.curve:
        step += point.steps
        yield (
            step,
            {
                "train/loss": point.loss,
                "train/accuracy": point.accuracy,
                "train/learning_rate": float(rates[step - 1]),
            },
        )
    yield (
        step,
        {
            "test/loss": findings.metrics["loss"],
            "test/accuracy": findings.metrics["accuracy"],
        },
    )


def write_events(path: Path, events: Sequence[Event] | Iterator[Event]) -> None:
    """Write them as TensorBoard reads them."""
    event: Any = tf.compat.v1.Event
    with tf.io.TFRecordWriter(str(path)) as file:
        file.write(event(file_version=_VERSION).SerializeToString())
        for step, numbers in events:
            values = [
                tf.compat.v1.Summary.Value(tag=name, simple_value=value)
                for name, value in numbers.items()
            ]
            summary = tf.compat.v1.Summary(value=values)
            file.write(event(step=step, summary=summary).SerializeToString())
