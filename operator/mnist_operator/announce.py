"""Events: one for each thing that happened, however often it is looked at.

An Event's name is made of what it tells, so posting it twice is once, also after a
restart. Pure: `kube.create_event` posts what is built here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mnist_operator.decisions import (
    ABOUT_PRODUCTION,
    BLANK,
    DISCARDED,
    SUPERSEDED,
    UNCHANGED,
    Decision,
    Entry,
    is_own_request,
    is_release,
)
from mnist_operator.failures import stays_failed
from mnist_operator.foreign import plain
from mnist_operator.plan import Story
from mnist_operator.resource import GROUP, KIND, VERSION, MnistTraining
from mnist_operator.runs import Attempt, digest
from mnist_operator.status import Reason, timestamp

__all__ = [
    "Announcement",
    "build_event",
    "tell_entries",
    "tell_progress",
    "tell_run",
    "tell_standing",
    "tell_story",
]

_MESSAGE_LIMIT = 1000
"""The API server refuses an Event with a message of more than 1024 bytes."""
_DECISIONS = {
    Decision.PUBLISHED: Reason.MODEL_PUBLISHED,
    Decision.FAILED: Reason.TRAINING_FAILED,
    Decision.SKIPPED: Reason.COMMIT_SKIPPED,
    Decision.HELD: Reason.DATA_GATE_HELD,
    Decision.RELEASED: Reason.DATA_GATE_RELEASED,
    Decision.WARNED: Reason.DATA_GATE_WARNED,
    Decision.PROMOTED: Reason.PROMOTED,
    Decision.WITHHELD: Reason.PROMOTION_REFUSED,
}
_HOLDS = frozenset({"NotCompared", "ChampionChanged"})
"""Reasons that say nothing against a model."""
_WAITS = frozenset(
    {Reason.SOURCE_UNREACHABLE, Reason.OUTPUT_BUSY, Reason.INTERNAL_ERROR}
)
"""Not stalled, since time may end it, and yet it is mostly for somebody to mend."""
_HARMLESS = UNCHANGED | {BLANK, DISCARDED, SUPERSEDED}
"""Reasons of a skip that is the policy at work, and nobody's fault."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something that happened once."""

    reason: Reason
    message: str
    key: str
    """What makes it different from others with the same reason."""
    warning: bool = False
    failed: Entry | None = None
    """The commit's last attempt, where it failed: only a request trains it again."""


def _tell_entry(entry: Entry) -> Announcement | None:
    """The Event for a line of the ledger; none for the starting point."""
    reason = _DECISIONS.get(entry.decision)
    if reason is None:
        return None
    if entry.decision in ABOUT_PRODUCTION:
        return _tell_production(entry)
    key = f"{entry.commit} {entry.request}".strip()
    if entry.decision is Decision.PUBLISHED:
        accuracy = f", accuracy {entry.accuracy}" if entry.accuracy else ""
        made = f"Input commit {entry.commit} made model {entry.output}{accuracy}"
        return Announcement(reason, f"{made}{_why(entry.request)}.", key)
    why = _why(entry.request) if entry.decision is Decision.FAILED else ""
    about = f"Input commit {entry.commit}{why}: " if entry.commit else ""
    message = f"{about}{entry.reason}: {entry.message}"
    if entry.decision is Decision.RELEASED:
        return Announcement(reason, message, key)
    # A trainer may call the reason of its failure anything.
    harmless = entry.decision is Decision.SKIPPED and entry.reason in _HARMLESS
    failed = entry if entry.decision is Decision.FAILED else None
    return Announcement(reason, message, key, warning=not harmless, failed=failed)


def _tell_production(entry: Entry) -> Announcement:
    """The Event about the production branch."""
    key = f"{entry.output} {entry.time.isoformat()}"
    if entry.decision is Decision.PROMOTED:
        before = f", {entry.previous} was before" if entry.previous else ""
        message = f"Model {entry.output} is in production{before}: {entry.reason}"
        return Announcement(Reason.PROMOTED, f"{message}: {entry.message}", key)
    held = entry.reason in _HOLDS and not entry.request
    reason = Reason.PROMOTION_HELD if held else Reason.PROMOTION_REFUSED
    message = f"Model {entry.output}: {entry.reason}: {entry.message}"
    return Announcement(reason, message, key, warning=True)


