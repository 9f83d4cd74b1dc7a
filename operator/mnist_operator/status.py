"""The status of a MnistTraining: its shape, its conditions and their reasons.

Status is a view: all of it can be rebuilt from Pachyderm and the API server.
Conditions follow kstatus: Ready sums up, Reconciling and Stalled are true only
while something is under way or somebody must act.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

__all__ = [
    "Active",
    "Condition",
    "HistoryItem",
    "Queued",
    "Reason",
    "Status",
    "condition",
    "timestamp",
]

_MESSAGE_LIMIT = 1024
"""Characters of a condition's message: enough for a cause, too few for a log."""


class Reason(StrEnum):
    """Every reason that a condition or an Event of ours can carry."""

    UP_TO_DATE = "UpToDate"
    """Ready: every commit from the starting point on is decided; the last trained."""
    WAITING_FOR_DATA = "WaitingForData"
    """Ready unknown: repo, branch or first commit is not there yet."""
    TRAINING = "Training"
    """An attempt's TFJob exists."""
    STARTING = "Starting"
    """An attempt's TFJob exists, none of its pods runs yet."""
    PUBLISHING = "Publishing"
    """The run succeeded; its model is on the way to the output branch."""
    RETRYING = "Retrying"
    """An attempt failed; the next one waits for its backoff."""
    WAITING_FOR_COMMIT = "WaitingForCommit"
    """The head is still open: someone is writing, or left it open."""
    SUSPENDED = "Suspended"
    """spec.suspend is true: commits wait."""
    TRAINING_FAILED = "TrainingFailed"
    """Ready false: the newest decided commit has no model; the record says why."""
    INVALID_SPEC = "InvalidSpec"
    """Stalled: the user must change the field that the message names."""
    ACCESS_DENIED = "AccessDenied"
    """Stalled: Pachyderm refused the token; its grants or the Secret must change."""
    SOURCE_UNREACHABLE = "SourceUnreachable"
    """Pachyderm did not answer, or answered with an error; tried again."""
    KUBERNETES_UNAVAILABLE = "KubernetesUnavailable"
    """The API server refused a call, or does not serve TFJobs; tried again."""
    OUTPUT_BUSY = "OutputBusy"
    """Somebody else holds the output branch's head open; waiting for them."""
    INTERNAL_ERROR = "InternalError"
    """A fault of the operator's own, with a traceback in its log; tried again."""
    # Reasons of Events and of the ledger only.
    RUN_STARTED = "RunStarted"
    MODEL_PUBLISHED = "ModelPublished"
    ATTEMPT_FAILED = "AttemptFailed"
    COMMIT_SKIPPED = "CommitSkipped"
    COMMIT_LEFT_OPEN = "CommitLeftOpen"


class _Model(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True
    )


Text = Annotated[str, Field(max_length=_MESSAGE_LIMIT)]
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class Condition(_Model):
    """As metav1.Condition."""

    type: Annotated[str, Field(max_length=316)]
    status: Literal["True", "False", "Unknown"]
    reason: Annotated[str, Field(min_length=1, max_length=64)]
    message: Annotated[str, Field(max_length=32768)] = ""
    observed_generation: int = 0
    last_transition_time: Time


class Active(_Model):
    """The attempt that is under way."""

    commit: str = Field(description="The input commit.")
    attempt: int
    tfjob: str
    run: str = Field(description="The attempt's staging commit in the run repo.")
    state: str = Field(description="Opened, Starting, Running or Publishing.")
    since: Time


class Queued(_Model):
    """A commit that waits for its turn."""

    commit: str
    state: str = Field(description="Waiting, Open, Finishing or Errored.")


class HistoryItem(_Model):
    """One decision of the ledger."""

    commit: str
    decision: str = Field(description="Published, Failed or Skipped.")
    reason: Text = ""
    message: Text = ""
    time: Time
    attempt: int = 0
    tfjob: str = ""
    model_commit: str = ""
    accuracy: str = ""


class Status(_Model):
    """What `kubectl get` and `kubectl describe` show."""

    observed_generation: int = 0
    conditions: list[Condition] = Field(
        default_factory=list,
        json_schema_extra={
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["type"],
        },
    )
    head: str = Field("", description="The input branch's head, as last seen.")
    last_attempted_commit: str = ""
    last_trained_commit: str = ""
    last_model_commit: str = ""
    last_accuracy: str = ""
    last_successful_time: Time | None = None
    pending_commits: int = Field(0, description="Commits that are not decided yet.")
    queue: Annotated[list[Queued], Field(max_length=10)] = Field(
        default_factory=list, description="The first ten of them, oldest first."
    )
    active: Annotated[list[Active], Field(max_length=16)] = Field(default_factory=list)
    history: Annotated[list[HistoryItem], Field(max_length=10)] = Field(
        default_factory=list, description="The last ten decisions, newest first."
    )

    def to_json(self) -> dict[str, Any]:
        """As a merge patch: null where a field that was set before is to go."""
        return self.model_dump(by_alias=True, mode="json")


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC, to the second, as Kubernetes writes times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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
    unchanged = before is not None and before.get("status") == status
    since = before["lastTransitionTime"] if before and unchanged else timestamp(now)
    return Condition(
        type=kind,
        status=status,
        reason=reason,
        message=message[:_MESSAGE_LIMIT],
        observed_generation=generation,
        last_transition_time=since,
    )
