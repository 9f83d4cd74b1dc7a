"""Whose turn it is: which waiting commits may be trained now, and what holds them.

The trigger's policies are here and nowhere else. Each is a question about what was
observed; none remembers anything.
"""

from datetime import datetime, timedelta

from mnist_operator import data_gate, lanes, standing
from mnist_operator.commits import Commit, CommitState
from mnist_operator.contents import NOTHING
from mnist_operator.decisions import SUPERSEDED, Decision
from mnist_operator.plan import Observed, Plan, Story
from mnist_operator.quiet import quiet_at, started_at_latest
from mnist_operator.resource import Spec
from mnist_operator.runs import Attempt
from mnist_operator.status import Reason

__all__ = [
    "candidates",
    "compared",
    "find_gate",
    "find_successor",
    "is_expired",
    "is_held_back",
    "is_latest_only",
    "is_stopped",
    "is_unchanged",
    "may_start",
    "newest_finished",
]

_REASON_LIMIT = 400
"""So that what is to be done is still read behind it."""


def is_latest_only(spec: Spec) -> bool:
    """Whether a newer commit takes the place of those that wait before it."""
    return spec.trigger.mode == "LatestOnly" or spec.concurrency_policy == "Replace"


def newest_finished(observed: Observed) -> Commit | None:
    """The newest waiting commit that can be trained."""
    waiting = reversed(observed.source.waiting)
    return next((c for c in waiting if c.state is CommitState.FINISHED), None)


def candidates(observed: Observed) -> tuple[Commit, ...]:
    """The commits that may be under way now, oldest first.

    One that is still being written is among them: what it needs can be prepared.
    """
    spec, source = observed.training.spec, observed.source
    if source.first is None:
        return ()
    if not is_latest_only(spec):
        window = source.waiting[: lanes.parallel(spec)]
        return tuple(c for c in window if c.state is not CommitState.ERRORED)
    newest = newest_finished(observed)
    if newest is not None:
        return (newest,)
    last = source.waiting[-1]
    return () if last.state is CommitState.ERRORED else (last,)


def is_unchanged(observed: Observed, commit: Commit) -> bool:
    """Whether training on it would repeat what was done, or is being done.

    It is compared with the newest run under way for a commit before it, else with
    the newest model. Content that never made a model counts as changed, unless the
    filter on paths leaves nothing of it. Nothing is said of a commit that is not
    finished: its content is known while one after it is compared with it, and asked
    for no more as soon as it is given up; so it would be begun again, without end.
    """
    trigger, contents = observed.training.spec.trigger, observed.source.contents
    if trigger.unchanged == "Train" or commit.state is not CommitState.FINISHED:
        return False
    mine, base = contents.get(commit.id), _base(observed, commit)
    if not base:
        return bool(trigger.paths) and mine == NOTHING
    return mine is not None and mine == contents.get(base)


def compared(observed: Observed) -> frozenset[str]:
    """The commits whose content `is_unchanged` would ask for now.

    What a commit that is still being written will be compared with is among them,
    so that nothing but its own content is missing when it is finished.
    """
    trigger = observed.training.spec.trigger
    if trigger.unchanged == "Train":
        return frozenset()
    first = observed.source.first
    asked = {each.id: each for each in candidates(observed)}
    asked |= {first.id: first} if first is not None else {}
    bases = {_base(observed, each) for each in asked.values()} - {""}
    finished = {c.id for c in asked.values() if c.state is CommitState.FINISHED}
    return frozenset(bases | finished) if bases or trigger.paths else frozenset()


def _base(observed: Observed, commit: Commit) -> str:
    under_way = {
        each.commit: each.digest
        for each in lanes.live(observed)
        if not each.request and each.commit != commit.id
    }
    for older in reversed(_before(observed, commit)):
        if older.id in under_way:
            same = under_way[older.id] == observed.spec_digest
            return older.id if same else ""
    model = observed.ledger.published
    same = model is not None and model.spec == observed.spec_digest
    return model.commit if model and same else ""


def _before(observed: Observed, commit: Commit) -> tuple[Commit, ...]:
    waiting = observed.source.waiting
    places = (i for i, each in enumerate(waiting) if each.id == commit.id)
    return waiting[: next(places, 0)]


def is_expired(observed: Observed, commit: Commit, now: datetime) -> bool:
    """Whether its turn came too late."""
    seconds = observed.training.spec.starting_deadline_seconds
    if seconds is None or commit.finished is None:
        return False
    return now > commit.finished + timedelta(seconds=seconds)


def is_held_back(observed: Observed, commit: Commit, now: datetime) -> bool:
    """Whether it is not to be trained, but passed over once its turn has come."""
    return is_expired(observed, commit, now) or is_unchanged(observed, commit)