def _why(request: str) -> str:
    """What asked for a run beside its commit, as the end of a sentence."""
    if not request:
        return ""
    if is_own_request(request):
        return ", since the trainer has changed"
    if is_release(request):
        return ", as it was released"
    return f", as requested at {request[:100]}"


def tell_run(attempt: Attempt, job: str) -> Announcement:
    """The Event for a TFJob that was created."""
    message = (
        f"TFJob {job} trains on input commit {attempt.commit},"
        f" attempt {attempt.number}{_why(attempt.request)}."
    )
    return Announcement(Reason.RUN_STARTED, message, attempt.staging)


def tell_progress(attempt: Attempt, pod: str, node: str) -> Announcement:
    """The Event for a run whose trainer has said how far it is for the first time."""
    where = f"{pod} on node {node}" if node else pod
    message = (
        f"Pod {where} has begun to train on input commit {attempt.commit},"
        f" attempt {attempt.number}."
    )
    return Announcement(Reason.TRAINING_BEGUN, message, attempt.staging)


def tell_entries(entries: Sequence[Entry]) -> list[Announcement]:
    """The Events for lines that are written together.

    A burst of pushes may supersede hundreds of commits at once: one Event tells it.
    """
    superseded = [entry for entry in entries if entry.reason == SUPERSEDED]
    alone = len(superseded) == 1
    told = [_tell_entry(e) for e in entries if alone or e.reason != SUPERSEDED]
    if len(superseded) > 1:
        first, last = superseded[0], superseded[-1]
        message = (
            f"{len(superseded)} input commits, {first.commit} to {last.commit}:"
            f" {last.reason}: {last.message}"
        )
        told.append(Announcement(Reason.COMMIT_SKIPPED, message, last.commit))
    return [each for each in told if each is not None]


def tell_story(story: Story) -> Announcement | None:
    """The Event that goes with what the conditions say; none for most of it."""
    if story.event is None:
        return None
    key = story.key or story.message
    return Announcement(story.event, story.message, key, warning=True)


def tell_standing(story: Story) -> Announcement | None:
    """The Event for a state that somebody has to end; none where nothing stands.

    What the data gate holds, and what a story has an Event for, is told by that.
    """
    told = story.event is not None or story.reason is Reason.DATA_GATE_HELD
    if told or not (story.stalled or story.reason in _WAITS):
        return None
    return Announcement(story.reason, story.message, story.message, warning=True)


def build_event(
    training: MnistTraining, announcement: Announcement, *, now: datetime
) -> dict[str, Any]:
    """The core/v1 Event about a training."""
    identity = digest([training.uid, announcement.reason, announcement.key])
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": f"{training.name}.{identity[:16]}",
            "namespace": training.namespace,
        },
        "involvedObject": {
            "apiVersion": f"{GROUP}/{VERSION}",
            "kind": KIND,
            "name": training.name,
            "namespace": training.namespace,
            "uid": training.uid,
        },
        "reason": announcement.reason.value,
        "message": _say(training, announcement),
        "type": "Warning" if announcement.warning else "Normal",
        "source": {"component": "mnist-operator"},
        "reportingComponent": "mnist-operator",
        "reportingInstance": "mnist-operator",
        "firstTimestamp": timestamp(now),
        "lastTimestamp": timestamp(now),
        "count": 1,
    }


def _say(training: MnistTraining, announcement: Announcement) -> str:
    """What happened, and all of what is to be done."""
    failed = announcement.failed
    again = stays_failed(training, failed.commit, failed.reason) if failed else ""
    return _cut(announcement.message, _MESSAGE_LIMIT - len(again)) + again


def _cut(message: str, limit: int) -> str:
    """As much as fits into so many bytes, and no part of a character."""
    return plain(message, limit).encode()[:limit].decode(errors="ignore")
