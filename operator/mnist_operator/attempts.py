"""What becomes of an open attempt: create its job, wait for it, or close it.

Which failures are worth another attempt is decided here and nowhere else:

==============================  ============  =================================
what happened                   another try   reason in the record
==============================  ============  =================================
exit code 1 to 127              no            the trainer's own, or TrainerFailed
... listed as retryable         yes           the same
exit code 128 to 255            yes           the same, or TrainerKilled
pod lost, evicted or deleted    yes           PodLost
TFJob deleted or gone           yes           JobLost
longer than the run deadline    no            DeadlineExceeded
no pod running in time          yes           StartupDeadlineExceeded
success without a manifest      no            OutputInvalid (by the publisher)
==============================  ============  =================================
"""

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from mnist_operator.commits import Commit, CommitState
from mnist_operator.plan import (
    Action,
    CloseAttempt,
    CreateJob,
    DeleteJob,
    Observed,
    Plan,
    Story,
)
from mnist_operator.runs import Attempt, Outcome, Verdict, job_name
from mnist_operator.status import Reason
from mnist_operator.tfjob import Job, JobPhase

__all__ = ["OPEN_TOO_LONG", "follow_attempt", "left_open", "read_failure"]

OPEN_TOO_LONG = timedelta(minutes=10)
"""After this an open head is called left open: no upload takes so long here."""
_GLANCE = timedelta(seconds=10)
"""While a pod starts, its troubles change without an event on the TFJob."""
_LAST_PERMANENT_CODE = 127
_KILLED_OFFSET = 128


def follow_attempt(observed: Observed, now: datetime) -> Plan | None:
    """The next step of the open attempt; None when there is none to take."""
    attempt = observed.attempt
    if attempt is None or not attempt.is_open:
        return None
    if attempt.commit in observed.ledger.decided:
        return _abandon(attempt, "AlreadyDecided", "Its commit has been decided.")
    if attempt.uid != observed.training.uid:
        return _abandon(attempt, "Recreated", "The MnistTraining was created anew.")
    job = observed.jobs.get(job_name(observed.training.name, attempt.staging))
    if job is None:
        return _without_job(observed, attempt, now)
    if job.owner_uid != attempt.uid or job.staging != attempt.staging:
        return _abandon(attempt, "NameTaken", "A TFJob of that name is not ours.")
    return _with_job(observed, attempt, job, now)


def _without_job(observed: Observed, attempt: Attempt, now: datetime) -> Plan | None:
    name = job_name(observed.training.name, attempt.staging)
    if name in observed.created:
        message = f"TFJob {name} is gone, and it had not ended."
        return _fail(
            attempt, Outcome(Verdict.FAILED, "JobLost", message, retryable=True)
        )
    plan = _unwanted(observed, attempt)
    commit = observed.input_commit
    if plan is not None or commit is None:
        return plan
    if observed.training.spec.suspend:
        return None
    if commit.state is CommitState.FINISHED:
        message = f"Creating TFJob {name} for input commit {commit.id}."
        return Plan(_busy(Reason.STARTING, message), (CreateJob(attempt),))
    return left_open(commit, now)


def _unwanted(observed: Observed, attempt: Attempt) -> Plan | None:
    """Whether an attempt that was prepared is still the one to start."""
    commit, first = observed.input_commit, observed.source.first
    if commit is None or commit.state is CommitState.ERRORED:
        return _abandon(attempt, "InputGone", "Its input commit cannot be used.")
    if first is None or first.id != attempt.commit:
        return _abandon(attempt, "NotNext", "Another commit comes first now.")
    if attempt.digest != observed.spec_digest:
        return _abandon(attempt, "SpecChanged", "The spec changed before its start.")
    return None


def left_open(commit: Commit, now: datetime) -> Plan:
    """Wait for a head to be finished; after a while, say whose turn it is."""
    too_long = now - commit.started >= OPEN_TOO_LONG
    if commit.state is CommitState.OPEN and too_long:
        message = (
            f"Input commit {commit.id} has been open since"
            f" {commit.started:%Y-%m-%d %H:%M} UTC: finish it or drop it."
        )
        story = _busy(Reason.WAITING_FOR_COMMIT, message)
        return Plan(replace(story, event=Reason.COMMIT_LEFT_OPEN))
    message = f"Waiting for input commit {commit.id} to be finished."
    again = None if too_long else commit.started + OPEN_TOO_LONG
    return Plan(_busy(Reason.WAITING_FOR_COMMIT, message), look_again_at=again)


