"""The limits of a TFJob: its deadline, and how often its containers may restart."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from local_cluster.kube.values import Json, dig, meta
from local_cluster.tfjobs.pods import LABEL, replicas_of

__all__ = ["exceeded"]

_IN_PLACE = {"OnFailure", "Always", "ExitCode"}


def exceeded(
    job: Json, pods: Sequence[Json], status: Json, now: datetime
) -> str | None:
    """Return which limit a job has passed, in the controller's words."""
    policy = dig(job, "spec", "runPolicy") or {}
    deadline, started = policy.get("activeDeadlineSeconds"), status.get("startTime")
    limit = policy.get("backoffLimit")
    if limit is not None and _spent(job, pods, limit):
        return "it has reached the specified backoff limit"
    if deadline is not None and started:
        age = now - datetime.fromisoformat(started)
        if age >= timedelta(seconds=deadline):
            return "it was active longer than specified deadline"
    return None


def _spent(job: Json, pods: Sequence[Json], limit: int) -> bool:
    """Only restarts in place count, except that a limit of 0 allows no failure."""
    policies = {
        kind.lower(): spec.get("restartPolicy") for kind, spec, _ in replicas_of(job)
    }
    restarts = 0
    for pod in pods:
        kind = meta(pod)["labels"][f"{LABEL}replica-type"]
        running = dig(pod, "status", "phase") == "Running"
        if running and policies.get(kind) in _IN_PLACE:
            for group in ("initContainerStatuses", "containerStatuses"):
                for one in dig(pod, "status", group) or ():
                    restarts += one.get("restartCount", 0)
    if limit == 0:
        failed = any(dig(pod, "status", "phase") == "Failed" for pod in pods)
        return failed or restarts > 0
    return restarts >= limit
