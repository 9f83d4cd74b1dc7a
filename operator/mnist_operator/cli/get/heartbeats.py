"""Whether anybody keeps what is shown up to date: one line where nobody does. Pure.

A status says nothing of whoever wrote it, and looks the same when that has been dead
for a day. The operator's Deployment knows, where it may be read; and a spec that nobody
has looked at for long speaks for itself.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from mnist_operator.cli.statements import dig
from mnist_operator.foreign import moment, number, rows, table, word
from mnist_operator.status import timestamp

__all__ = ["LABEL", "tell_silence"]

Body = Mapping[str, Any]

LABEL = "app.kubernetes.io/name=mnist-operator"
"""What the operator's Deployment and its pods have, however it was installed."""
_PROMPT = timedelta(minutes=1)
"""In less time one operator has taken another one's place, and looked at a new spec."""


def tell_silence(
    bodies: Sequence[Body], deployments: Sequence[Body], *, now: datetime
) -> str:
    """Why what is shown may be old, and where to look; empty where it is not.

    Args:
        bodies: the MnistTrainings that are shown.
        deployments: those of operators; none where they may not be read.
        now: the time of the question.

    """
    down = [(each, since) for each in deployments if (since := _down_since(each, now))]
    if down:
        each, since = down[0]
        more = f", and {len(down) - 1} more" if len(down) > 1 else ""
        namespace = dig(each, "metadata", "namespace")
        return (
            f"no pod of operator {_key(each)} has been at work since"
            f" {timestamp(since)}{more}: what is shown may be as old, and nothing new"
            f" is trained; kubectl -n {namespace} describe pods -l {LABEL}"
        )
    unseen = [each for each in bodies if _is_unseen(each, now)]
    if not unseen:
        return ""
    more = f" and {len(unseen) - 1} more" if len(unseen) > 1 else ""
    return (
        f"no operator has looked at the spec of {_key(unseen[0])}{more} yet: is it"
        " running? (kubectl -n mnist-operator get pods)"
    )


def _down_since(deployment: Body, now: datetime) -> datetime | None:
    """Since when it has had no pod that works; None where it has, or had just now."""
    if number(dig(deployment, "status", "availableReplicas")):
        return None
    conditions = rows(dig(deployment, "status", "conditions"))
    available = next((e for e in conditions if e.get("type") == "Available"), {})
    told = available if available.get("status") == "False" else {}
    since = moment(told.get("lastTransitionTime"))
    since = since or moment(dig(deployment, "metadata", "creationTimestamp"))
    return since if since is not None and now - since > _PROMPT else None


def _is_unseen(body: Body, now: datetime) -> bool:
    seen = number(dig(body, "status", "observedGeneration")) or 0
    if seen >= (number(dig(body, "metadata", "generation")) or 1):
        return False
    changed = _changed_at(table(body.get("metadata")))
    return changed is not None and now - changed > _PROMPT


def _changed_at(meta: Body) -> datetime | None:
    """When somebody last wrote more than its status."""
    fields = (e for e in rows(meta.get("managedFields")) if not e.get("subresource"))
    times = [moment(each.get("time")) for each in fields]
    known = [each for each in (*times, moment(meta.get("creationTimestamp"))) if each]
    return max(known, default=None)


def _key(body: Body) -> str:
    meta = table(body.get("metadata"))
    return f"{word(meta.get('namespace'))}/{word(meta.get('name'))}"
