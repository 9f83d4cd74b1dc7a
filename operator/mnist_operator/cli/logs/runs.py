"""Whose log is meant: what a user writes for a run, and which of its pods speaks. Pure.

A word can be a TFJob's name, the beginning of a staging commit's ID, or the name of a
MnistTraining, and more than one of them. A TFJob's name says which run it is, so it
comes first; a bare word comes last as an ID, as everywhere else.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mnist_operator.cli.reproduce.run import read_run
from mnist_operator.commits import Commit
from mnist_operator.runs import Attempt, job_name, read_attempt
from mnist_operator.tfjob import RUN_LABEL, TRAINING_LABEL, read_job

__all__ = [
    "Run",
    "Wanted",
    "choose_pod",
    "parse_wanted",
    "read_staging",
    "run_of_pod",
    "tell_absence",
]

_NAME = re.compile(r"(?:(?P<namespace>[a-z0-9-]+)/)?(?P<name>[a-z0-9.-]*[a-z0-9])")
_ID = re.compile(r"[0-9a-fA-F]{1,32}")
_JOB = re.compile(r".+-(?P<run>[0-9a-f]{12})")
_ID_DIGITS = 32
_PLACE = "training.kubeflow.org/"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for, by all that it can mean."""

    text: str
    namespace: str = ""
    """Empty where none was named."""
    run: str = ""
    """The staging commit's ID, or the beginning of it."""
    training: str = ""
    """The MnistTraining's name."""
    job: bool = False
    """Whether it looks like a TFJob's name: then the run comes first."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run whose log is to be told."""

    staging: str
    namespace: str
    """Where its pods are, or were."""
    tfjob: str
    told: str
    """What it was for, in a few words."""
    is_open: bool
    end: str = ""
    """How it ended, if it did."""


def parse_wanted(text: str) -> Wanted:
    """Read what was asked for.

    Raises:
        ValueError: Nothing can be meant by it; the message says what could.
    """
    word = text.removeprefix("tfjob/")
    parts = _NAME.fullmatch(word)
    if _ID.fullmatch(word) and (parts is None or len(word) == _ID_DIGITS):
        return Wanted(text, run=word.lower())
    if parts is None:
        raise ValueError(
            f"{text!r} names no run: write a TFJob's name, a staging commit's ID or"
            " the beginning of it, or NAME or NAMESPACE/NAME of a MnistTraining"
        )
    namespace, name = parts["namespace"] or "", parts["name"]
    if job := _JOB.fullmatch(name):
        return Wanted(text, namespace, job["run"], name, job=True)
    run = name if _ID.fullmatch(name) and not namespace else ""
    return Wanted(text, namespace, run, name)


def read_staging(commit: Commit) -> Run | None:
    """A run by its staging commit; None for a commit that is none."""
    attempt = read_attempt(commit)
    if attempt is not None:
        return _attempted(attempt)
    again = read_run(commit)
    if again is None:
        return None
    told = f"reproduction of {again.model}"
    end = f"{again.outcome.get('verdict', 'Closed')}" if again.finished else ""
    return Run(
        again.staging, again.namespace, again.tfjob, told, not again.finished, end
    )


def _attempted(attempt: Attempt) -> Run:
    namespace, _, name = attempt.training.partition("/")
    outcome, end = attempt.outcome, ""
    if outcome is not None:
        said = ": ".join(filter(None, (outcome.reason, outcome.message)))
        end = " ".join(filter(None, (outcome.verdict.value, said and f"({said})")))
    told = f"attempt {attempt.number} on input commit {attempt.commit}"
    tfjob = job_name(name, attempt.staging)
    return Run(attempt.staging, namespace, tfjob, told, attempt.is_open, end)


def run_of_pod(pods: Sequence[Mapping[str, Any]], wanted: Wanted) -> str:
    """The run that the newest pod of what was asked for belongs to; empty for none.

    For want of Pachyderm, which knows also runs without a pod.
    """

    def fits(labels: Mapping[str, str]) -> bool:
        run = labels.get(RUN_LABEL, "")
        mine = wanted.training and labels.get(TRAINING_LABEL) == wanted.training
        return bool(mine or (wanted.run and run.startswith(wanted.run)))

    found = [pod for pod in pods if fits(_labels(pod))]
    newest = max(found, key=_created, default=None)
    return _labels(newest)[RUN_LABEL] if newest else ""


def choose_pod(
    pods: Sequence[Mapping[str, Any]],
    jobs: Sequence[Mapping[str, Any]],
    replica: str = "",
) -> str:
    """The pod whose log it is: the one that speaks for all, or the one asked for.

    Args:
        pods: of one run.
        jobs: its TFJob; none where that is gone.
        replica: such as worker-1; empty for the one that speaks.

    Returns:
        Its name; empty where there is none.

    Raises:
        ValueError: There is no such replica; the message names those that are there.

    """
    places = {_place(pod): pod for pod in sorted(pods, key=_created)}
    names = {place: str(pod["metadata"]["name"]) for place, pod in places.items()}
    if replica and names:
        if replica not in names:
            there = ", ".join(sorted(names))
            raise ValueError(f"there is no pod {replica}: there are {there}")
        return names[replica]
    speaker = read_job(jobs[0], pods).pod if jobs else ""
    # "chief-0" is before "worker-0": who decides comes first.
    first = min(names, default="")
    return speaker or names.get(first, "")


def tell_absence(run: Run, place: str) -> str:
    """Why a run has no log."""
    if run.is_open:
        return (
            f"run {place} ({run.told}) has no log yet: TFJob"
            f" {run.namespace}/{run.tfjob} has no pod that runs: -f waits for one"
        )
    ended = f", and ended {run.end}" if run.end else ""
    return f"run {place} ({run.told}) left no log: none of its pods ran{ended}"


def _place(pod: Mapping[str, Any]) -> str:
    labels = _labels(pod)
    kind = labels.get(f"{_PLACE}replica-type", "worker").lower()
    return f"{kind}-{labels.get(f'{_PLACE}replica-index', '0')}"


def _labels(pod: Mapping[str, Any]) -> Mapping[str, str]:
    found: Mapping[str, str] = pod["metadata"].get("labels") or {}
    return found


def _created(pod: Mapping[str, Any]) -> str:
    return str(pod["metadata"].get("creationTimestamp"))