def _with_job(observed: Observed, attempt: Attempt, job: Job, now: datetime) -> Plan:
    spec = observed.training.spec
    if job.phase is JobPhase.SUCCEEDED:
        return _close(attempt, Outcome(Verdict.SUCCEEDED), job)
    if job.phase is JobPhase.FAILED:
        outcome = read_failure(job, spec.attempts.retryable_exit_codes)
        return _close(attempt, outcome, job)
    if job.deleting:
        message = f"TFJob {job.name} was deleted before it ended."
        return _close(
            attempt, Outcome(Verdict.FAILED, "JobLost", message, retryable=True), job
        )
    ends = job.created + timedelta(seconds=spec.active_deadline_seconds)
    if now >= ends:
        message = f"Longer than activeDeadlineSeconds: {spec.active_deadline_seconds}."
        return _stop(attempt, Outcome(Verdict.FAILED, "DeadlineExceeded", message), job)
    if job.phase is JobPhase.RUNNING:
        message = f"TFJob {job.name} trains on input commit {attempt.commit}."
        return Plan(_busy(Reason.TRAINING, message), look_again_at=ends)
    return _starting(observed, attempt, job, now)


def _starting(observed: Observed, attempt: Attempt, job: Job, now: datetime) -> Plan:
    seconds = observed.training.spec.startup_deadline_seconds
    ends = job.created + timedelta(seconds=seconds)
    if now >= ends:
        message = f"No pod ran within startupDeadlineSeconds: {seconds}. {job.message}"
        outcome = Outcome(
            Verdict.FAILED,
            "StartupDeadlineExceeded",
            message.strip(),
            retryable=True,
        )
        return _stop(attempt, outcome, job)
    message = f"TFJob {job.name} starts. {job.message}".strip()
    again = min(now + _GLANCE, ends)
    return Plan(_busy(Reason.STARTING, message), look_again_at=again)


def read_failure(job: Job, retryable_codes: Collection[int]) -> Outcome:
    """What a failed TFJob says about itself, and whether to try again."""
    reason, message = _last_words(job.last_words)
    code = job.exit_code
    if code is None or code == 0:
        text = job.message or "The pod ended without an exit code."
        return Outcome(Verdict.FAILED, "PodLost", text, retryable=True)
    killed = code > _LAST_PERMANENT_CODE
    default = "TrainerKilled" if killed else "TrainerFailed"
    said = " ".join(filter(None, (_cause(job), message))) if message else job.message
    text = f"Exit code {code}{_signal(code)}. {said}".strip()
    retryable = killed or code in retryable_codes
    return Outcome(Verdict.FAILED, reason or default, text, retryable, code)


def _cause(job: Job) -> str:
    """Kubernetes' own word for why the container ended, when it has one: Evicted."""
    reason, _, detail = job.message.partition(": ")
    if reason in {"", "Error"}:
        return ""
    cause = reason if detail == job.last_words else job.message
    return f"{cause.rstrip('.')}."


def _signal(code: int) -> str:
    """Name the two signals that everybody asks about."""
    names = {9: " (killed, often for memory)", 15: " (terminated)"}
    return names.get(code - _KILLED_OFFSET, "")


def _last_words(text: str) -> tuple[str, str]:
    """The trainer's own reason and message; else the tail of what it said."""
    try:
        value = json.loads(text.splitlines()[-1]) if text else {}
        return str(value["reason"])[:64], str(value["message"])
    except (ValueError, KeyError, TypeError):
        return "", " ".join(text.split())[-300:]


def _abandon(attempt: Attempt, reason: str, message: str) -> Plan:
    return _close(attempt, Outcome(Verdict.ABANDONED, reason, message), None)


def _fail(attempt: Attempt, outcome: Outcome) -> Plan:
    return _close(attempt, outcome, None)


def _close(attempt: Attempt, outcome: Outcome, job: Job | None) -> Plan:
    action: Action = CloseAttempt(attempt, outcome, job)
    message = f"Closing attempt {attempt.number} for {attempt.commit}."
    return Plan(_busy(Reason.TRAINING, message), (action,))


def _stop(attempt: Attempt, outcome: Outcome, job: Job) -> Plan:
    """Fence first, then delete: what still runs can reach nothing."""
    plan = _close(attempt, outcome, job)
    return Plan(plan.story, (*plan.actions, DeleteJob(job.name)))


def _busy(reason: Reason, message: str) -> Story:
    return Story(reason, message, reconciling=True)
