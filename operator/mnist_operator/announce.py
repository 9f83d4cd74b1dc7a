"""Events: one for each thing that happened, however often it is looked at.

An Event's name is made of what it tells, so posting it twice is once, also after a
restart. Pure: `kube.create_event` posts what is built here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mnist_operator.ledger import Decision, Entry
from mnist_operator.plan import Story
from mnist_operator.resource import GROUP, KIND, VERSION, MnistTraining
from mnist_operator.runs import digest
from mnist_operator.status import Reason, timestamp

__all__ = ["Announcement", "build_event", "tell_entry", "tell_story"]

_MESSAGE_LIMIT = 1000
"""The API server refuses an Event with more than 1024 characters."""
_DECISIONS = {
    Decision.PUBLISHED: Reason.MODEL_PUBLISHED,
    Decision.FAILED: Reason.TRAINING_FAILED,
    Decision.SKIPPED: Reason.COMMIT_SKIPPED,
}


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something that happened once."""

    reason: Reason
    message: str
    key: str
    """What makes it different from others with the same reason."""
    warning: bool = False


def tell_entry(entry: Entry) -> Announcement | None:
    """The Event for a line of the ledger; none for the starting point."""
    reason = _DECISIONS.get(entry.decision)
    if reason is None:
        return None
    if entry.decision is Decision.PUBLISHED:
        accuracy = f", accuracy {entry.accuracy}" if entry.accuracy else ""
        message = f"Input commit {entry.commit} made model {entry.output}{accuracy}."
        return Announcement(reason, message, entry.commit)
    message = f"Input commit {entry.commit}: {entry.reason}: {entry.message}"
    return Announcement(reason, message, entry.commit, warning=True)


def tell_story(story: Story) -> Announcement | None:
    """The Event that goes with what the conditions say; none for most of it."""
    if story.event is None:
        return None
    return Announcement(story.event, story.message, story.message, warning=True)


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
        "message": announcement.message[:_MESSAGE_LIMIT],
        "type": "Warning" if announcement.warning else "Normal",
        "source": {"component": "mnist-operator"},
        "reportingComponent": "mnist-operator",
        "reportingInstance": "mnist-operator",
        "firstTimestamp": timestamp(now),
        "lastTimestamp": timestamp(now),
        "count": 1,
    }
