"""The pods that train one model together, told as one: who speaks for all of them.

After success that is the pod which decides, the chief or the first worker. After a
failure it is the one that failed first, since it alone knows why: the others end
because it is gone. While some have yet to start it is one of those.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from mnist_operator.foreign import moment, number, rows, table, word
from mnist_operator.pod_state import PodState, read_pod

__all__ = ["PEER_LOST", "Peers", "read_peers"]

PEER_LOST = 176
"""The trainer's exit code for: another pod of the same run ended, or never came."""
_KILLED_FROM = 128
_LABEL = "training.kubeflow.org/"
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_GRACE_SECONDS = 366 * 86400
"""Whoever deletes a pod may name any number."""

_Pod: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Peers:
    """All pods of a TFJob."""

    speaker: PodState
    """Whose word counts; without a name when none of those that are there is meant."""
    there: int = 0
    """How many exist."""
    started: datetime | None = None
    """When the last of those that are there began; None as long as none has."""
    all_started: bool = False
    """Whether that is all that are to be."""
    source: str = ""
    """The bucket that they were told to read; all of them, where they differ."""
    other_images: str = ""
    """Images beside the speaker's, where not all ran the same."""


def read_peers(pods: Sequence[_Pod], *, wanted: int, succeeded: bool) -> Peers:
    """Read the pods of a TFJob, of which it is to have `wanted`.

    `succeeded`: so it says itself. Pods that have yet to end are killed then, so
    nothing that they say is a failure.
    """
    found = sorted(_newest(pods), key=_place)
    states = [read_pod(pod) for pod in found]
    begun = [state.started for state in states if state.started]
    speaker = _find_speaker(found, wanted=wanted, succeeded=succeeded)
    if wanted > 1 and speaker.message and not _has_ended_badly(found):
        told = f"Pod {speaker.name}: {speaker.message}"
        speaker = replace(speaker, message=told)
    return Peers(
        speaker,
        there=len(found),
        started=max(begun, default=None),
        all_started=len(begun) >= wanted,
        source=", ".join(dict.fromkeys(filter(None, (s.source for s in states)))),
        other_images=_other_images(speaker, states),
    )


def _newest(pods: Sequence[_Pod]) -> Iterator[_Pod]:
    """The newest pod of each place in the TFJob."""
    by_age = sorted(pods, key=lambda pod: word(_meta(pod).get("creationTimestamp")))
    yield from {_place(pod): pod for pod in by_age}.values()


def _place(pod: _Pod) -> tuple[bool, str, int]:
    """Its place; first that of the pod whose end is the TFJob's own."""
    labels = table(_meta(pod).get("labels"))
    decides = labels.get(f"{_LABEL}job-role") == "master"
    index = str(labels.get(f"{_LABEL}replica-index", ""))
    kind = str(labels.get(f"{_LABEL}replica-type", ""))
    return not decides, kind, int(index) if index.isdecimal() else 0


def _find_speaker(found: Sequence[_Pod], *, wanted: int, succeeded: bool) -> PodState:
    """Read the pod that speaks for those that were found, in the order of places."""
    states = [read_pod(pod) for pod in found]
    failed = [pod for pod in found if _has_ended_badly([pod])]
    waiting = [state for state in states if state.started is None]
    if failed and not succeeded:
        return read_pod(min(_causes(failed), key=_order_of_failing))
    if succeeded or not waiting:
        complete = succeeded or len(found) >= wanted
        return states[0] if states and complete else PodState()
    silent = waiting[0] if len(found) >= wanted else PodState()
    return next((state for state in waiting if state.message), silent)


def _has_ended_badly(pods: Sequence[_Pod]) -> bool:
    """Whether one of them failed, or is made to go before its end."""
    return any(
        status.get("phase") == "Failed"
        or any(_bad_ends(status))
        or ("deletionTimestamp" in _meta(pod) and status.get("phase") == "Running")
        for pod in pods
        for status in [table(pod.get("status"))]
    )


def _causes(failed: Sequence[_Pod]) -> Sequence[_Pod]:
    """Leave out whoever was told to go when another had failed.

    The TFJob controller tells that to all that are left.
    """
    first = min((_failed_at(p) for p in failed if not _is_told_to_go(p)), default=None)
    if first is None:
        return failed
    return [p for p in failed if not _is_told_to_go(p) or _failed_at(p) < first]


def _is_told_to_go(pod: _Pod) -> bool:
    """Whether somebody deleted it, for another reason than its node's."""
    return "deletionTimestamp" in _meta(pod) and not any(_disruptions(pod))


def _order_of_failing(pod: _Pod) -> tuple[bool, datetime, bool]:
    """First the cause, then what followed from it.

    Times have whole seconds and come from several clocks. So whoever says that it
    lost another comes last, whenever that was; and in the same second first whoever
    was killed, which is no answer to another's end.
    """
    code = read_pod(pod).exit_code
    ended_itself = code is not None and code < _KILLED_FROM
    return code == PEER_LOST, _failed_at(pod), ended_itself


def _failed_at(pod: _Pod) -> datetime:
    """When it went wrong: with the end of a container, or the wish that it go."""
    meta, status = _meta(pod), table(pod.get("status"))
    times = [_time(end.get("finishedAt")) for end in _bad_ends(status)]
    times += [_time(one.get("lastTransitionTime")) for one in _disruptions(pod)]
    if "deletionTimestamp" in meta:
        asked = number(meta.get("deletionGracePeriodSeconds")) or 0
        grace = timedelta(seconds=min(max(asked, 0), _LONGEST_GRACE_SECONDS))
        times.append(_time(meta["deletionTimestamp"]) - grace)
    return min(times, default=_LONG_AGO)


def _bad_ends(status: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for group in ("initContainerStatuses", "containerStatuses"):
        for container in rows(status.get(group)):
            ended = table(table(container.get("state")).get("terminated"))
            if number(ended.get("exitCode")):
                yield ended


def _disruptions(pod: _Pod) -> Iterator[Mapping[str, Any]]:
    for each in rows(table(pod.get("status")).get("conditions")):
        if (each.get("type"), each.get("status")) == ("DisruptionTarget", "True"):
            yield each


def _time(text: Any) -> datetime:
    return moment(text) or _LONG_AGO


def _meta(pod: _Pod) -> Mapping[str, Any]:
    return table(pod.get("metadata"))


def _other_images(speaker: PodState, states: Sequence[PodState]) -> str:
    """Images by another digest: a registry's mirror has the same under its name."""
    if not speaker.image_id:
        return ""
    named = {_digest(state.image_id): state.image_id for state in states}
    ours = {"", _digest(speaker.image_id)}
    return ", ".join(sorted(image for key, image in named.items() if key not in ours))


def _digest(image_id: str) -> str:
    return image_id.rpartition("sha256:")[2]
