"""The conditions of a TFJob, and how one displaces another."""

from datetime import datetime

from local_cluster.kube.values import Json, stamp

__all__ = ["holds", "is_finished", "put"]

_UNSAID = {"Suspended": "TFJobResumed", "Running": "TFJobSuspended"}
_EXCLUDES = {"Restarting": "Running", "Running": "Restarting"}


def holds(status: Json, kind: str) -> bool:
    """Say whether a condition is True."""
    return any(
        one["type"] == kind and one["status"] == "True"
        for one in status.get("conditions") or ()
    )


def is_finished(status: Json) -> bool:
    """Say whether the job has ended, well or badly."""
    return holds(status, "Succeeded") or holds(status, "Failed")


def put(
    status: Json, kind: str, message: str, now: datetime, *, value: bool = True
) -> None:
    """Set a condition, unless it says this already; drop what contradicts it."""
    if holds(status, "Failed"):
        return
    said = "True" if value else "False"
    reason = f"TFJob{kind}" if value else _UNSAID[kind]
    known = status.get("conditions") or []
    current = next((one for one in known if one["type"] == kind), None)
    if current and (current["status"], current["reason"]) == (said, reason):
        return
    changed = stamp(now)
    if current and current["status"] == said:
        changed = current["lastTransitionTime"]
    kept = [one for one in known if one["type"] not in {kind, _EXCLUDES.get(kind)}]
    if kind in {"Succeeded", "Failed"}:
        # The real one does not say when.
        kept = [
            {**one, "status": "False"} if one["type"] == "Running" else one
            for one in kept
        ]
    condition = {
        "type": kind,
        "status": said,
        "reason": reason,
        "message": message,
        "lastUpdateTime": stamp(now),
        "lastTransitionTime": changed,
    }
    status["conditions"] = [*kept, condition]
