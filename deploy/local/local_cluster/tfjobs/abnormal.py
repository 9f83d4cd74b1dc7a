"""What the TFJob controller says of pods that are not well: Warnings about the job."""

from collections.abc import Iterable, Iterator

from local_cluster.kube.values import Json, dig, meta

__all__ = ["abnormal"]


def abnormal(pods: Iterable[Json]) -> Iterator[tuple[str, str]]:
    """Yield a reason and a message for each container that waits and says why."""
    for pod in pods:
        for status in dig(pod, "status", "containerStatuses") or ():
            waiting = dig(status, "state", "waiting") or {}
            if waiting.get("message"):
                told = (
                    f"Error pod {meta(pod)['name']} container {status['name']} waiting"
                    f" message: {waiting['message']}"
                )
                yield waiting["reason"], told
