"""What can fail about a run, and whether another attempt may get over it.

The one table: `attempts` and `reconcile` take their verdicts from here, and
docs/operations.md shows it. An attempt is given up, and does not count, where the
world around it has changed; it failed where it was the run's own fault or fate.
"""

import re
from dataclasses import dataclass

from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Outcome, Verdict

__all__ = [
    "FAILURES",
    "OF_THE_TRAINER",
    "OTHER",
    "Failure",
    "bounded",
    "exited",
    "failed",
    "given_up",
    "never_started",
    "out_of_memory",
    "stays_failed",
]

_NO_IMAGE = re.compile(
    r"(Pod \S+: )?"
    r"(?:ImagePullBackOff|ErrImagePull|ErrImageNeverPull|InvalidImageName)\b"
)
"""Kubernetes' words for a container of a trainer that has no image to run."""
_IMAGE = re.compile(r'image "([^"]+)"')
_DETAIL_LIMIT = 200
_LAST_PERMANENT_CODE = 127
"""From 128 on a signal ended the process: by TFJob's own convention retryable."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One row: the reason in the record, what happened, whether to try again."""

    reason: str
    what: str
    again: bool


_PASSING = (
    ("TrainerKilled", "exit code 128 to 255, or one that the spec lists as retryable"),
    ("PodLost", "pod evicted, deleted or lost with its node"),
    ("JobLost", "TFJob deleted or gone before it ended, or without its labels"),
    ("StartupDeadlineExceeded", "not all its pods ran within startupDeadlineSeconds"),
    ("StagingClosed", "somebody closed the attempt's staging commit"),
)
_FINAL = (
    ("TrainerFailed", "exit code 1 to 127; the trainer's own reason where it gave one"),
    ("DeadlineExceeded", "longer than activeDeadlineSeconds"),
    ("OutputInvalid", "success without a model, unlike its list, or on other data"),
    ("PublishFailed", "pachd finished the output commit with an error"),
)
FAILURES: tuple[Failure, ...] = (
    *(Failure(reason, what, again=True) for reason, what in _PASSING),
    *(Failure(reason, what, again=False) for reason, what in _FINAL),
)
_AGAIN = {each.reason: each.again for each in FAILURES}
OF_THE_TRAINER = (
    *("InvalidData", "InputMissing", "InvalidConfiguration", "TrainingDiverged"),
    *("AccessRefused", "OutputRefused", "DiskUnusable", "StorageUnreachable"),
    *("PeerLost", "DeviceMissing", "InternalError"),
)
"""The words that the trainer which is shipped has for its own failures."""
OTHER = "Other"
"""In their place, any word that another trainer has made up."""
_GONE = frozenset({"InputGone", "ModelGone"})
"""The data, or what was made of it, is not there any more: nothing helps."""
_KNOWN = frozenset({*_AGAIN, *OF_THE_TRAINER, *_GONE})


def failed(reason: str, message: str) -> Outcome:
    """The outcome for a row of the table."""
    return Outcome(Verdict.FAILED, reason, message, retryable=_AGAIN[reason])


def exited(reason: str, message: str, code: int, *, listed: bool) -> Outcome:
    """The outcome of a trainer that ended itself, or was killed.

    `listed`: spec.attempts.retryableExitCodes names this code.
    """
    killed = code > _LAST_PERMANENT_CODE
    reason = reason or ("TrainerKilled" if killed else "TrainerFailed")
    return Outcome(Verdict.FAILED, reason, message, killed or listed, code)


def bounded(reason: str) -> str:
    """The reason of a failure, as one of a closed set: what a label may have."""
    return reason if reason in _KNOWN else OTHER


def stays_failed(training: MnistTraining, commit: str, reason: str) -> str:
    """What becomes of a commit whose last attempt failed, and what trains it again.

    To stand behind the cause; empty where its data is gone, so that nothing does.
    """
    if reason in _GONE:
        return ""
    renewed = training.spec.on_spec_change == "RetrainLatest"
    until = "before spec.trainer changes" if renewed else "by itself"
    return (
        f" (not trained again {until}; once the cause is mended:"
        f" mnistctl retrain {training.key} --commit {commit})"
    )


def given_up(reason: str, message: str) -> Outcome:
    """The outcome of an attempt that does not count."""
    return Outcome(Verdict.ABANDONED, reason, message)


def never_started(many: str, seconds: int, told: str) -> Outcome:
    """The outcome of an attempt whose pods did not run in time.

    `many`: how many did not; `told`: why, in Kubernetes' words; empty: nobody knows.
    """
    message = f"{many} ran within {seconds} s (spec.startupDeadlineSeconds)"
    why = f": {_say_image(told)}" if told else "."
    return failed("StartupDeadlineExceeded", f"{message}{why}")


def _say_image(told: str) -> str:
    """Kubernetes tells three times that there is no image: once, with the cause."""
    begins, image = _NO_IMAGE.match(told), _IMAGE.search(told)
    if begins is None or image is None:
        return told
    detail = told.rstrip(". ").rpartition(": ")[2]
    # What names the image once more is no cause.
    cause = "" if _IMAGE.search(detail) else f": {detail[:_DETAIL_LIMIT]}"
    missing = detail == "not found"
    mend = "" if missing else ", or its pull secret, or see to the registry"
    return (
        f"{begins[1] or ''}image {image[1]} cannot be pulled{cause}."
        f" Mend spec.trainer.image{mend}."
    )


def out_of_memory(code: int, limit: str, output: str) -> str:
    """What is told of a trainer that needed more memory than it may have.

    `limit`: as in the spec; empty: not known. `output`: the end of what it said.
    """
    known = f"limits.memory {limit}" if limit else "its limit of memory"
    last = f" Last output: {output}" if output else ""
    return (
        f"OOMKilled (exit code {code}): it needed more than {known}; raise"
        f" spec.trainer.resources.{last}"
    )
