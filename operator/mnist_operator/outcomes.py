"""Rungs about what is under way: follow it, and settle what has come to its end. Pure.

Commits are decided in their order. An attempt whose turn it is not keeps its slot,
with its model or its failure, until all older commits are decided.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from mnist_operator import lanes, places, turns
from mnist_operator.attempts import follow_attempt
from mnist_operator.commits import Commit, CommitState
from mnist_operator.contents import NOTHING
from mnist_operator.decisions import (
    BLANK,
    SUPERSEDED,
    Decision,
    Entry,
    failure_of,
    skip_of,
)
from mnist_operator.plan import (
    Action,
    Observed,
    OpenAttempt,
    Plan,
    Publish,
    Record,
    Story,
    Task,
)
from mnist_operator.runs import Attempt, Outcome, Verdict, digest
from mnist_operator.status import Reason

__all__ = ["follow", "publish", "retry", "retry_at", "skip"]

_BUSY_GLANCE = timedelta(seconds=5)
_LONGEST_BACKOFF_SECONDS = 3600
_JITTER = 0.25
"""Part of the backoff that is added at most: a thousand runs that a lost node took
with it do not come back in the same second."""


def follow(observed: Observed, now: datetime) -> Plan | None:
    """Each open attempt's next step; what any of them needs done comes first."""
    open_ones = [each for each in lanes.live(observed) if each.is_open]
    plans = [follow_attempt(observed, each, now) for each in open_ones]
    heard = [plan for plan in plans if plan is not None]
    acting = next((plan for plan in heard if plan.actions), None)
    if acting is not None or not heard:
        return acting
    times = [p.look_again_at for p in heard if p.look_again_at is not None]
    story = heard[0].story
    if len(heard) > 1:
        message = f"{story.message} {len(heard) - 1} more under way."
        story = replace(story, message=message)
    return Plan(story, look_again_at=min(times, default=None))


def publish(observed: Observed, now: datetime) -> Plan | None:
    """Publish the model whose turn it is."""
    attempt = _next_ended(observed, Verdict.SUCCEEDED)
    if attempt is None:
        return None
    holder = observed.output_holder
    if holder is not None:
        branch = places.output_branch(observed.training)
        held = f"Pachyderm still finishes commit {holder.id} on {branch}; then"
        if holder.state is CommitState.OPEN:
            held = f"{holder.held_open(branch)}, and"
        message = f"The output branch is busy: {held} the model is published."
        story = Story(Reason.OUTPUT_BUSY, message, reconciling=True)
        return Plan(story, look_again_at=now + _BUSY_GLANCE)
    message = f"Publishing the model of input commit {attempt.commit}."
    return _do(Publish(attempt), Reason.PUBLISHING, message)


def retry(observed: Observed, now: datetime) -> Plan | None:
    """After a failure: another attempt when its time has come, or the record."""
    waiting: list[Plan] = []
    for attempt in lanes.live(observed):
        if attempt.outcome is None or attempt.outcome.verdict is not Verdict.FAILED:
            continue
        plan = _after_failure(observed, attempt, attempt.outcome, now)
        if plan is not None and plan.actions:
            return plan
        waiting += [plan] if plan is not None else []
    return min(waiting, key=lambda plan: plan.look_again_at or now, default=None)


def _after_failure(
    observed: Observed, attempt: Attempt, outcome: Outcome, now: datetime
) -> Plan | None:
    if not lanes.may_retry(observed, attempt):
        return _record_failure(observed, attempt, outcome, now)
    if not turns.may_start(observed, attempt.request):
        return None
    latest_only = turns.is_latest_only(observed.training.spec)
    newer = turns.find_successor(observed, attempt, now) if latest_only else None
    if newer is not None:
        message = f"Attempt {attempt.number} failed, and {newer.id} takes its place."
        return _supersede(observed, attempt, message, now)
    at = retry_at(observed, attempt)
    limit = observed.training.spec.attempts.limit
    message = (
        f"Attempt {attempt.number} of {limit} for {attempt.commit} failed:"
        f" {outcome.reason}: {outcome.message} Next attempt at {at:%H:%M:%S} UTC."
    )
    if now < at or not lanes.has_room(observed):
        story = Story(Reason.RETRYING, message, reconciling=True)
        return Plan(story, look_again_at=at if now < at else None)
    commit = observed.inputs.get(attempt.commit)
    if commit is None:
        gone = Outcome(Verdict.FAILED, "InputGone", "Its input commit is gone.")
        return _record_failure(observed, attempt, gone, now)
    task = Task(commit, attempt.request)
    beginning, trial = lanes.beginning(observed, task), lanes.trial_of(observed)
    number, slot = attempt.number + 1, attempt.slot
    action = OpenAttempt(task, number, slot, beginning, attempt.gate, trial)
    return _do(action, Reason.RETRYING, message)


