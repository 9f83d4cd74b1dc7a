"""What the TFJob controller says of pods that are not well: Warnings about the job."""

from collections.abc import Iterable, Iterator

from local_cluster.kube.values import Json, dig, meta

__all__ = ["abnormal"]


def abnormal(pods: Iterable[Json]) -> Iterator[tuple[str, str]]:
    """Yield a reason and a message for whatever is wrong with a pod that has to run."""
    for pod in pods:
        ended = dig(pod, "status", "phase") in {"Succeeded", "Failed"}
        if not ended and not meta(pod).get("deletionTimestamp"):
            for reason, told in _troubles(pod.get("status") or {}):
                yield reason, f"Error pod {meta(pod)['name']} {told}"


def _troubles(status: Json) -> Iterator[tuple[str, str]]:
    """Of its containers; without any, of those before them; else its own."""
    groups = ("containerStatuses", "initContainerStatuses")
    told = next((status[group] for group in groups if status.get(group)), None)
    if told is not None:
        for container in told:
            yield from _container(container)
    elif status.get("conditions"):
        newest = max(status["conditions"], key=_changed)
        if newest["status"] != "True":
            message = f"condition message: {newest.get('message', '')}"
            yield newest.get("reason", ""), message


def _container(status: Json) -> Iterator[tuple[str, str]]:
    ended = dig(status, "state", "terminated") or {}
    waits = dig(status, "state", "waiting") or {}
    name = f"container {status['name']}"
    if ended.get("exitCode"):
        code, said = ended["exitCode"], ended.get("message", "")
        told = f"{name} exitCode: {code} terminated message: {said}"
        yield ended.get("reason", ""), told
    if waits.get("message"):
        yield waits["reason"], f"{name} waiting message: {waits['message']}"


def _changed(condition: Json) -> str:
    return str(condition.get("lastTransitionTime") or "")
