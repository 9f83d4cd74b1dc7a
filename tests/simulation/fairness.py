"""Whether what was said of a run is so: why it failed, and that it was tried enough.

And of a commit that had none: why it was passed over. As in `restraint`, only where
that is certain.
"""

from mnist_operator.commits import CommitState
from mnist_operator.decisions import SUPERSEDED, Decision
from mnist_operator.runs import read_attempt
from mnist_operator.turns import is_latest_only
from simulation.trainers import TRICKS

__all__ = ["find_claim", "find_injustice", "find_untold"]

_SETTLED_SECONDS = 10.0
"""A spec is known to all that long after it was changed."""
_PASSED_OVER = frozenset({SUPERSEDED, "Expired"})
_PASSING = frozenset({"JobLost", "PodLost", "StartupDeadlineExceeded"})
_LAST_PERMANENT_CODE = 127
_WHOLE_SECONDS = 1.0
"""The API server tells times to the second."""


def find_injustice(world, entry):
    """What is wrong with a line of the ledger about a failure; empty if nothing is."""
    if entry.reason == "PublishFailed" and not _found_fault(world):
        return "publishing failed, and pachd has found no fault"
    if entry.decision is Decision.SKIPPED:
        return _find_wrong_skip(world, entry)
    if entry.decision is Decision.FAILED:
        wrong = _find_wrong_failure(world, entry)
        if wrong:
            return wrong
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
        "what may pass is final": outcome.reason in _PASSING and not outcome.retryable,
        f"its time was over after {took:.0f} s": outcome.reason == "DeadlineExceeded"
        and took + _WHOLE_SECONDS < spec.active_deadline_seconds,
        f"its start was over after {took:.0f} s": outcome.reason
        == "StartupDeadlineExceeded"
        and took + _WHOLE_SECONDS < spec.startup_deadline_seconds,
    }
    return next((words for words, is_so in found.items() if is_so), "")


def _find_wrong_failure(world, entry):
    """What is wrong with a failure where all trainers fare alike."""
    spec = world.training.spec if world.training is not None else None
    is_long = spec is not None and world.lasts > spec.active_deadline_seconds
    # An API server that lags behind shows no TFJob for as long as it does.
    is_seen = world.orderly or entry.reason != "JobLost"
    if world.lasts and world.does_well and is_seen and not is_long:
        return f"{entry.reason}, and its trainer did well"
    wanted = TRICKS.get(world.fates[0]) if len(world.fates) == 1 else None
    return (
        f"{entry.reason}, and not {wanted}"
        if wanted not in {None, entry.reason}
        else ""
    )


def _find_wrong_skip(world, entry):
    """What is wrong with the reason why a commit was not trained."""
    commit = world.pachyderm.commits.get(entry.commit)
    if entry.reason == "InputErrored" and "squashed" in entry.message:
        return "what was squashed is told to be faulty"
    is_refused = entry.reason == "RequestRefused"
    if world.rewritten or (commit is None and not is_refused):
        return ""
    if is_refused:
        return _find_wrong_refusal(world, entry, commit)
    if world.orderly and any(_is_under_way(world, c, entry) for c in _runs(world)):
        return "a commit is passed over while it is trained"
    lasts = world.loop.now - world.changed_at > _SETTLED_SECONDS
    certain = world.orderly and lasts and world.training is not None
    if entry.reason == SUPERSEDED:
        return _find_wrong_way(world, entry, certain=certain)
    return _find_whim(world, entry, commit) if certain else ""


def _find_wrong_refusal(world, entry, commit):
    """What is wrong with a request that was refused."""
    if not entry.commit:
        usable = any(_was_there(each, entry) for each in world.inputs())
        return "a request for whatever is there is refused" if usable else ""
    usable = commit and commit.repo == world.branch.repo and not commit.error
    return "a request for a commit that is there is refused" if usable else ""


def _was_there(commit, entry):
    """Whether it could be trained on well before that was written down."""
    if commit.error or commit.finished is None:
        return False
    return (entry.time - commit.finished).total_seconds() > _SETTLED_SECONDS


def _find_wrong_way(world, entry, *, certain):
    """What is wrong with a commit that made way for a newer one."""
    found = {
        "the run that was stopped is not named": world.orderly
        and not world.shared
        and _hides_a_run(world, entry),
        "each one is wanted": certain and not is_latest_only(world.training.spec),
        "nothing is newer": not _has_newer(world, entry),
    }
    wrong = next((words for words, is_so in found.items() if is_so), "")
    return wrong and f"superseded, and {wrong}"


def _find_whim(world, entry, commit):
    """What is wrong with a reason that the spec gives."""
    if entry.reason == "Expired":
        return _find_haste(world, entry, commit)
    model = world.ledger().published
    same = entry.reason != "ContentUnchanged" or (model and model.spec == entry.spec)
    return "" if same else "unchanged, and never trained with this trainer"


def _runs(world):
    """The open commits of the run repo."""
    commits = world.pachyderm.commits.values()
    return [c for c in commits if c.repo == world.runs and c.state is CommitState.OPEN]


def _hides_a_run(world, entry):
    """Whether a run was stopped for it, and the line names none."""
    commits = [c for c in world.pachyderm.commits.values() if c.repo == world.runs]
    ended = [a for a in map(read_attempt, commits) if a is not None and a.outcome]
    key = entry.commit, SUPERSEDED
    stopped = [a for a in ended if (a.commit, a.outcome.reason) == key]
    return bool(stopped) and not entry.run


def _is_under_way(world, commit, entry):
    attempt = read_attempt(commit)
    key = f"{world.training.namespace}/{world.name}" if world.training else ""
    if entry.request or attempt is None or attempt.training != key:
        return False
    return attempt.turn == ("", entry.commit) and entry.reason in _PASSED_OVER


def _has_newer(world, entry):
    """Whether a commit after it could be trained."""
    inputs = world.inputs()
    place = [each.id for each in inputs].index(entry.commit)
    return any(each.state is CommitState.FINISHED for each in inputs[place + 1 :])


def _find_haste(world, entry, commit):
    seconds = world.training.spec.starting_deadline_seconds
    if commit.finished is None or seconds is None:
        return "expired, and it had no time"
    waited = (entry.time - commit.finished).total_seconds()
    return "" if waited >= seconds else f"expired after {waited:.0f} s"


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


def find_untold(world):
    """The TFJobs that have run for a while, and that the status does not name."""
    if world.training is None or not world.orderly:
        return []
    active = world.training.status.get("active") or []
    told = {each["tfjob"]: each["run"] for each in active}
    ever = world.kubernetes.ever
    return [name for name in world.reaching() if told.get(name) != ever[name]]