def find_successor(
    observed: Observed, attempt: Attempt, now: datetime
) -> Commit | None:
    """The newer commit that would be trained instead, if this attempt were not."""
    newest = newest_finished(observed)
    if newest is None or newest.id == attempt.commit or attempt.request:
        return None
    if not lanes.is_wanted(observed, attempt):
        return None
    if find_gate(observed, now) is not None or is_held_back(observed, newest, now):
        return None
    return None if data_gate.is_in_doubt(observed, newest) else newest


def is_stopped(observed: Observed) -> bool:
    """Whether so many failed in a row that the next one would fail as well."""
    training, streak = observed.training, observed.ledger.streak
    limit = training.spec.stop_after_failures
    same = streak.by == f"{training.uid}/{training.generation}"
    return 0 < limit <= streak.count and same


def may_start(observed: Observed, request: str = "") -> bool:
    """Whether a run may be started, or tried again; a request ends a stop."""
    if observed.training.spec.suspend:
        return False
    return bool(request) or not is_stopped(observed)


def find_gate(observed: Observed, now: datetime) -> Plan | None:
    """What holds the queue, if anything does; it says what ends that."""
    if observed.training.spec.suspend:
        return Plan(_suspended(observed))
    if is_stopped(observed):
        return Plan(_stopped(observed))
    if not observed.source.waiting:
        return None
    return _find_noise(observed, now) or _find_shortage(observed)


def _suspended(observed: Observed) -> Story:
    message = f"spec.suspend is true; {_count(observed)}, and none is lost."
    ready = standing.stand(observed).ready
    return Story(Reason.SUSPENDED, message, ready=ready)


def _stopped(observed: Observed) -> Story:
    count = observed.ledger.streak.count
    message = (
        f"spec.stopAfterFailures: {count} commits failed in a row{_last(observed)}."
        " Mend that first (any change of the spec goes on); where the spec was not the"
        f" cause: mnistctl retrain {observed.training.key}. Until then"
        f" {_count(observed)}, and none is lost."
    )
    return Story(Reason.STOPPED_AFTER_FAILURES, message, ready="False", stalled=True)


def _last(observed: Observed) -> str:
    """Why the last one failed, where that is among the decisions that are kept."""
    recent = observed.ledger.recent
    last = next((e for e in recent if e.decision is Decision.FAILED), None)
    if last is None:
        return ""
    said = f"{last.reason}: {last.message}"[:_REASON_LIMIT]
    return f", the last with {said.rstrip('.: ')}"


def _find_noise(observed: Observed, now: datetime) -> Plan | None:
    """Pushes that are too fresh: the branch has to be quiet for a while."""
    seconds = observed.training.spec.trigger.debounce_seconds
    if not seconds or _is_due(observed):
        return None
    quiet = timedelta(seconds=seconds)
    latest = started_at_latest(_queued(observed), quiet)
    ends = quiet_at(observed.source.waiting[-1], quiet)
    ends = ends if latest is None else min(ends, latest)
    if now >= ends:
        return None
    bound = f", or until {latest:%Y-%m-%d %H:%M:%S} UTC at the latest" if latest else ""
    message = (
        f"spec.trigger.debounceSeconds: waiting until the branch was quiet for"
        f" {seconds} seconds{bound}; {_count(observed)}."
    )
    story = Story(Reason.WAITING_FOR_QUIET, message, reconciling=True)
    return Plan(story, look_again_at=ends)


def _is_due(observed: Observed) -> bool:
    """Whether older commits were superseded just now, so that the newest is trained.

    Else what is pushed in between would begin the wait anew, each time.
    """
    last = next(iter(observed.ledger.recent), None)
    if last is None or last.decision is not Decision.SKIPPED:
        return False
    return last.reason == SUPERSEDED and not lanes.live(observed)


def _queued(observed: Observed) -> list[Commit]:
    """Those that wait for their turn, oldest first: no run of theirs is under way."""
    under_way = {each.commit for each in _turns(observed)}
    return [each for each in observed.source.waiting if each.id not in under_way]


def _turns(observed: Observed) -> list[Attempt]:
    return [each for each in lanes.live(observed) if not each.request]


def _find_shortage(observed: Observed) -> Plan | None:
    """Too few commits since the last run."""
    wanted = observed.training.spec.trigger.min_commits
    if wanted == 1:
        return None
    queued = _queued(observed)
    finished = sum(each.state is CommitState.FINISHED for each in queued)
    # Those that were superseded for a run under way are that run's, not the next one's.
    count = finished + (0 if _turns(observed) else observed.ledger.superseded)
    if count >= wanted:
        return None
    message = (
        f"spec.trigger.minCommits: {count} of {wanted} commits are there;"
        " the newest is trained when all are."
    )
    ready = standing.stand(observed).ready
    return Plan(Story(Reason.WAITING_FOR_COMMITS, message, ready=ready))


def _count(observed: Observed) -> str:
    count = observed.source.pending
    return "1 commit waits" if count == 1 else f"{count} commits wait"
