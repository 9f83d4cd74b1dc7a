"""What an operator must not begin, and for how long nothing may run.

Only where that is certain: of one operator that sees things as they are, and of a
spec that has been as it is for a while.
"""

from mnist_operator import lanes, runs
from mnist_operator.commits import CommitState
from mnist_operator.tfjob import RUN_LABEL

__all__ = ["find_excess", "find_overdue"]

_SETTLED_SECONDS = 10.0
"""A spec is known to all that long after it was changed."""
_PATIENCE_SECONDS = 60.0


def find_excess(world, body):
    """What is wrong with the creation of this TFJob; empty if nothing is."""
    staging = world.pachyderm.commits.get(body["metadata"]["labels"][RUN_LABEL])
    attempt = runs.read_attempt(staging) if staging is not None else None
    if attempt is None:
        return "a TFJob is created for no attempt"
    source = world.pachyderm.commits.get(attempt.commit)
    if source is not None and source.state is not CommitState.FINISHED:
        return f"a TFJob is created for a commit that is {source.state}"
    known = world.loop.now - world.changed_at > _SETTLED_SECONDS
    certain = world.orderly and known and world.training is not None
    return _exceeds(world, attempt, world.training.spec) if certain else ""


def _exceeds(world, attempt, spec):
    found = {
        "a TFJob is created while the training is suspended": spec.suspend,
        "more TFJobs run than may": len(world.reaching()) >= lanes.parallel(spec),
        "an attempt follows the last one": attempt.number > spec.attempts.limit,
    }
    return next((words for words, is_so in found.items() if is_so), "")


def find_overdue(world):
    """A TFJob that runs on long after its deadline, with faults off; or nothing."""
    seconds = world.training.spec.active_deadline_seconds + _PATIENCE_SECONDS
    for name in world.reaching():
        created = world.pachyderm.commits[world.kubernetes.ever[name]].started
        if (world.turns.now - created).total_seconds() > seconds:
            return f"{name} runs on after its deadline"
    return ""
