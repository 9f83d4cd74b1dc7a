"""The one decision: what is to be done, given what was observed and the time.

A ladder of rungs in the order of a commit's life. The first rung that has
something to say decides; the engine carries it out, looks again, and climbs the
ladder from the bottom. No rung remembers anything, so a crash between any two
actions is just another observation:

======================  ======================================================
observed                decided
======================  ======================================================
a model not in ledger   record it
our own stray head      give it up
a TFJob without fence   delete it
no starting point       record one
attempt open            create its job, wait for it, or close it
attempt closed, good    publish it
attempt closed, failed  next attempt after its backoff, or record the failure
a commit is waiting     skip it (errored, gone), or open an attempt for it
nothing                 wait
======================  ======================================================
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from mnist_operator import beginnings
from mnist_operator.attempts import OPEN_TOO_LONG, follow_attempt, left_open
from mnist_operator.commits import Commit, CommitState
from mnist_operator.ledger import Decision, Entry, failure_of
from mnist_operator.plan import (
    Action,
    DeleteJob,
    GiveUp,
    Observed,
    OpenAttempt,
    Plan,
    Publish,
    Record,
    Story,
)
from mnist_operator.runs import Attempt, Outcome, Verdict
from mnist_operator.status import Reason

__all__ = ["reconcile", "retry_at"]

Rung = Callable[[Observed, datetime], Plan | None]


def reconcile(observed: Observed, *, now: datetime) -> Plan:
    """Decide the next step of one training."""
    for rung in _LADDER:
        plan = rung(observed, now)
        if plan is not None:
            return plan
    return _idle(observed)


def _record_models(observed: Observed, _now: datetime) -> Plan | None:
    """The output branch is the truth: write down what the ledger lacks."""
    if not observed.unrecorded:
        return None
    return _do(Record(observed.unrecorded), Reason.PUBLISHING, "Recording the model.")


def _give_up_orphan(observed: Observed, _now: datetime) -> Plan | None:
    """Whoever reads the output branch must not meet an empty commit."""
    if not observed.orphan:
        return None
    message = f"Giving up output commit {observed.orphan}: its run has been decided."
    return _do(GiveUp(observed.orphan), Reason.PUBLISHING, message)


def _delete_strays(observed: Observed, _now: datetime) -> Plan | None:
    """A job whose attempt is not the open one can reach nothing any more."""
    attempt = observed.attempt
    own = attempt.staging if attempt and attempt.is_open else ""
    strays = [
        job
        for job in observed.jobs.values()
        if job.staging not in {own, ""} and not job.is_terminal and not job.deleting
    ]
    if not strays:
        return None
    actions = tuple(DeleteJob(job.name) for job in strays)
    return Plan(_busy(Reason.TRAINING, "Deleting a TFJob that was given up."), actions)


def _publish(observed: Observed, now: datetime) -> Plan | None:
    attempt = _ended(observed, Verdict.SUCCEEDED)
    if attempt is None:
        return None
    if observed.output_holder:
        message = (
            f"Commit {observed.output_holder} on the output branch is held open by"
            " somebody else; finish it, and the model is published."
        )
        story = _busy(Reason.OUTPUT_BUSY, message)
        return Plan(story, look_again_at=now + timedelta(seconds=5))
    message = f"Publishing the model of input commit {attempt.commit}."
    return _do(Publish(attempt), Reason.PUBLISHING, message)


def _retry(observed: Observed, now: datetime) -> Plan | None:
    """After a failure: another attempt when its time has come, or the record."""
    attempt = _ended(observed, Verdict.FAILED)
    if attempt is None or attempt.outcome is None:
        return None
    outcome, limit = attempt.outcome, observed.training.spec.attempts.limit
    first = observed.source.first
    if not outcome.retryable or attempt.number >= limit:
        return _record_failure(attempt, now)
    if first is None or first.id != attempt.commit:
        return None  # The branch moved away from this commit: nobody asks for it.
    at = retry_at(observed, attempt)
    message = (
        f"Attempt {attempt.number} of {limit} for {attempt.commit} failed:"
        f" {outcome.reason}: {outcome.message} Next attempt at {at:%H:%M:%S} UTC."
    )
    if observed.training.spec.suspend:
        return None
    if now < at:
        return Plan(_busy(Reason.RETRYING, message), look_again_at=at)
    return _do(OpenAttempt(first, attempt.number + 1), Reason.RETRYING, message)


def retry_at(observed: Observed, attempt: Attempt) -> datetime:
    """When the attempt after this one may start: the backoff doubles each time."""
    base = observed.training.spec.attempts.backoff_seconds
    seconds = min(base * 2 ** (attempt.number - 1), 3600)
    return (attempt.closed or attempt.opened) + timedelta(seconds=seconds)


def _record_failure(attempt: Attempt, now: datetime) -> Plan:
    outcome = attempt.outcome or Outcome(Verdict.FAILED)
    entry = failure_of(attempt, outcome.reason, outcome.message, now=now)
    return _do(Record((entry,)), Reason.TRAINING_FAILED, "Recording the failure.")


def _skip(observed: Observed, now: datetime) -> Plan | None:
    """A commit that cannot be trained is recorded, not passed over in silence."""
    first, gone = observed.source.first, observed.source.gone
    if gone:
        reason, message = "InputGone", "The commit was squashed or dropped."
        commit = gone
    elif first is not None and first.state is CommitState.ERRORED:
        reason, message = "InputErrored", f"Finished with an error: {first.error}"
        commit = first.id
    else:
        return None
    entry = Entry(
        time=now,
        decision=Decision.SKIPPED,
        commit=commit,
        reason=reason,
        message=message,
    )
    return _do(Record((entry,)), Reason.TRAINING, f"Recording why {commit} is skipped.")


def _suspended(observed: Observed, _now: datetime) -> Plan | None:
    if not observed.training.spec.suspend:
        return None
    count = observed.source.pending
    waiting = "1 commit waits" if count == 1 else f"{count} commits wait"
    message = f"spec.suspend is true; {waiting}, and none is lost."
    return Plan(Story(Reason.SUSPENDED, message, ready=_idle(observed).story.ready))


def _start(observed: Observed, now: datetime) -> Plan | None:
    """Open an attempt for the oldest waiting commit.

    Also while it is still being finished: staging is then ready when the data is,
    and only the TFJob remains to be created.
    """
    first = observed.source.first
    if first is None:
        return None
    number = _next_number(observed, first)
    message = f"Preparing attempt {number} for input commit {first.id}."
    if first.state is CommitState.OPEN and now - first.started >= OPEN_TOO_LONG:
        return left_open(first, now)  # It may stay so: hold nothing ready for it.
    return _do(OpenAttempt(first, number), Reason.STARTING, message)


def _next_number(observed: Observed, commit: Commit) -> int:
    """An attempt that was given up did not count, a failed one did."""
    last = observed.attempt
    if last is None or last.commit != commit.id or last.outcome is None:
        return 1
    return last.number + (last.outcome.verdict is Verdict.FAILED)


def _idle(observed: Observed) -> Plan:
    last = observed.ledger.recent[0] if observed.ledger.recent else None
    place = observed.training.spec.input
    if not observed.source.repo_exists:
        message = f"There is no repo {place.project}/{place.repo}: create it and push."
        return Plan(Story(Reason.WAITING_FOR_DATA, message))
    if last is None:
        message = "Waiting for the first commit on the input branch."
        return Plan(Story(Reason.WAITING_FOR_DATA, message))
    if last.decision is Decision.FAILED:
        message = f"Input commit {last.commit}: {last.reason}: {last.message}"
        return Plan(Story(Reason.TRAINING_FAILED, message, ready="False"))
    message = f"Every commit is decided, the last one: {last.commit}."
    return Plan(Story(Reason.UP_TO_DATE, message, ready="True"))


def _ended(observed: Observed, verdict: Verdict) -> Attempt | None:
    """The newest attempt, when it ended so and its commit is not decided yet."""
    attempt = observed.attempt
    if attempt is None or attempt.outcome is None:
        return None
    if attempt.outcome.verdict is not verdict:
        return None
    return None if attempt.commit in observed.ledger.decided else attempt


def _busy(reason: Reason, message: str) -> Story:
    return Story(reason, message, reconciling=True)


def _do(action: Action, reason: Reason, message: str) -> Plan:
    return Plan(_busy(reason, message), (action,))


_LADDER: Sequence[Rung] = (
    _record_models,
    _give_up_orphan,
    _delete_strays,
    beginnings.find_start,
    follow_attempt,
    _publish,
    _retry,
    _skip,
    _suspended,
    _start,
)
