"""Rungs about what comes next: a requested run, the waiting commits, a retraining."""

from collections.abc import Sequence
from datetime import datetime

from mnist_operator import data_gate, lanes, turns
from mnist_operator.attempts import left_open
from mnist_operator.commits import Commit, CommitState
from mnist_operator.decisions import (
    SUPERSEDED,
    Decision,
    Entry,
    is_release,
    retrain_request,
    skip_of,
)
from mnist_operator.plan import (
    Action,
    Observed,
    OpenAttempt,
    Plan,
    Record,
    Request,
    Story,
    Task,
)
from mnist_operator.quiet import OPEN_TOO_LONG
from mnist_operator.status import Reason

__all__ = ["answer_request", "retrain", "start_next"]


def answer_request(observed: Observed, now: datetime) -> Plan | None:
    """A run by hand comes before the queue; one that cannot be is recorded."""
    request = observed.request
    if request is None or _is_under_way(observed, request):
        return None
    commit = request.commit
    if commit is None or commit.state is CommitState.ERRORED:
        return _refuse(observed, request, now)
    if observed.training.spec.suspend:
        return None
    if commit.state is not CommitState.FINISHED:
        return left_open(commit, now)
    task = Task(commit, request.text)
    if lanes.free_slot(observed, task) is None:
        return None
    older = _before_request(observed, commit)
    return _pass_over(observed, older, commit, now) or _open(observed, task)


def _before_request(observed: Observed, commit: Commit) -> Sequence[Commit]:
    """The commits that a run by hand takes the place of, if its own waits as well.

    Else one of them would be the newest that waits, once that run is over.
    """
    waiting = [each.id for each in observed.source.waiting]
    if commit.id not in waiting or not turns.is_latest_only(observed.training.spec):
        return ()
    return observed.source.waiting[: waiting.index(commit.id)]


def _is_under_way(observed: Observed, request: Request) -> bool:
    return any(each.request == request.text for each in lanes.live(observed))


def _refuse(observed: Observed, request: Request, now: datetime) -> Plan:
    place = observed.training.spec.input
    asked = request.asked[:64]  # Anybody may write anything into an annotation.
    what = f"input commit {asked}" if asked else "a finished commit"
    text = request.text[:100]
    why = "was released" if is_release(text) else f"was requested at {text}"
    message = (
        f"The run that {why} needs {what} in"
        f" {place.project}/{place.repo}, and there is none that could be trained."
    )
    entry = Entry(
        now,
        Decision.SKIPPED,
        asked,
        "RequestRefused",
        message,
        spec=observed.spec_digest,
        request=request.text,
    )
    return _do(Record((entry,)), Reason.STARTING, "Recording why no run was started.")


def start_next(observed: Observed, now: datetime) -> Plan | None:
    """The waiting commits, as far as nothing holds them and a slot is free.

    Also while one is still being finished: staging is then ready when the data is,
    and only the TFJob remains to be created.
    """
    gate = turns.find_gate(observed, now)
    if gate is not None:
        return gate
    newest = _newest_that_supersedes(observed)
    passed = _overtake(observed, newest, now) or _pass_over(
        observed, observed.source.waiting, newest, now
    )
    if passed is not None:
        return passed
    for commit in turns.candidates(observed):
        if turns.is_held_back(observed, commit, now):
            continue
        plan = _open_or_wait(observed, commit, now)
        if plan is not None:
            return plan
    return None


def _pass_over(
    observed: Observed, commits: Sequence[Commit], newest: Commit | None, now: datetime
) -> Plan | None:
    """The oldest commits, when newer ones took their place, or their time is over."""
    entries: list[Entry] = []
    under_way = {each.commit for each in lanes.live(observed) if not each.request}
    for commit in commits:
        if newest is not None and commit.id == newest.id:
            newest = None  # Those after it are not superseded.
        if commit.id in under_way or commit.state is CommitState.ERRORED:
            break
        if newest is not None:
            entries.append(_superseded(observed, commit, newest, now))
        elif turns.is_expired(observed, commit, now):
            seconds = observed.training.spec.starting_deadline_seconds
            message = f"Its turn did not come within {seconds} seconds."
            entries.append(_skipped(observed, commit.id, "Expired", message, now))
        else:
            break
    if not entries:
        return None
    message = "Recording which commits were passed over."
    return _do(Record(tuple(entries)), Reason.TRAINING, message)


