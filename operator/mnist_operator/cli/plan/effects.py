"""What the world looks like after an action: the same, as if it had been carried out.

Pure, and only as true as what is assumed: nothing fails, nobody comes between. What
would get a new ID has a placeholder, which begins with its number and ends in zeros.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from mnist_operator import runs
from mnist_operator.commits import Commit, CommitState
from mnist_operator.decisions import Decision, Entry
from mnist_operator.gate_findings import Figures
from mnist_operator.plan import (
    Action,
    CloseAttempt,
    CompareData,
    CreateJob,
    DeleteJob,
    GiveUp,
    Observed,
    OpenAttempt,
    OwnJob,
    Promote,
    Publish,
    Record,
)
from mnist_operator.runs import Attempt
from mnist_operator.tfjob import Job, JobPhase

__all__ = [
    "apply",
    "end_run",
    "finish",
    "is_placeholder",
    "opened_by",
    "placeholder",
    "without_placeholders",
]

_PLACEHOLDER = re.compile(r"\b\d{12}0{20}\b")
_DIGITS, _NUMBER_DIGITS = 32, 12
"""Of an ID, and of those that a TFJob's name has: placeholders differ there."""


def placeholder(number: int) -> str:
    """What stands for the ID of the n-th commit that does not exist yet."""
    return str(number).zfill(_NUMBER_DIGITS).ljust(_DIGITS, "0")


def is_placeholder(commit: str) -> bool:
    """Whether it is one; an ID of pachd's is random in all of its digits."""
    return commit.endswith("0" * (_DIGITS - _NUMBER_DIGITS))


def without_placeholders(text: str) -> str:
    """A sentence of the operator's, in which an ID is not known yet."""
    return _PLACEHOLDER.sub("(to be published)", text)


def apply(
    observed: Observed, action: Action, *, now: datetime, number: int
) -> Observed:
    """The world after one action; `number` is that of a commit that it opens."""
    match action:
        case OpenAttempt():
            after = _open(observed, action, now, number)
        case CreateJob(attempt):
            after = _create_job(observed, attempt, now)
        case CloseAttempt(attempt, outcome):
            closed = replace(attempt, outcome=outcome, closed=now, finished=True)
            after = _with_attempt(observed, closed)
        case DeleteJob() | OwnJob():
            after = _handle_job(observed, action)
        case Publish(attempt):
            after = _publish(observed, attempt, now, number)
        case Promote() | GiveUp() | CompareData():
            after = _settle(observed, action)
        case Record(entries):
            after = _remember(observed, entries)
        case _:
            assert_never(action)
    return after


def _settle(observed: Observed, action: Promote | GiveUp | CompareData) -> Observed:
    match action:
        case Promote(entry):
            after = _promote(observed, entry)
        case GiveUp():
            after = replace(observed, orphan="")
        case CompareData():
            # What it would find is for the operator to find out: nothing, say.
            found = {(action.base, action.commit, action.path): Figures()}
            after = replace(observed, compared={**observed.compared, **found})
        case _:
            assert_never(action)
    return after


def _promote(observed: Observed, entry: Entry) -> Observed:
    after = _remember(observed, [entry])
    if after.production is None:
        return after
    moved = replace(after.production, head=entry.output)
    return replace(after, production=moved)


def opened_by(observed: Observed, action: OpenAttempt, now: datetime) -> Attempt:
    """The attempt that an action opens, without its staging commit."""
    return runs.new_attempt(
        observed.training,
        action.task.commit.id,
        action.number,
        observed.spec_digest,
        opened=now,
        request=action.task.request,
        slot=action.slot,
        begins_from=action.begins_from,
        gate=action.gate,
        trial=action.trial,
    )


def end_run(observed: Observed, job: Job, now: datetime) -> Observed:
    """A TFJob comes to a good end."""
    done = replace(job, phase=JobPhase.SUCCEEDED, ended=now, exit_code=0)
    return replace(observed, jobs={**observed.jobs, job.name: done})


