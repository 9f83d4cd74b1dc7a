"""What an operator must not begin, and for how long nothing may run.

Only where that is certain: of one operator that sees things as they are, and of a
spec that has been as it is for a while.
"""

from math import inf

from mnist_operator import runs
from mnist_operator.commits import CommitState
from mnist_operator.tfjob import RUN_LABEL

__all__ = ["find_excess", "find_loss", "find_misowned", "find_overdue"]

_SETTLED_SECONDS = 10.0
"""A spec is known to all that long after it was changed."""
_PATIENCE_SECONDS = 60.0
_OPEN_SECONDS = 600.0
"""So long a commit that is open keeps the branch from being quiet."""
_WHOLE_SECONDS = 2.0
"""A moment: between what is decided and what is then written down."""
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
    found = _exceeds(world, attempt, spec) or _hurries(world, attempt, staging, spec)
    since = (world.turns.now - attempt.opened).total_seconds() + _SETTLED_SECONDS
    if found or attempt.request or world.loop.now - world.changed_at < since:
        return found
    return _holds(world, attempt, source, spec)


def _holds(world, attempt, source, spec):
    """What was to hold a commit in its turn: a quiet branch, others, or failures."""
    ledger = world.ledger()
    if attempt.number == 1 and source is not None and not world.rewritten:
        ended = source.finishing or source.finished
        quiet = (attempt.opened - ended).total_seconds()
        noise = _find_noise(world, attempt, spec.trigger.debounce_seconds)
        if noise or 0 <= quiet < spec.trigger.debounce_seconds:
            return noise or f"the branch was quiet for {quiet:.0f} s"
        if quiet > (spec.starting_deadline_seconds or inf) + _WHOLE_SECONDS:
            return f"a TFJob is created for a commit that waited for {quiet:.0f} s"
        waiting = [each for each in world.expected() if ledger.is_open(each.id)]
        whole = [each for each in waiting if each.state is CommitState.FINISHED]
        if ledger.superseded + len(whole) < spec.trigger.min_commits:
            return "a TFJob is created for too few commits"
    if _is_off(world, attempt):
        return "a TFJob is created for a commit that is not on the branch"
    streak, training = ledger.streak, world.training
    same = streak.by == f"{training.uid}/{training.generation}"
    stopped = 0 < spec.stop_after_failures <= streak.count and same
    return "a TFJob is created after too many failures" if stopped else ""


def _is_off(world, attempt):
    """Whether the branch had moved away from its commit before it was opened."""
    since = (world.turns.now - attempt.opened).total_seconds() + _SETTLED_SECONDS
    head = world.pachyderm.heads.get(world.branch)
    if not world.rewrote_at or world.loop.now - world.rewrote_at < since:
        return False
    there = world.pachyderm.ancestry(head)
    return all(each.id != attempt.commit for each in there)


def _find_noise(world, attempt, seconds):
    """A commit after this one, by which the branch was not quiet; or nothing.

    A call may come late; so only where nothing went wrong.
    """
    if not seconds or world.faults:
        return ""
    for each in world.inputs():
        before = (attempt.opened - each.started).total_seconds()
        ended = each.finishing or each.finished or attempt.opened
        quiet = (attempt.opened - ended).total_seconds()
        if _SETTLED_SECONDS < before < _OPEN_SECONDS and quiet < seconds:
            return f"the branch was quiet for {quiet:.0f} s"
    return ""


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
    order = [*kubernetes.ever]
    newer = [each for each in kubernetes.ended(kind) if _is_after(order, each, name)]
    return "" if len(newer) >= limits[good] else "a run is let go too soon"


def _is_after(order, other, name):
    same = other.rpartition("-")[0] == name.rpartition("-")[0]
    return same and order.index(other) > order.index(name)


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
