"""What a pod of an attempt says of its trainer, and of all that stands beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mnist_operator.pod_template import CONTAINER

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
    status = pod.get("status") or {}
    container: Mapping[str, Any] = next(
        (
            each
            for each in status.get("containerStatuses") or ()
            if each["name"] == CONTAINER
        ),
        {},
    )
    state = container.get("state") or {}
    ended = state.get("terminated") or {}
    since = ended.get("startedAt") or (state.get("running") or {}).get("startedAt")
    return PodState(
        name=pod["metadata"]["name"],
        node=(pod.get("spec") or {}).get("nodeName", ""),
        message=_trouble(status, container),
        started=datetime.fromisoformat(since) if since else None,
        exit_code=ended.get("exitCode"),
        last_words=(ended.get("message") or "").strip(),
        image_id=container.get("imageID", ""),
        source=_source(pod.get("spec") or {}),
    )


def read_trouble(events: Sequence[Mapping[str, Any]]) -> str:
    """What the Events about a TFJob or a pod say that it waits for.

    Only the newest counts: whatever came before it was got over.
    """
    newest = max(events, key=_said_at, default={})
    if newest.get("type") != "Warning":
        return ""
    return f"{newest.get('reason', '')}: {newest.get('message', '')}"


def _said_at(event: Mapping[str, Any]) -> tuple[str, str]:
    """An Event's time, and its name, which grows with it; in the same second too."""
    time = event.get("lastTimestamp") or event.get("eventTime") or ""
    return time, event["metadata"]["name"]


def _source(spec: Mapping[str, Any]) -> str:
    own = (one for one in spec.get("containers") or () if one["name"] == CONTAINER)
    told = (each for one in own for each in one.get("env") or ())
    buckets = (e.get("value", "") for e in told if e["name"] == "INPUT_BUCKET")
    return next(buckets, "")


def _trouble(status: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    """Why a pod waits or ended badly.

    Its own words come first, then why somebody wants it to go, then its trainer's,
    then why no node takes it, and then those of the containers beside the trainer.
    """
    conditions = status.get("conditions") or ()
    leaves = [each for each in conditions if _tells(each, "DisruptionTarget", "True")]
    unmet = [each for each in conditions if _tells(each, "PodScheduled", "False")]
    beside = [each for each in status.get("containerStatuses") or () if each != own]
    inits = status.get("initContainerStatuses") or ()
    told = [
        *(_say(status), *map(_say, leaves), _say_container(own), *map(_say, unmet)),
        *map(_say_beside, (*inits, *beside)),
        _say_left(own, beside),
    ]
    return next(filter(None, told), "")


def _tells(condition: Mapping[str, Any], kind: str, status: str) -> bool:
    return (condition.get("type"), condition.get("status")) == (kind, status)


def _say(item: Mapping[str, Any]) -> str:
    reason, message = item.get("reason", ""), item.get("message", "")
    if reason in {"", "Completed", "ContainerCreating", "PodInitializing"}:
        return ""
    return f"{reason}: {message}".rstrip(": \n")


def _say_container(status: Mapping[str, Any]) -> str:
    state = status.get("state") or {}
    return _say(state.get("waiting") or {}) or _say(state.get("terminated") or {})


def _say_beside(status: Mapping[str, Any]) -> str:
    code = ((status.get("state") or {}).get("terminated") or {}).get("exitCode")
    ended = "" if code is None else f", exit code {code}"
    said = _say_container(status)
    return said and f"Container {status['name']}{ended}: {said}"


def _say_left(own: Mapping[str, Any], beside: Sequence[Mapping[str, Any]]) -> str:
    """A pod ends when all of its containers have; a trainer cannot end the others."""
    left = [each["name"] for each in beside if "running" in (each.get("state") or {})]
    if not left or "terminated" not in (own.get("state") or {}):
        return ""
    return f"SidecarsLeft: the trainer has ended, and still running: {', '.join(left)}"