def retry_at(observed: Observed, attempt: Attempt) -> datetime:
    """When the attempt after this one may start.

    The backoff doubles each time. Its jitter follows from the attempt's ID: whoever
    asks gets the same answer.
    """
    base = observed.training.spec.attempts.backoff_seconds
    seconds = min(base * 2 ** (attempt.number - 1), _LONGEST_BACKOFF_SECONDS)
    share = int(digest(attempt.staging)[:8], 16) / 0xFFFFFFFF
    wait = timedelta(seconds=seconds * (1 + _JITTER * share))
    return (attempt.closed or attempt.opened) + wait


def skip(observed: Observed, now: datetime) -> Plan | None:
    """The oldest commit, when it cannot be trained or need not be: say so."""
    source = observed.source
    oldest = source.gone or (source.first.id if source.first else "")
    held = {each.commit for each in lanes.live(observed) if not each.request}
    if not oldest or oldest in held:
        return None
    found = _find_skip(observed)
    if found is None:
        return None
    reason, message = found
    spec = observed.spec_digest
    entry = Entry(now, Decision.SKIPPED, oldest, reason, message, spec=spec)
    return _do(Record((entry,)), Reason.TRAINING, f"Recording why {oldest} is skipped.")


def _find_skip(observed: Observed) -> tuple[str, str] | None:
    first = observed.source.first
    if first is None:
        return "InputGone", "The commit was squashed or dropped."
    if first.state is CommitState.ERRORED:
        return "InputErrored", f"Finished with an error: {first.error}"
    if first.is_blank:
        return BLANK, "Pachyderm made it with the branch; nothing was pushed yet."
    return (
        _say_unchanged(observed, first) if turns.is_unchanged(observed, first) else None
    )


def _say_unchanged(observed: Observed, first: Commit) -> tuple[str, str]:
    model, paths = observed.ledger.published, observed.training.spec.trigger.paths
    made = (
        f"input commit {model.commit}, which made model {model.output}" if model else ""
    )
    if paths:
        names = ", ".join(paths)[:100]
        if observed.source.contents[first.id] == NOTHING:
            return "PathsUnchanged", f"It has no file under {names}."
        return "PathsUnchanged", f"No file under {names} differs from {made}."
    return "ContentUnchanged", f"Its files are those of {made}."


def _record_failure(
    observed: Observed, attempt: Attempt, outcome: Outcome, now: datetime
) -> Plan | None:
    if not lanes.in_turn(observed, attempt):
        return None
    entry = failure_of(attempt, outcome.reason, outcome.message, now=now)
    return _do(Record((entry,)), Reason.TRAINING_FAILED, "Recording the failure.")


def _supersede(
    observed: Observed, attempt: Attempt, message: str, now: datetime
) -> Plan | None:
    if not lanes.in_turn(observed, attempt):
        return None
    entry = skip_of(attempt, SUPERSEDED, message, now=now)
    return _do(Record((entry,)), Reason.TRAINING, "Recording what was superseded.")


def _next_ended(observed: Observed, verdict: Verdict) -> Attempt | None:
    """The oldest attempt that ended so and may be decided now."""
    for attempt in lanes.live(observed):
        ended = attempt.outcome is not None and attempt.outcome.verdict is verdict
        if ended and lanes.in_turn(observed, attempt):
            return attempt
    return None


def _do(action: Action, reason: Reason, message: str) -> Plan:
    return Plan(Story(reason, message, reconciling=True), (action,))
