"""What an operator must not begin, and for how long nothing may run.

Only where that is certain: of one operator that sees things as they are, and of a
spec that has been as it is for a while.
"""

from math import inf

from mnist_operator import runs
from mnist_operator.commits import CommitState
from mnist_operator.decisions import is_own_request, retrain_request
from mnist_operator.tfjob import RUN_LABEL
from simulation.promptness import find_lateness
from simulation.records import find_tried
from simulation.trainers import variables
from unit.builders import IMAGE
from unit.model_kubernetes import pod_spec_of

__all__ = ["find_excess"]

_BUCKETS = ("INPUT_BUCKET", "OUTPUT_BUCKET")
_SETTLED_SECONDS = 10.0
"""A spec is known to all that long after it was changed."""
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
    found = _misleads(world, attempt, source, body)
    known = world.loop.now - world.changed_at > _SETTLED_SECONDS
    if found or not (world.orderly and known and world.training is not None):
        return found
    spec = world.training.spec
    found = (
        _exceeds(world, attempt, spec)
        or _hurries(world, attempt, staging, spec)
        or _departs(world, attempt, staging, body)
        or find_lateness(world, attempt, spec)
    )
    since = (world.turns.now - attempt.opened).total_seconds() + _SETTLED_SECONDS
    if found or attempt.request or world.loop.now - world.changed_at < since:
        return found
    return _holds(world, attempt, source, spec)


def _misleads(world, attempt, source, body):
    """What is wrong with it whatever the spec says."""
    now, told = world.loop.now, variables(body)
    read, written = (told[name].partition(".")[0] for name in _BUCKETS)
    gone = world.pachyderm.gone.get(attempt.commit, now)
    found = {
        "reads another commit": read != attempt.commit,
        "writes into another commit": written != attempt.staging,
        f"is created for a commit that is {source and source.state}": source is not None
        and source.state is not CommitState.FINISHED,
        "is created for a commit that is gone": world.orderly
        and now - gone > _SETTLED_SECONDS,
        "is created for nobody": world.orderly
        and world.training is None
        and now - world.gone_at > _SETTLED_SECONDS,
    }
    wrong = next((words for words, is_so in found.items() if is_so), "")
    return wrong and f"a TFJob {wrong}"


def _holds(world, attempt, source, spec):
    """What was to hold a commit in its turn: a quiet branch, others, or failures."""
    ledger = world.ledger()
    if attempt.number == 1 and source is not None and not world.rewritten:
        ended = source.finishing or source.finished
        quiet, wanted = (attempt.opened - ended).total_seconds(), _quiet(spec)
        noise = _find_noise(world, attempt, wanted)
        if noise or 0 <= quiet < wanted:
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


def _quiet(spec):
    """So long the branch has to be quiet; nothing where a look may take as long."""
    seconds = spec.trigger.debounce_seconds
    return seconds if seconds > _SETTLED_SECONDS else 0


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


def _hurries(world, attempt, staging, spec):
    """An attempt that follows another at once, or a commit whose time was over."""
    before = world.pachyderm.commits.get(staging.parent)
    last = runs.read_attempt(before) if before is not None else None
    since = (world.turns.now - attempt.opened).total_seconds()
    if world.loop.now - world.changed_at < since + _BACKOFF_SECONDS:
        return ""
    follows = last is not None and attempt.number > 1 and last.turn == attempt.turn
    end = last.outcome if follows else None
    if end is not None and end.verdict is runs.Verdict.FAILED and not end.retryable:
        return f"attempt {attempt.number} follows a failure that is final"
    if follows and last.number == attempt.number - 1 and last.closed is not None:
        waited = (attempt.opened - last.closed).total_seconds()
        if waited < spec.attempts.backoff_seconds * 2 ** (last.number - 1):
            return f"attempt {attempt.number} follows after {waited:.1f} s"
    return ""


