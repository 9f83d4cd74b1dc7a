"""Sum up: turn what was observed and planned into the status to show. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from mnist_operator.commits import Commit, CommitState
from mnist_operator.ledger import Decision, Entry
from mnist_operator.plan import Observed, Story
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Verdict, job_name
from mnist_operator.status import (
    Active,
    Condition,
    HistoryItem,
    Queued,
    Status,
    condition,
    timestamp,
)

__all__ = ["created_jobs", "summarize", "tell_trouble"]

_QUEUE_SHOWN = 10


def summarize(observed: Observed, story: Story, *, now: datetime) -> Status:
    """The whole status after one look at the world."""
    ledger, source = observed.ledger, observed.source
    model, attempt = ledger.published, observed.attempt
    last = ledger.recent[0].commit if ledger.recent else ""
    return Status(
        observed_generation=observed.training.generation,
        conditions=_conditions(observed.training, story, now),
        head=source.head.id if source.head else "",
        last_attempted_commit=attempt.commit if attempt else last,
        last_trained_commit=model.commit if model else "",
        last_model_commit=model.output if model else "",
        last_accuracy=model.accuracy if model else "",
        last_successful_time=timestamp(model.time) if model else None,
        pending_commits=source.pending,
        queue=[_queued(each) for each in source.waiting[:_QUEUE_SHOWN]],
        active=_active(observed),
        history=[_item(each) for each in ledger.recent],
    )


def tell_trouble(training: MnistTraining, story: Story, *, now: datetime) -> Status:
    """The last status with new conditions: nothing could be observed."""
    before = Status.model_validate(training.status)
    return before.model_copy(
        update={
            "observed_generation": training.generation,
            "conditions": _conditions(training, story, now),
        }
    )


def _conditions(
    training: MnistTraining, story: Story, now: datetime
) -> list[Condition]:
    def build(kind: str, status: Literal["True", "False", "Unknown"]) -> Condition:
        return condition(
            kind,
            status,
            story.reason,
            story.message,
            generation=training.generation,
            previous=training.status.get("conditions") or (),
            now=now,
        )

    flags = {"Reconciling": story.reconciling, "Stalled": story.stalled}
    return [
        build("Ready", story.ready),
        *(build(kind, "True" if held else "False") for kind, held in flags.items()),
    ]


def _queued(commit: Commit) -> Queued:
    state = "Waiting" if commit.state is CommitState.FINISHED else commit.state.value
    return Queued(commit=commit.id, state=state)


def _active(observed: Observed) -> list[Active]:
    """The open attempt, or the closed one whose model is not published yet."""
    attempt = observed.attempt
    if attempt is None or attempt.commit in observed.ledger.decided:
        return []
    name = job_name(observed.training.name, attempt.staging)
    job = observed.jobs.get(name)
    if attempt.is_open:
        state = job.phase.value if job else "Opened"
    elif attempt.outcome and attempt.outcome.verdict is Verdict.SUCCEEDED:
        state = "Publishing"
    else:
        return []
    return [
        Active(
            commit=attempt.commit,
            attempt=attempt.number,
            # Named only once it exists: a named one that is missing was lost.
            tfjob=name if job or name in observed.created else "",
            run=attempt.staging,
            state=state,
            since=timestamp(attempt.opened),
        )
    ]


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
    )


def created_jobs(active: Iterable[dict[str, str]]) -> frozenset[str]:
    """TFJobs that an earlier status names as created."""
    return frozenset(item["tfjob"] for item in active if item.get("tfjob"))
