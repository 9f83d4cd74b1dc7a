"""Whether what was said of a run is so: why it failed, and that it was tried enough.

As in `restraint`, only where that is certain.
"""

from mnist_operator.decisions import Decision
from mnist_operator.runs import read_attempt

__all__ = ["find_claim", "find_injustice"]

_SETTLED_SECONDS = 10.0
"""A spec is known to all that long after it was changed."""
_LAST_PERMANENT_CODE = 127
_WHOLE_SECONDS = 1.0
"""The API server tells times to the second."""


def find_injustice(world, entry):
    """What is wrong with a line of the ledger about a failure; empty if nothing is."""
    if entry.reason == "PublishFailed" and not _found_fault(world):
        return "publishing failed, and pachd has found no fault"
    staging = world.pachyderm.commits.get(entry.run)
    attempt = read_attempt(staging) if staging is not None else None
    failed = entry.decision is Decision.FAILED and attempt is not None
    if not failed or attempt.outcome is None or not _is_certain(world, attempt):
        return ""
    spec, outcome = world.training.spec, attempt.outcome
    told = outcome.reason == entry.reason
    again = outcome.retryable and attempt.number < spec.attempts.limit
    took = (attempt.closed - attempt.opened).total_seconds()
    code = outcome.exit_code or 0
    passing = code > _LAST_PERMANENT_CODE or code in spec.attempts.retryable_exit_codes
    found = {
        f"attempt {attempt.number} is the last one": told and again,
        f"exit code {code} is taken for what it is not": code
        and passing is not outcome.retryable,
        f"its time was over after {took:.0f} s": outcome.reason == "DeadlineExceeded"
        and took + _WHOLE_SECONDS < spec.active_deadline_seconds,
    }
    return next((words for words, is_so in found.items() if is_so), "")


def _found_fault(world):
    """Whether pachd has finished a commit of a model with an error."""
    commits = world.pachyderm.commits.values()
    faulty = any(each.error for each in commits if each.repo == world.outputs.repo)
    return faulty or bool(world.pachyderm.rejects)


def _is_certain(world, attempt):
    if not world.orderly or world.training is None:
        return False
    since = (world.turns.now - attempt.opened).total_seconds()
    return world.loop.now - world.changed_at > since + _SETTLED_SECONDS


def find_claim(world, status):
    """What a status claims that is not so; empty if nothing is."""
    model, source = status.get("lastModelCommit"), status.get("lastTrainedCommit")
    if not model and not source:
        return ""
    there = {(each.commit, each.input_commit) for each in world.models()}
    if (model, source) in there or world.shared:
        return ""
    return f"the status names model {model} of {source}, and there is none"