def _overtake(observed: Observed, newest: Commit | None, now: datetime) -> Plan | None:
    """The commits that spec.dataGate holds, when a newer one takes their place."""
    if newest is None or not observed.ledger.held:
        return None
    message = f"Input commit {newest.id} took its place, while it was held."
    entries = [
        _skipped(observed, each, SUPERSEDED, message, now)
        for each in observed.ledger.held
    ]
    message = "Recording which commits were passed over."
    return _do(Record(tuple(entries)), Reason.TRAINING, message)


def _newest_that_supersedes(observed: Observed) -> Commit | None:
    latest_only = turns.is_latest_only(observed.training.spec)
    return turns.newest_finished(observed) if latest_only else None


def _superseded(
    observed: Observed, commit: Commit, newest: Commit, now: datetime
) -> Entry:
    message = f"Input commit {newest.id} took its place."
    for attempt in observed.attempts:
        if attempt.commit == commit.id and lanes.was_stopped(attempt):
            stopped = f"{message} Attempt {attempt.number} was stopped for it."
            return skip_of(attempt, SUPERSEDED, stopped, now=now)
    return _skipped(observed, commit.id, SUPERSEDED, message, now)


def _skipped(
    observed: Observed, commit: str, reason: str, message: str, now: datetime
) -> Entry:
    spec = observed.spec_digest
    return Entry(now, Decision.SKIPPED, commit, reason, message, spec=spec)


def _open_or_wait(observed: Observed, commit: Commit, now: datetime) -> Plan | None:
    task, is_gated = Task(commit), data_gate.is_on(observed)
    slot = lanes.free_slot(observed, task)
    if slot is None and not (is_gated and _may_replace(observed, commit)):
        return None
    if commit.state is CommitState.OPEN and now - commit.started >= OPEN_TOO_LONG:
        return left_open(commit, now)  # It may stay so: hold nothing ready for it.
    if not is_gated:
        return _open(observed, task)
    if commit.state is not CommitState.FINISHED:
        return left_open(commit, now)
    found = data_gate.pass_gate(observed, commit, now)
    if found is None or isinstance(found, Plan):
        return found
    return _open(observed, task)


def _may_replace(observed: Observed, commit: Commit) -> bool:
    """Whether a run under way is to be stopped for it, once it is through the gate."""
    replaces = observed.training.spec.concurrency_policy == "Replace"
    return replaces and all(each.commit != commit.id for each in lanes.live(observed))


def retrain(observed: Observed, _now: datetime) -> Plan | None:
    """The trainer is another than the newest run's: train that commit once more."""
    wanted = observed.training.spec.on_spec_change == "RetrainLatest"
    if not wanted or observed.ledger.newest is None:
        return None
    if observed.source.waiting or not turns.may_start(observed):
        return None
    commit, digest = observed.latest, observed.spec_digest
    if commit is None or (commit.id, digest) in observed.ledger.tried:
        return None
    request = retrain_request(commit.id, digest)
    if request in observed.ledger.requests:
        return None
    return _open(observed, Task(commit, request))


def _open(observed: Observed, task: Task) -> Plan | None:
    slot = lanes.free_slot(observed, task)
    if slot is None:
        return None
    number = lanes.next_number(observed, task)
    message = f"Preparing attempt {number} for input commit {task.commit.id}."
    beginning, trial = lanes.beginning(observed, task), lanes.trial_of(observed)
    gate = data_gate.find_for(observed, task)
    action = OpenAttempt(task, number, slot, beginning, gate, trial)
    return _do(action, Reason.STARTING, message)


def _do(action: Action, reason: Reason, message: str) -> Plan:
    return Plan(Story(reason, message, reconciling=True), (action,))
