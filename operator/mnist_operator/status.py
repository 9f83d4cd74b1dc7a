"""The status of a MnistTraining: its shape, its conditions and their reasons.

Status is a view: all of it can be rebuilt from Pachyderm and the API server.
Conditions follow kstatus: Ready sums up, Reconciling and Stalled are true only
while something is under way or somebody must act.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from mnist_operator.foreign import moment, plain
from mnist_operator.reasons import Reason

__all__ = [
    "SEAL",
    "Active",
    "Condition",
    "Held",
    "HistoryItem",
    "Progress",
    "PromotionStatus",
    "Queued",
    "Reason",
    "Status",
    "condition",
    "timestamp",
]

SEAL = "seal"
"""The field that is no part of what is shown: see `Status.seal`."""
_MESSAGE_LIMIT = 1024
"""Characters of a condition's message: enough for a cause, too few for a log."""


class _Model(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True
    )


Text = Annotated[str, Field(max_length=_MESSAGE_LIMIT)]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class Condition(_Model):
    """As metav1.Condition."""

    type: Annotated[str, Field(max_length=316)] = Field(
        description="Ready, Reconciling or Stalled."
    )
    status: Literal["True", "False", "Unknown"] = Field(
        description="True, False or Unknown."
    )
    reason: Annotated[str, Field(min_length=1, max_length=64)] = Field(
        description="One word for programs; the same in all three."
    )
    message: Annotated[str, Field(max_length=32768)] = Field(
        "", description="A sentence for people, with the remedy where there is one."
    )
    observed_generation: int = Field(0, description="The generation of the spec.")
    last_transition_time: Time = Field(description="When status changed last.")


_Count = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Progress(_Model):
    """How far a run is, as its trainer says."""

    epoch: _Count = Field(
        0, description="The epoch that is under way, from 1 on; 0 where none is told."
    )
    epochs: _Count = Field(0, description="How many there will be.")
    step: _Count = Field(0, description="Steps that were taken, of all epochs.")
    steps: _Count = Field(0, description="How many there will be.")
    metrics: Annotated[
        dict[str, Annotated[str, Field(max_length=32)]], Field(max_length=8)
    ] = Field(
        default_factory=dict,
        description="What the trainer measures as it goes, such as loss and accuracy,"
        " as decimals.",
    )
    estimated_completion_time: Time | None = Field(
        None,
        description="When its last epoch will be over, by the trainer's own estimate;"
        " what comes of it is measured and published after that.",
        exclude_if=lambda value: value is None,
    )

    def to_json(self) -> dict[str, Any]:
        """As it stands in the status."""
        return self.model_dump(by_alias=True, mode="json")


class Active(_Model):
    """An attempt that is under way."""

    commit: str = Field(description="The input commit.")
    attempt: int = Field(description="Its number for that commit, from 1 on.")
    tfjob: str = Field(description="Its TFJob; empty before there is one.")
    run: str = Field(description="Its staging commit in the run repo.")
    state: str = Field(
        description="Opened before there is a TFJob; Created, Suspended, Running,"
        " Succeeded or Failed, as that is; Trained (it waits until older commits are"
        " decided), Publishing, or Retrying."
    )
    since: Time = Field(description="When it was opened.")
    request: str = Field("", description="What asked for it beside the commit itself.")
    progress: Progress | None = Field(
        None,
        description="How far it is, while it runs, where its trainer says so in its"
        " log: a few seconds old, and longer where many run.",
        exclude_if=lambda value: value is None,
    )


class Queued(_Model):
    """A commit that waits for its turn."""

    commit: str = Field(description="The input commit.")
    state: str = Field(
        description="Waiting, Open, Finishing or Errored; while it is trained, the"
        " state of its run, as in active."
    )


class Held(_Model):
    """A commit that spec.dataGate holds."""

    commit: str = Field(description="The input commit.")
    since: Time = Field(description="When that was decided.")
    message: Text = Field("", description="What is beyond a limit, and how far.")


class HistoryItem(_Model):
    """One decision of the ledger."""

    commit: str = Field(description="The input commit.")
    decision: str = Field(description="Published, Failed, Skipped or Held.")
    reason: Text = Field("", description="Why, where it was not published: one word.")
    message: Text = Field("", description="The same as a sentence.")
    time: Time = Field(description="When it was decided.")
    attempt: int = Field(0, description="The last attempt; 0 where there was none.")
    tfjob: str = Field("", description="The TFJob of that attempt.")
    model_commit: str = Field("", description="The output commit with the model.")
    accuracy: str = Field("", description="Accuracy on the test split, as decimals.")
    request: str = Field("", description="What asked for it beside the commit itself.")


