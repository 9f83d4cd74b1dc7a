"""Sum up: turn what was observed and planned into the status to show. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from pydantic import ValidationError

from mnist_operator import lanes
from mnist_operator.commits import Commit, CommitState
from mnist_operator.decisions import Decision, Entry, is_own_request, is_release
from mnist_operator.foreign import rows, word
from mnist_operator.plan import Observed, Story
from mnist_operator.promotion_status import sum_up_production
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt, Verdict, job_name
from mnist_operator.status import (
    Active,
    Condition,
    Held,
    HistoryItem,
    Queued,
    Status,
    condition,
    timestamp,
)

__all__ = ["created_jobs", "summarize", "tell_trouble"]

_NOT_STALLED = "Nothing is stalled."
"""So that nobody reads there what Ready says, and takes it for a stall."""
_IDLE = "Nothing is under way."
_WAITS = "No run is under way; Ready says what is waited for, or done."
_FAILED_LOOK = "The last look failed, and will be repeated; Ready says why."
_STOPPED = "Nothing goes on before that is mended which Stalled names."
_QUEUE_SHOWN = 10
_RUNS_TOLD = 3
_HELD_SHOWN = 10


def summarize(observed: Observed, story: Story, *, now: datetime) -> Status:
    """The whole status after one look at the world."""
    ledger, source = observed.ledger, observed.source
    model = ledger.published
    return Status(
        observed_generation=observed.training.generation,
        conditions=_conditions(
            observed.training, story, _tell_work(observed, story), now
        ),
        head=source.head.id if source.head else "",
        last_attempted_commit=_last_attempted(observed),
        last_trained_commit=model.commit if model else "",
        last_model_commit=model.output if model else "",
        last_accuracy=model.accuracy if model else "",
        last_successful_time=timestamp(model.time) if model else None,
        pending_commits=source.pending + len(ledger.held) + len(ledger.released),
        queue=[_queued(observed, each) for each in source.waiting[:_QUEUE_SHOWN]],
        held=[_held(each) for each in _newest(ledger.held.values())],
        active=[_active(observed, each) for each in lanes.live(observed)],
        history=[_item(each) for each in ledger.recent],
        last_handled_request_at=_handled(observed),
        promotion=sum_up_production(observed),
    )


def tell_trouble(training: MnistTraining, story: Story, *, now: datetime) -> Status:
    """The last status with new conditions: nothing could be observed."""
    try:
        before = Status.model_validate(training.status)
    except ValidationError:  # An operator of another version wrote it, or a person.
        before = Status()
    return before.model_copy(
        update={
            "observed_generation": training.generation,
            "conditions": _conditions(
                training, story, _FAILED_LOOK if story.reconciling else _STOPPED, now
            ),
        }
    )


def _tell_work(observed: Observed, story: Story) -> str:
    """What is being done, run by run: Ready says what that is about."""
    held = lanes.live(observed)
    if not held:
        return _WAITS if story.reconciling else _IDLE
    told = [
        f"Attempt {each.number} for input commit {each.commit}:"
        f" {_state(observed, each)}"
        for each in held[:_RUNS_TOLD]
    ]
    left = len(held) - _RUNS_TOLD
    return "; ".join([*told, *([f"{left} more"] if left > 0 else [])]) + "."


def _conditions(
    training: MnistTraining, story: Story, work: str, now: datetime
) -> list[Condition]:
    def build(
        kind: str, status: Literal["True", "False", "Unknown"], message: str
    ) -> Condition:
        return condition(
            kind,
            status,
            story.reason,
            message,
            generation=training.generation,
            previous=rows(training.status.get("conditions")),
            now=now,
        )

    reconciling: Literal["True", "False"] = "True" if story.reconciling else "False"
    return [
        build("Ready", story.ready, story.message),
        build("Reconciling", reconciling, work),
        build("Stalled", "True", story.message)
        if story.stalled
        else build("Stalled", "False", _NOT_STALLED),
    ]


def _last_attempted(observed: Observed) -> str:
    """Of the newest attempt: under way, else decided; a skip may have had none."""
    held = lanes.live(observed)
    if held:
        return held[-1].commit
    tried = (each.commit for each in observed.ledger.recent if each.attempt)
    newest = observed.ledger.newest
    return next(tried, newest.commit if newest else "")


def _handled(observed: Observed) -> str:
    """The newest request that was taken up: it is under way, or answered."""
    text = observed.training.requested_at
    if text and text in observed.ledger.requests:
        return text
    asked = (each.request for each in lanes.live(observed))
    own = (is_own_request, is_release)
    under_way = [each for each in asked if each and not any(is_(each) for is_ in own)]
    return under_way[-1] if under_way else observed.ledger.last_request


def _queued(observed: Observed, commit: Commit) -> Queued:
    """What a waiting commit is doing; its own run's state, where it has one."""
    for attempt in lanes.live(observed):
        if attempt.commit == commit.id and not attempt.request:
            state = _state(observed, attempt)
            # Prepared and waiting for its data: the commit's own state says more.
            if state != "Opened":
                return Queued(commit=commit.id, state=state)
    state = "Waiting" if commit.state is CommitState.FINISHED else commit.state.value
    return Queued(commit=commit.id, state=state)


def _state(observed: Observed, attempt: Attempt) -> str:
    if attempt.outcome is None:
        job = observed.jobs.get(job_name(observed.training.name, attempt.staging))
        return job.phase.value if job else "Opened"
    if attempt.outcome.verdict is Verdict.SUCCEEDED:
        return "Publishing" if lanes.in_turn(observed, attempt) else "Trained"
    return "Retrying" if lanes.may_retry(observed, attempt) else "Failed"


def _active(observed: Observed, attempt: Attempt) -> Active:
    """An attempt that holds its slot."""
    name = job_name(observed.training.name, attempt.staging)
    return Active(
        commit=attempt.commit,
        attempt=attempt.number,
        # Named only once it exists: a named one that is missing was lost.
        tfjob=name if name in observed.jobs or name in observed.created else "",
        run=attempt.staging,
        state=_state(observed, attempt),
        since=timestamp(attempt.opened),
        request=attempt.request,
    )


def _newest(held: Iterable[Entry]) -> list[Entry]:
    return [*held][: -_HELD_SHOWN - 1 : -1]


def _held(entry: Entry) -> Held:
    since, message = timestamp(entry.time), entry.message[:500]
    return Held(commit=entry.commit, since=since, message=message)


def _item(entry: Entry) -> HistoryItem:
    return HistoryItem(
        commit=entry.commit,
        decision=entry.decision.value,
        reason=entry.reason[:200],
        message=entry.message[:500],
        time=timestamp(entry.time),
        attempt=entry.attempt,
        tfjob=entry.tfjob,
        model_commit=entry.output if entry.decision is Decision.PUBLISHED else "",
        accuracy=entry.accuracy,
        request=entry.request,
    )


def created_jobs(active: Any) -> frozenset[str]:
    """TFJobs that an earlier status names as created."""
    return frozenset(filter(None, (word(each.get("tfjob")) for each in rows(active))))
