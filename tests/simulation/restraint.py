"""What an operator must not begin, and for how long nothing may run.

Only where that is certain: of one operator that sees things as they are, and of a
spec that has been as it is for a while.
"""

from mnist_operator import runs
from mnist_operator.commits import CommitState
from mnist_operator.tfjob import RUN_LABEL

__all__ = ["find_excess", "find_overdue"]

_SETTLED_SECONDS = 10.0
"""A spec is known to all that long after it was changed."""
_PATIENCE_SECONDS = 60.0
_BACKOFF_SECONDS = 60.0
"""A spec that has been as it is for that long before an attempt decided its backoff."""


def find_excess(world, body):
    """What is wrong with the creation of this TFJob; empty if nothing is."""
    staging = world.pachyderm.commits.get(body["metadata"]["labels"][RUN_LABEL])
    attempt = runs.read_attempt(staging) if staging is not None else None
    if attempt is None:
        return "a TFJob is created for no attempt"
    source = world.pachyderm.commits.get(attempt.commit)
    if source is not None and source.state is not CommitState.FINISHED:
        return f"a TFJob is created for a commit that is {source.state}"
    gone = world.pachyderm.gone.get(attempt.commit, world.loop.now)
    if world.orderly and world.loop.now - gone > _SETTLED_SECONDS:
        return "a TFJob is created for a commit that is gone"
    known = world.loop.now - world.changed_at > _SETTLED_SECONDS
    certain = world.orderly and known and world.training is not None
    if not certain:
        return ""
    spec = world.training.spec
    return _exceeds(world, attempt, spec) or _hurries(world, attempt, staging, spec)


def _hurries(world, attempt, staging, spec):
    """An attempt that follows another at once, or a commit whose time was over."""
    before = world.pachyderm.commits.get(staging.parent)
    last = runs.read_attempt(before) if before is not None else None
    since = (world.turns.now - attempt.opened).total_seconds()
    if world.loop.now - world.changed_at < since + _BACKOFF_SECONDS:
        return ""
    follows = last is not None and attempt.number > 1 and last.turn == attempt.turn
    if follows and last.number == attempt.number - 1 and last.closed is not None:
        waited = (attempt.opened - last.closed).total_seconds()
        if waited < spec.attempts.backoff_seconds * 2 ** (last.number - 1):
            return f"attempt {attempt.number} follows after {waited:.1f} s"
    return ""


def _exceeds(world, attempt, spec):
    found = {
        "a TFJob is created while the training is suspended": spec.suspend,
        "more TFJobs run than may": len(world.reaching()) >= _most(spec),
        "an attempt follows the last one": attempt.number > spec.attempts.limit,
    }
    return next((words for words, is_so in found.items() if is_so), "")


def _most(spec):
    """As docs/resource.md has it."""
    return spec.max_parallel if spec.concurrency_policy == "Allow" else 1


def find_overdue(world):
    """A TFJob that runs on long after its deadline, with faults off; or nothing."""
    seconds = world.training.spec.active_deadline_seconds + _PATIENCE_SECONDS
    for name in world.reaching():
        created = world.pachyderm.commits[world.kubernetes.ever[name]].started
        if (world.turns.now - created).total_seconds() > seconds:
            return f"{name} runs on after its deadline"
    return ""