class PromotionStatus(_Model):
    """What is in production, and what the gate says of the newest model."""

    production_commit: str = Field(
        "", description="The output commit that spec.promotion.branch shows."
    )
    candidate_commit: str = Field(
        "", description="The output commit of the newest model."
    )
    verdict: str = Field(
        "", description="What the gate says of it: Passed, Refused or NotCompared."
    )
    reason: Annotated[str, Field(max_length=64)] = Field(
        "",
        description="Why, or what holds it: one word. Promoted, once it was.",
    )
    message: Text = Field("", description="The same as a sentence, with the figures.")
    last_handled_request_at: str = Field(
        "",
        description="The last value of the annotation promotion-requested-at that was"
        " answered.",
    )
    last_answer: Text = Field("", description="What came of that request.")


class Status(_Model):
    """What `kubectl get` and `kubectl describe` show."""

    observed_generation: int = Field(
        0, description="The generation of the spec that all the rest speaks of."
    )
    conditions: list[Condition] = Field(
        default_factory=list,
        description="Ready, Reconciling and Stalled, as kstatus has them.",
        json_schema_extra={
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["type"],
        },
    )
    head: str = Field("", description="The input branch's head, as last seen.")
    last_attempted_commit: str = Field(
        "", description="The input commit of the newest attempt."
    )
    last_trained_commit: str = Field(
        "", description="The input commit of the newest model."
    )
    last_model_commit: str = Field("", description="The output commit of that model.")
    last_accuracy: str = Field(
        "", description="Its accuracy on the test split, as a decimal string."
    )
    last_successful_time: Time | None = Field(
        None, description="When it was published."
    )
    pending_commits: int = Field(
        0,
        description="Commits that are not decided yet, those that spec.dataGate holds"
        " among them.",
    )
    queue: Annotated[list[Queued], Field(max_length=10)] = Field(
        default_factory=list, description="The first ten of them, oldest first."
    )
    held: Annotated[list[Held], Field(max_length=10)] = Field(
        default_factory=list,
        description="Commits that spec.dataGate holds, the last ten, newest first.",
    )
    active: Annotated[list[Active], Field(max_length=16)] = Field(
        default_factory=list,
        description="The attempts that are under way, in the order of their start.",
    )
    history: Annotated[list[HistoryItem], Field(max_length=10)] = Field(
        default_factory=list, description="The last ten decisions, newest first."
    )
    last_handled_request_at: str = Field(
        "",
        description="The last value of the annotation requested-at that was taken up:"
        " its run is under way, or it is answered in history.",
    )
    promotion: PromotionStatus | None = Field(
        None, description="With spec.promotion: production and the newest model."
    )
    seal: Annotated[str, Field(max_length=64)] | None = Field(
        None,
        description="While nothing is left to do: a digest over all that this status"
        " was read off, and over itself, by which an operator that is started again"
        " sees that nothing has changed.",
        exclude=True,
    )

    def to_json(self) -> dict[str, Any]:
        """As a merge patch: null where a field that was set before is to go."""
        return self.model_dump(by_alias=True, mode="json")


def timestamp(time: datetime) -> str:
    """RFC 3339 in UTC, to the second, as Kubernetes writes times."""
    whole = time.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    return f"{whole.isoformat()}Z"  # Not strftime: it may cut zeros off a year.


def condition(
    kind: str,
    status: Literal["True", "False", "Unknown"],
    reason: Reason,
    message: str,
    *,
    generation: int,
    previous: Sequence[Mapping[str, Any]],
    now: datetime,
) -> Condition:
    """Build a condition that keeps its transition time while its status stays."""
    before = next((item for item in previous if item.get("type") == kind), None)
    kept = moment(before.get("lastTransitionTime")) if before else None
    unchanged = before is not None and before.get("status") == status
    since = timestamp(kept if kept is not None and unchanged else now)
    return Condition(
        type=kind,
        status=status,
        reason=reason,
        message=plain(message, _MESSAGE_LIMIT),
        observed_generation=generation,
        last_transition_time=since,
    )
