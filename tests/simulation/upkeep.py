"""What an operator must keep, let go, or end in time, of the TFJobs that it made.

Only where that is certain: of one operator that sees things as they are, and of a
spec that has been as it is for a while.
"""

from mnist_operator import runs

__all__ = ["find_loss", "find_misowned", "find_overdue"]

_SETTLED_SECONDS = 10.0
"""A spec is known to all that long after it was changed."""
_PATIENCE_SECONDS = 60.0


def find_loss(world, name):
    """What is wrong with the deletion of a TFJob that has ended; or nothing.

    As many of those that ended in the same way are kept as the spec says.
    """
    kubernetes, training = world.kubernetes, world.training
    kind = kubernetes.ends.get(name)
    known = world.loop.now - world.changed_at > _SETTLED_SECONDS
    if kind is None or training is None or not (world.orderly and known):
        return ""
    staging = world.pachyderm.commits.get(kubernetes.ever[name])
    attempt = runs.read_attempt(staging) if staging is not None else None
    if attempt is None or attempt.outcome is None or attempt.uid != training.uid:
        return ""
    good, spec = attempt.outcome.verdict is runs.Verdict.SUCCEEDED, training.spec
    if attempt.outcome.exit_code is None and not good:
        return ""  # It had been given up before it ended.
    if good != (kind == "Succeeded"):
        return ""
    limits = spec.failed_runs_history_limit, spec.successful_runs_history_limit
    newer = [
        each for each in kubernetes.ended(kind) if _is_after(kubernetes, each, name)
    ]
    return "" if len(newer) >= limits[good] else "a run is let go too soon"


def _is_after(kubernetes, other, name):
    """Whether another of its TFJobs is newer; Kubernetes tells it by the second."""
    if other == name or other.rpartition("-")[0] != name.rpartition("-")[0]:
        return False
    made = [kubernetes.jobs[n]["metadata"]["creationTimestamp"] for n in (name, other)]
    order = [*kubernetes.ever]
    return made[0] == made[1] or order.index(other) > order.index(name)


def find_misowned(world):
    """A TFJob that goes with its MnistTraining, or stays, and should not; or nothing.

    Only where nothing went wrong before: whoever owns it is changed late.
    """
    known = world.loop.now - world.changed_at > _SETTLED_SECONDS
    if world.faults or not (world.orderly and known):
        return ""
    goes = world.training.spec.deletion_policy == "Cancel"
    for name in world.reaching():
        owners = world.kubernetes.jobs[name]["metadata"].get("ownerReferences")
        if bool(owners) is not goes:
            return f"{name} {'stays' if goes else 'goes'} with its MnistTraining"
    return ""


def find_overdue(world):
    """A TFJob that is there long after one of its deadlines, with faults off."""
    spec, ever = world.training.spec, world.kubernetes.ever
    for name in world.reaching():
        created = world.pachyderm.commits[ever[name]].started
        age = (world.turns.now - created).total_seconds() - _PATIENCE_SECONDS
        waits = (
            name not in world.kubernetes.pods and age > spec.startup_deadline_seconds
        )
        if waits or age > spec.active_deadline_seconds:
            return f"{name} is there after its deadline"
    return ""
