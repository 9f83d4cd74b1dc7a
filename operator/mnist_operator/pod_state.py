"""What a pod of an attempt says of its trainer, and of all that stands beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mnist_operator.foreign import moment, number, rows, table, word
from mnist_operator.pod_template import CONTAINER
from mnist_operator.progress import without_progress

__all__ = ["PodState", "read_pod", "read_trouble"]


@dataclass(frozen=True, slots=True)
class PodState:
    """What the trainer's container says of itself."""

    name: str = ""
    node: str = ""
    message: str = ""
    started: datetime | None = None
    exit_code: int | None = None
    last_words: str = ""
    image_id: str = ""
    source: str = ""
    """The bucket that it was told to read."""


def read_pod(pod: Mapping[str, Any]) -> PodState:
    """Read one pod."""
    status, spec = table(pod.get("status")), table(pod.get("spec"))
    states = rows(status.get("containerStatuses"))
    container: Mapping[str, Any] = next(filter(_is_trainers, states), {})
    ended, running = _state(container, "terminated"), _state(container, "running")
    return PodState(
        name=word(table(pod.get("metadata")).get("name")),
        node=word(spec.get("nodeName")),
        message=_trouble(status, container),
        started=moment(ended.get("startedAt") or running.get("startedAt")),
        exit_code=number(ended.get("exitCode")),
        last_words=_words(ended).strip(),
        image_id=word(container.get("imageID")),
        source=_source(spec),
    )


def _is_trainers(container: Mapping[str, Any]) -> bool:
    return container.get("name") == CONTAINER


def _state(container: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """What a container's state says of its waiting, running or end."""
    return table(table(container.get("state")).get(kind))


def read_trouble(events: Sequence[Mapping[str, Any]]) -> str:
    """What the Events about a TFJob or a pod say that it waits for.

    Only the newest counts: whatever came before it was got over.
    """
    newest = max(events, key=_said_at, default={})
    if newest.get("type") != "Warning":
        return ""
    return f"{word(newest.get('reason'))}: {word(newest.get('message'))}"


def _said_at(event: Mapping[str, Any]) -> tuple[str, str]:
    """An Event's time, and its name, which grows with it; in the same second too."""
    time = word(event.get("lastTimestamp")) or word(event.get("eventTime"))
    return time, word(table(event.get("metadata")).get("name"))


def _source(spec: Mapping[str, Any]) -> str:
    own = filter(_is_trainers, rows(spec.get("containers")))
    told = (each for one in own for each in rows(one.get("env")))
    buckets = (word(e.get("value")) for e in told if e.get("name") == "INPUT_BUCKET")
    return next(buckets, "")


def _trouble(status: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    """Why a pod waits or ended badly.

    Its own words come first, then why somebody wants it to go, then its trainer's,
    then why no node takes it, and then those of the containers beside the trainer.
    """
    conditions = rows(status.get("conditions"))
    leaves = [each for each in conditions if _tells(each, "DisruptionTarget", "True")]
    unmet = [each for each in conditions if _tells(each, "PodScheduled", "False")]
    beside = [each for each in rows(status.get("containerStatuses")) if each != own]
    inits = rows(status.get("initContainerStatuses"))
    told = [
        *(_say(status), *map(_say, leaves), _say_container(own), *map(_say, unmet)),
        *map(_say_beside, (*inits, *beside)),
        _say_left(own, beside),
    ]
    return next(filter(None, told), "")


def _tells(condition: Mapping[str, Any], kind: str, status: str) -> bool:
    return (condition.get("type"), condition.get("status")) == (kind, status)


def _say(item: Mapping[str, Any]) -> str:
    reason, message = word(item.get("reason")), _words(item)
    if reason in {"", "Completed", "ContainerCreating", "PodInitializing"}:
        return ""
    return f"{reason}: {message}".rstrip(": \n")


def _words(item: Mapping[str, Any]) -> str:
    return without_progress(word(item.get("message")))


def _say_container(status: Mapping[str, Any]) -> str:
    return _say(_state(status, "waiting")) or _say(_state(status, "terminated"))


def _say_beside(status: Mapping[str, Any]) -> str:
    code = number(_state(status, "terminated").get("exitCode"))
    ended = "" if code is None else f", exit code {code}"
    said = _say_container(status)
    return said and f"Container {word(status.get('name'))}{ended}: {said}"


def _say_left(own: Mapping[str, Any], beside: Sequence[Mapping[str, Any]]) -> str:
    """A pod ends when all of its containers have; a trainer cannot end the others."""
    left = [word(e.get("name")) for e in beside if "running" in table(e.get("state"))]
    if not left or "terminated" not in table(own.get("state")):
        return ""
    return f"SidecarsLeft: the trainer has ended, and still running: {', '.join(left)}"
