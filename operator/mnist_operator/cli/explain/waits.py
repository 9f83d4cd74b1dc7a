"""What the oldest commit that waits is waiting for, by whoever knows most of it. Pure.

The status of the MnistTraining knows best, where the cluster answered and an operator
has looked since; else the ledger, which has the failures in a row; else nobody does.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mnist_operator.cli.explain.explaining import Queue
from mnist_operator.cli.get.happenings import find_condition
from mnist_operator.commits import Commit
from mnist_operator.foreign import rows, word
from mnist_operator.resource import MnistTraining
from mnist_operator.status import timestamp

__all__ = ["tell_turn"]

_PROMPT = timedelta(minutes=1)
"""An operator that runs has seen a push long before, and said so in the status."""


def tell_turn(
    queue: Queue, training: MnistTraining, failures: int, *, now: datetime
) -> Queue:
    """The queue with what its oldest commit waits for, and who should have looked.

    Args:
        queue: what is not decided.
        training: with the status, and a UID, if it was found in the cluster.
        failures: so many of its commits failed in a row, by the ledger.
        now: the time of the question.

    """
    if not queue.commits:
        return queue
    if training.uid and not _is_seen(queue.commits, training):
        newest = queue.commits[-1]
        if newest.finished is None or now - newest.finished < _PROMPT:
            return queue
        note = f"{_tell_unseen(newest)}{_tell_last_word(training)}"
        turn = "waits; no operator has looked at it, see below"
        return replace(queue, turn=turn, notes=(*queue.notes, note))
    said = _tell_ready(training) if training.uid else ""
    return replace(queue, turn=said or _tell_streak(training.key, failures))


def _is_seen(commits: Sequence[Commit], training: MnistTraining) -> bool:
    """Whether whoever wrote the status knew the newest of them."""
    status = training.status
    known = {word(each.get("commit")) for each in rows(status.get("queue"))}
    return commits[-1].id in known | {status.get("head")}


def _tell_unseen(commit: Commit) -> str:
    at = timestamp(commit.finished or commit.started)
    return (
        f"input commit {commit.id} of {at} waits, and no operator has looked at it: is"
        " the operator running? (kubectl -n mnist-operator get pods)"
    )


def _tell_last_word(training: MnistTraining) -> str:
    said = _tell_ready(training)
    return f"; the last word in the status is {said}" if said else ""


def _tell_ready(training: MnistTraining) -> str:
    ready = find_condition(training.status, "Ready")
    told = (str(ready.get(each) or "") for each in ("reason", "message"))
    return ": ".join(filter(None, told))


def _tell_streak(key: str, failures: int) -> str:
    if not failures:
        return ""
    before = (
        "the commit before it failed"
        if failures == 1
        else f"the {failures} commits before it failed in a row"
    )
    return (
        f"waits; {before}: perhaps stopped (spec.stopAfterFailures): mnistctl get {key}"
    )
