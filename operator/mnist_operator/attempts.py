"""What becomes of an open attempt: create its job, wait for it, or close it."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile

from mnist_operator import data_gate, lanes, turns
from mnist_operator.commits import Commit, CommitState
from mnist_operator.decisions import SUPERSEDED
from mnist_operator.failures import (
    exited,
    failed,
    given_up,
    never_started,
    out_of_memory,
)
from mnist_operator.foreign import read_json, table
from mnist_operator.plan import (
    Action,
    CloseAttempt,
    CreateJob,
    DeleteJob,
    Observed,
    Plan,
    Story,
)
from mnist_operator.quiet import OPEN_TOO_LONG
from mnist_operator.runs import Attempt, Outcome, Verdict, job_name
from mnist_operator.status import Reason
from mnist_operator.tfjob import Job, JobPhase

__all__ = ["follow_attempt", "left_open", "read_failure"]

_GLANCE = timedelta(seconds=10)
"""While a pod starts, its troubles change without an event on the TFJob."""
_KILLED_OFFSET = 128
_REASON = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_NO_POD = "is Kubeflow's training operator running?"
_SHORT_SECONDS = 30
"""In less there may be no pod yet, with nothing wrong but the deadline."""


def follow_attempt(observed: Observed, attempt: Attempt, now: datetime) -> Plan | None:
    """The next step of an open attempt; None when there is none to take."""
    if lanes.is_decided(observed, attempt):
        return _give_up(attempt, "AlreadyDecided", "Its commit has been decided.")
    if _has_twin(observed, attempt):
        return _give_up(attempt, lanes.TWIN, "Another attempt for the same was there.")
    job = observed.jobs.get(job_name(observed.training.name, attempt.staging))
    recreated = attempt.uid != observed.training.uid
    if recreated and (job is None or job.owner_uid == attempt.uid):
        # With its owner gone it is being collected; an orphan of it is ours now.
        return _give_up(attempt, "Recreated", "The MnistTraining was created anew.")
    if job is None or (not job.staging and job.owner_uid == observed.training.uid):
        return _without_job(observed, attempt, now)
    owners = {"", observed.training.uid}
    if job.staging != attempt.staging or job.owner_uid not in owners:
        return _give_up(attempt, "NameTaken", "A TFJob of that name is not ours.")
    return _with_job(observed, attempt, job, now)


def _has_twin(observed: Observed, attempt: Attempt) -> bool:
    """Whether the same is under way in another slot, opened before this one.

    Two operators that look at the same time may choose different slots.
    """
    live = lanes.live(observed)
    older = takewhile(lambda each: each.staging != attempt.staging, live)
    return any(each.turn == attempt.turn for each in older)


def _without_job(observed: Observed, attempt: Attempt, now: datetime) -> Plan | None:
    name = job_name(observed.training.name, attempt.staging)
    if name in observed.created:
        message = f"TFJob {name} is gone, or its labels are."
        lost = _close(attempt, failed("JobLost", message))
        # Without its labels it is still there, and nobody looks at it any more.
        return replace(lost, actions=(*lost.actions, DeleteJob(name)))
    plan = _unwanted(observed, attempt)
    commit = observed.inputs.get(attempt.commit)
    if plan is not None or commit is None:
        return plan
    if not turns.may_start(observed, attempt.request):
        return None
    if commit.state is CommitState.FINISHED:
        message = f"Creating TFJob {name} for input commit {commit.id}."
        return Plan(_busy(Reason.STARTING, message), (CreateJob(attempt),))
    return left_open(commit, now)


def _unwanted(observed: Observed, attempt: Attempt) -> Plan | None:
    """Whether an attempt that was prepared is still the one to start."""
    commit = observed.inputs.get(attempt.commit)
    if commit is None or commit.state is CommitState.ERRORED:
        return _give_up(attempt, "InputGone", "Its input commit cannot be used.")
    gated = data_gate.is_on(observed) and attempt.gate is None and not attempt.request
    if attempt.digest != observed.spec_digest or gated:
        return _give_up(attempt, "SpecChanged", "The spec changed before its start.")
    if attempt.request:
        return None
    allowed = {each.id for each in turns.candidates(observed)}
    if attempt.commit not in allowed or _holds_up_request(observed, commit):
        return _give_up(attempt, "NotNext", "Another commit comes first now.")
    if turns.is_unchanged(observed, commit):
        return _give_up(attempt, "Unchanged", "Its content has been trained on.")
    return None


def _holds_up_request(observed: Observed, commit: Commit) -> bool:
    """Whether it waits for its data in a slot where a run by hand could begin."""
    request, held = observed.request, lanes.live(observed)
    if request is None or any(each.request == request.text for each in held):
        return False
    full = len(held) >= lanes.parallel(observed.training.spec)
    states = (commit.state, request.commit.state if request.commit else None)
    return full and states == (CommitState.OPEN, CommitState.FINISHED)


def left_open(commit: Commit, now: datetime) -> Plan:
    """Wait for a head to be finished; after a while, say whose turn it is."""
    too_long = now - commit.started >= OPEN_TOO_LONG
    if commit.state is CommitState.OPEN and too_long:
        message = (
            f"Input commit {commit.id} has been open since"
            f" {commit.started:%Y-%m-%d %H:%M} UTC: {_say_who_ends_it(commit)}."
        )
        story = _busy(Reason.WAITING_FOR_COMMIT, message)
        return Plan(replace(story, event=Reason.COMMIT_LEFT_OPEN))
    message = f"Waiting for input commit {commit.id} to be finished."
    again = None if too_long else commit.started + OPEN_TOO_LONG
    return Plan(_busy(Reason.WAITING_FOR_COMMIT, message), look_again_at=again)


def _say_who_ends_it(commit: Commit) -> str:
    """Nobody but its job may finish a commit that Pachyderm opens for a pipeline."""
    if not commit.provenance:
        return "finish it or drop it"
    repo, source = commit.provenance[0]
    made = f"Pachyderm opened it for commit {source} of {repo}"
    return f"{made}, and the job of the pipeline that fills it must finish it"


def _with_job(observed: Observed, attempt: Attempt, job: Job, now: datetime) -> Plan:
    ended = _how_it_ended(observed, attempt, job)
    if ended is not None:
        return _close(attempt, ended, job)
    replaces = observed.training.spec.concurrency_policy == "Replace"
    newer = turns.find_successor(observed, attempt, now) if replaces else None
    if newer is not None:
        message = f"Input commit {newer.id} takes its place."
        return _stop(attempt, given_up(SUPERSEDED, message), job)
    if job.phase is JobPhase.SUSPENDED:
        message = (
            f"TFJob {job.name} is suspended (spec.runPolicy.suspend): Kueue, or whoever"
            " did that, lets it go on."
        )
        return Plan(_busy(Reason.QUEUED, message))
    seconds = observed.training.spec.active_deadline_seconds
    ends = (job.admitted or job.created) + timedelta(seconds=seconds)
    if now >= ends:
        since = ends - timedelta(seconds=seconds)
        message = (
            f"Begun at {since:%H:%M:%S} UTC, it takes longer than"
            f" activeDeadlineSeconds: {seconds}."
        )
        return _stop(attempt, failed("DeadlineExceeded", message), job)
    if job.phase is JobPhase.RUNNING:
        message = f"TFJob {job.name} trains on input commit {attempt.commit}."
        told = f"{message} {_say_images(job)}".strip()
        return Plan(_busy(Reason.TRAINING, told), look_again_at=ends)
    return _starting(observed, attempt, job, now)


def _how_it_ended(observed: Observed, attempt: Attempt, job: Job) -> Outcome | None:
    if job.phase is JobPhase.SUCCEEDED:
        return Outcome(Verdict.SUCCEEDED)
    if job.phase is JobPhase.FAILED:
        spec = observed.training.spec
        is_its_own = attempt.digest == observed.spec_digest
        limits = spec.trainer.resources.limits if is_its_own else {}
        codes = spec.attempts.retryable_exit_codes
        return read_failure(job, codes, limits.get("memory", ""))
    if job.deleting:
        return failed("JobLost", f"TFJob {job.name} was deleted before it ended.")
    return None


def _starting(observed: Observed, attempt: Attempt, job: Job, now: datetime) -> Plan:
    seconds = observed.training.spec.startup_deadline_seconds
    ends = (job.admitted or job.created) + timedelta(seconds=seconds)
    if now >= ends:
        many = f"Not all of its {job.pods} pods" if job.pods > 1 else "No pod"
        told = job.message or _say_absent(job, seconds)
        return _stop(attempt, never_started(many, seconds, told), job)
    message = f"TFJob {job.name} starts. {job.message}".strip()
    # However soon it ends: somebody has looked at its pods before, and said why.
    again = min(now + min(_GLANCE, timedelta(seconds=seconds / 2)), ends)
    return Plan(_busy(Reason.STARTING, message), look_again_at=again)


def _say_images(job: Job) -> str:
    if not job.other_images:
        return ""
    images = f"{job.image_id}, {job.other_images}"
    return f"Its pods run different images, so pin spec.trainer.image: {images}."


def _say_absent(job: Job, seconds: int) -> str:
    """Of pods that are not there; one that is speaks for itself."""
    if job.pod:
        return ""
    if job.pods_there:
        return f"It has {job.pods_there} of {job.pods} pods."
    if seconds < _SHORT_SECONDS:
        return f"It has no pod, and so short a time may be why; else, {_NO_POD}"
    return f"It has no pod: {_NO_POD}"


def read_failure(
    job: Job, retryable_codes: Collection[int], memory: str = ""
) -> Outcome:
    """What a failed TFJob says about itself, and whether to try again.

    `memory`: the most that its trainer may use, where that is known.
    """
    reason, message = _last_words(job.last_words)
    code, whose = job.exit_code, f"Pod {job.pod}: " if job.pods > 1 and job.pod else ""
    if code is None or code == 0:
        lost = job.message or "The pod ended without an exit code."
        return failed("PodLost", whose + lost)
    if _cause(job) == "OOMKilled.":
        text = f"{whose}{out_of_memory(code, memory, message)}"
        return exited(reason, text, code, listed=code in retryable_codes)
    said = " ".join(filter(None, (_cause(job), message))) if message else job.message
    text = f"{whose}Exit code {code}{_signal(code)}. {said}".strip()
    return exited(reason, text, code, listed=code in retryable_codes)


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
    """The trainer's own reason and message; else the tail of what it said.

    A reason is one word: what is more than that is a part of the message.
    """
    value = table(read_json(text.splitlines()[-1] if text else ""))
    if not {"reason", "message"} <= value.keys():
        return "", " ".join(text.split())[-300:]
    reason, message = str(value["reason"]), str(value["message"])
    if _REASON.fullmatch(reason):
        return reason, message
    return "", f"{reason[:200]}: {message}".removeprefix(": ")


def _give_up(attempt: Attempt, reason: str, message: str) -> Plan:
    return _close(attempt, given_up(reason, message))


def _close(attempt: Attempt, outcome: Outcome, job: Job | None = None) -> Plan:
    action: Action = CloseAttempt(attempt, outcome, job)
    message = f"Closing attempt {attempt.number} for {attempt.commit}."
    return Plan(_busy(Reason.TRAINING, message), (action,))


def _stop(attempt: Attempt, outcome: Outcome, job: Job) -> Plan:
    """Fence first, then delete: what still runs can reach nothing."""
    plan = _close(attempt, outcome, job)
    return Plan(plan.story, (*plan.actions, DeleteJob(job.name)))


def _busy(reason: Reason, message: str) -> Story:
    return Story(reason, message, reconciling=True)
