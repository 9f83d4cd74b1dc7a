"""The vocabulary of decisions: what was observed, what may be done about it.

Actions are data. `reconcile` makes them, `engine` carries them out, and mypy's
exhaustiveness check sees to it that no action is forgotten there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from mnist_operator.commits import Commit
from mnist_operator.ledger import Entry, Ledger
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt, Outcome
from mnist_operator.status import Reason
from mnist_operator.tfjob import Job

__all__ = [
    "Action",
    "CloseAttempt",
    "CreateJob",
    "DeleteJob",
    "GiveUp",
    "Observed",
    "OpenAttempt",
    "Plan",
    "Publish",
    "Record",
    "Source",
    "Story",
]


@dataclass(frozen=True, slots=True)
class Source:
    """The input branch, as seen just now."""

    repo_exists: bool = False
    head: Commit | None = None
    start_commit: Commit | None = None
    """The commit that spec.trigger.startFrom names, where it names one."""
    first: Commit | None = None
    """The oldest commit that is not decided, read again just now."""
    waiting: tuple[Commit, ...] = ()
    """The first few undecided commits, oldest first, `first` included."""
    pending: int = 0
    gone: str = ""
    """The oldest undecided commit's ID, when it has been squashed or dropped."""


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything that a decision may see."""

    training: MnistTraining
    spec: Mapping[str, Any]
    """What a run started now would be asked to do: `runs.run_spec`."""
    spec_digest: str
    ledger: Ledger
    source: Source = field(default_factory=Source)
    attempt: Attempt | None = None
    """The slot's newest staging commit, if it is this training's."""
    input_commit: Commit | None = None
    """The commit that an attempt without a job is for; None when it is gone."""
    jobs: Mapping[str, Job] = field(default_factory=dict)
    created: frozenset[str] = frozenset()
    """TFJobs known to have been created: one that is missing now was lost."""
    unrecorded: tuple[Entry, ...] = ()
    """Models of this training on the output branch that the ledger lacks."""
    output_holder: str = ""
    """Somebody else's open head on the output branch."""
    orphan: str = ""
    """Our own open head there, for a run that has been decided."""


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """Open a clean staging commit; create its TFJob too when the data is there."""

    commit: Commit
    number: int


@dataclass(frozen=True, slots=True)
class CreateJob:
    """Create the TFJob of an open attempt."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class CloseAttempt:
    """Close the staging commit with its outcome: from here on no job reaches it."""

    attempt: Attempt
    outcome: Outcome
    job: Job | None = None


@dataclass(frozen=True, slots=True)
class DeleteJob:
    """Delete a TFJob that must not go on; its attempt is closed already."""

    name: str


@dataclass(frozen=True, slots=True)
class Publish:
    """Publish a closed, successful attempt as one output commit, and record it."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Take an open commit off the output branch, for its run has been decided."""

    commit: str


@dataclass(frozen=True, slots=True)
class Record:
    """Append decisions to the ledger."""

    entries: tuple[Entry, ...]


Action: TypeAlias = (
    OpenAttempt | CreateJob | CloseAttempt | DeleteJob | Publish | GiveUp | Record
)


@dataclass(frozen=True, slots=True)
class Story:
    """What the conditions are to say."""

    reason: Reason
    message: str
    ready: Literal["True", "False", "Unknown"] = "Unknown"
    reconciling: bool = False
    stalled: bool = False
    event: Reason | None = None
    """The Event that goes with it, once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do now, in order, when to look again at the latest, what to tell."""

    story: Story
    actions: tuple[Action, ...] = ()
    look_again_at: datetime | None = None
