"""The TFJobs that would be created, as the operator would create them. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from mnist_operator.cli.plan.course import Course, Step
from mnist_operator.cli.plan.effects import (
    is_placeholder,
    opened_by,
    placeholder,
)
from mnist_operator.cli.plan.rows import tell_when
from mnist_operator.orders import order_job
from mnist_operator.plan import CreateJob, OpenAttempt
from mnist_operator.runs import Attempt
from mnist_operator.tfjob import Endpoint, build_tfjob

__all__ = ["Planned", "make_tfjobs"]


@dataclass(frozen=True, slots=True)
class Planned:
    """One TFJob, and what is not known of it yet."""

    attempt: Attempt
    when: str
    body: dict[str, Any]

    @property
    def placeholders(self) -> dict[str, str]:
        """What stands for IDs that pachd is still to give, by what they are of."""
        ids = {"staging": self.attempt.staging, "model": self.attempt.begins_from}
        return {what: each for what, each in ids.items() if is_placeholder(each)}


def make_tfjobs(course: Course, endpoint: Endpoint) -> list[Planned]:
    """In the order in which they would be created."""
    return [
        Planned(attempt, when, build_tfjob(order_job(step.observed, attempt, endpoint)))
        for step in course.steps
        for attempt, when in _created(step)
    ]


def _created(step: Step) -> Iterator[tuple[Attempt, str]]:
    """The attempt that a step creates a TFJob for, or prepares one for."""
    match step.action:
        case OpenAttempt(task=task):
            opened = opened_by(step.observed, step.action, step.now)
            when = tell_when(step.until)
            if task.commit.finished is None:
                when = f"when {task.commit.id} is finished"
            yield replace(opened, staging=placeholder(step.number)), when
        case CreateJob(attempt) if not is_placeholder(attempt.staging):
            yield attempt, tell_when(step.until)
        case _:
            pass