def _departs(world, attempt, staging, body):
    """What a TFJob does otherwise than the spec of today says."""
    spec = world.training.spec
    if world.digested is None or world.digested[0] is not spec:
        world.digested = spec, world.spec_digest()
    digest = world.digested[1]
    image = pod_spec_of(body)["containers"][0]["image"]
    if attempt.digest != digest or image != (spec.trainer.image or IMAGE):
        return "a TFJob is created for another spec"
    begins = _find_beginning(world, attempt, staging, spec)
    bucket = variables(body).get("WARM_START_BUCKET", "").partition(".")[0]
    if {attempt.begins_from, bucket} != {begins}:
        return f"a run begins from {bucket or 'nothing'}, and not from {begins}"
    return ""


def _find_beginning(world, attempt, staging, spec):
    """The model that an attempt is to begin from: the newest when the first began."""
    if not spec.trainer.warm_start:
        return ""
    before = world.pachyderm.commits.get(staging.parent)
    last = runs.read_attempt(before) if before is not None else None
    again = last is not None and attempt.number > 1 and last.turn == attempt.turn
    if again and last.digest == attempt.digest:
        return last.begins_from
    models = (world.pachyderm.commits[each.commit] for each in world.models())
    there = [c.id for c in models if c.finished and c.finished < attempt.opened]
    return there[-1] if there else ""


def _exceeds(world, attempt, spec):
    found = {
        "a TFJob is created while the training is suspended": spec.suspend,
        "more TFJobs run than may": len(world.reaching()) >= _most(spec),
        "an attempt follows the last one": attempt.number > spec.attempts.limit,
    }
    found |= (_repeats if attempt.request else _overdoes)(world, attempt, spec)
    return next((words for words, is_so in found.items() if is_so), "")


def _overdoes(world, attempt, spec):
    """What is wrong with a run of a commit in its turn."""
    commits, ever = world.pachyderm.commits, world.kubernetes.ever
    order = {each.id: place for place, each in enumerate(world.inputs())}
    beside = [runs.read_attempt(commits[ever[name]]) for name in world.reaching()]
    models = [order.get(each.input_commit, 0) for each in world.models()]
    overtaken = order.get(attempt.commit, inf) < max(models, default=0)
    latest_only = spec.trigger.mode == "LatestOnly" and not world.rewritten
    model, content = world.ledger().published, world.pachyderm.content
    known = model is not None and model.spec == attempt.digest
    # Of one that is gone, who could tell?
    is_there = known and {attempt.commit, model.commit} <= commits.keys()
    same = known and content.get(model.commit) == content.get(attempt.commit)
    # With one under way in between, that is what it is compared with.
    between = known and any(
        order.get(model.commit, 0) < order.get(each.commit, 0) < order[attempt.commit]
        for each in beside
        if attempt.commit in order and not each.request
    )
    plain = spec.trigger.unchanged == "Skip" and not spec.trigger.paths
    again = attempt.number > 1  # Its own life had begun before the run by hand.
    return {
        "a commit is trained, and its files have a model": same
        and plain
        and is_there
        and not (between or again),
        "a TFJob is created for a commit that is decided": attempt.commit
        in world.ledger().decided,
        "a TFJob is created beside a run by hand of its commit": not again
        and attempt.commit
        in [each.commit for each in beside if each.opened < attempt.opened],
        "a commit is trained after a newer one": latest_only and overtaken,
    }


def _repeats(world, attempt, spec):
    """What is wrong with a run that was asked for, by hand or by another spec."""
    ledger, training = world.ledger(), world.training
    named = training.requested_commit
    own = is_own_request(attempt.request)
    asked = attempt.request == training.requested_at and named
    return {
        "a TFJob is created for a request that is answered": attempt.request
        in ledger.requests,
        "a TFJob is created for another commit than was asked for": asked
        and attempt.commit != named,
        "a commit is trained again, and nobody wants that": own
        and spec.on_spec_change != "RetrainLatest",
        "a commit is trained again for another trainer": own
        and attempt.request != retrain_request(attempt.commit, attempt.digest),
        "a commit is trained again by the same trainer": own
        and (attempt.commit, attempt.digest) in find_tried(world),
    }


def _most(spec):
    """As docs/resource.md has it."""
    return spec.max_parallel if spec.concurrency_policy == "Allow" else 1