def finish(observed: Observed, commit: Commit, now: datetime) -> Observed:
    """Whoever writes an input commit finishes it."""
    done = replace(commit, finishing=commit.finishing or now, finished=now)
    source, request = observed.source, observed.request
    same = request is not None and request.commit is not None
    if request is not None and same and request.commit == commit:
        request = replace(request, commit=done)
    waiting = tuple(done if c.id == done.id else c for c in source.waiting)
    head = (
        done if source.head is not None and source.head.id == done.id else source.head
    )
    inputs = {k: done if k == done.id else v for k, v in observed.inputs.items()}
    changed = replace(source, waiting=waiting, head=head)
    return replace(observed, source=changed, inputs=inputs, request=request)


def _open(
    observed: Observed, action: OpenAttempt, now: datetime, number: int
) -> Observed:
    commit = action.task.commit
    wanted = opened_by(observed, action, now)
    attempt = replace(wanted, staging=placeholder(number))
    opened = _with_attempt(observed, attempt)
    opened = replace(opened, inputs={**observed.inputs, commit.id: commit})
    if commit.state is not CommitState.FINISHED:
        return opened
    return _create_job(opened, attempt, now)


def _create_job(observed: Observed, attempt: Attempt, now: datetime) -> Observed:
    training = observed.training
    name = runs.job_name(training.name, attempt.staging)
    owned = training.spec.deletion_policy == "Cancel"
    job = Job(
        name=name,
        uid=name,
        owner_uid=training.uid if owned else "",
        staging=attempt.staging,
        phase=JobPhase.RUNNING,
        created=now,
        started=now,
    )
    return replace(
        observed,
        jobs={**observed.jobs, name: job},
        created=observed.created | {name},
    )


def _with_attempt(observed: Observed, attempt: Attempt) -> Observed:
    """A slot's newest attempt is all that is seen of it."""
    others = [each for each in observed.attempts if each.slot != attempt.slot]
    found = sorted([*others, attempt], key=lambda each: each.slot)
    return replace(observed, attempts=tuple(found))


def _handle_job(observed: Observed, action: DeleteJob | OwnJob) -> Observed:
    jobs = dict(observed.jobs)
    if isinstance(action, DeleteJob):
        jobs.pop(action.name, None)
    elif action.name in jobs:
        uid = observed.training.uid if action.owned else ""
        jobs[action.name] = replace(jobs[action.name], owner_uid=uid)
    return replace(observed, jobs=jobs)


def _publish(
    observed: Observed, attempt: Attempt, now: datetime, number: int
) -> Observed:
    model = placeholder(number)
    entry = Entry(
        time=now,
        decision=Decision.PUBLISHED,
        commit=attempt.commit,
        attempt=attempt.number,
        run=attempt.staging,
        tfjob=runs.job_name(observed.training.name, attempt.staging),
        output=model,
        spec=attempt.digest,
        request=attempt.request,
    )
    warm = observed.training.spec.trainer.warm_start
    newest = model if warm else observed.newest_model
    return replace(_remember(observed, [entry]), newest_model=newest)


def _remember(observed: Observed, entries: Iterable[Entry]) -> Observed:
    """What is decided waits no longer, and what is answered is asked no longer."""
    ledger = observed.ledger.extended(list(entries))
    production = observed.production
    if production and production.request and production.request.text in ledger.answered:
        production = replace(production, request=None)
    source, request = observed.source, observed.request
    waiting = tuple(c for c in source.waiting if ledger.is_open(c.id))
    gone = source.gone if ledger.is_open(source.gone) else ""
    if request is not None and request.text in ledger.requests:
        request = None
    return replace(
        observed,
        ledger=ledger,
        source=replace(source, waiting=waiting, gone=gone),
        request=request,
        production=production,
        unrecorded=tuple(e for e in observed.unrecorded if e.run not in ledger.runs),
    )
