"""The vocabulary of decisions: what was observed, what may be done about it.

Actions are data. `reconcile` makes them, `engine` carries them out, and mypy's
exhaustiveness check sees to it that no action is forgotten there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from mnist_operator.commits import Commit
from mnist_operator.decisions import Entry
from mnist_operator.gate_findings import Figures, Finding
from mnist_operator.ledger import Ledger
from mnist_operator.production import Production
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt, Outcome
from mnist_operator.status import Reason
from mnist_operator.tfjob import Job
from mnist_operator.trial import Trial

__all__ = [
    "Action",
    "CloseAttempt",
    "CompareData",
    "CreateJob",
    "DeleteJob",
    "GiveUp",
    "Observed",
    "OpenAttempt",
    "OwnJob",
    "Plan",
    "Promote",
    "Publish",
    "Record",
    "Request",
    "Source",
    "Story",
    "Task",
]


@dataclass(frozen=True, slots=True)
class Source:
    """The input branch, as seen just now."""

    repo_exists: bool = False
    head: Commit | None = None
    start_commit: Commit | None = None
    """The commit that spec.trigger.startFrom names, where it names one."""
    waiting: tuple[Commit, ...] = ()
    """Every undecided commit, oldest first; fresh are those that may be next."""
    gone: str = ""
    """The oldest undecided commit's ID, when it has been squashed or dropped."""
    contents: Mapping[str, str] = field(default_factory=dict)
    """By commit: a digest over the files that count, where one was asked for."""

    @property
    def first(self) -> Commit | None:
        """The oldest undecided commit; None also when it is gone."""
        return self.waiting[0] if self.waiting and not self.gone else None

    @property
    def pending(self) -> int:
        """How many commits are not decided yet."""
        return len(self.waiting)


@dataclass(frozen=True, slots=True)
class Task:
    """What a run is for: a commit, in its turn or because somebody asked."""

    commit: Commit
    request: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A run by hand that was asked for and not answered yet."""

    text: str
    """The annotation's value: its identity."""
    asked: str = ""
    """The commit that was named; empty: the newest finished one."""
    commit: Commit | None = None
    """That commit, as it is now; None when there is none."""


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything that a decision may see."""

    training: MnistTraining
    spec: Mapping[str, Any]
    """What a run started now would be asked to do: `runs.run_spec`."""
    spec_digest: str
    ledger: Ledger
    source: Source = field(default_factory=Source)
    attempts: tuple[Attempt, ...] = ()
    """Each slot's newest staging commit, as far as it is this training's."""
    inputs: Mapping[str, Commit] = field(default_factory=dict)
    """The commits that open attempts are for; one that is gone is missing."""
    jobs: Mapping[str, Job] = field(default_factory=dict)
    created: frozenset[str] = frozenset()
    """TFJobs known to have been created: one that is missing now was lost."""
    unrecorded: tuple[Entry, ...] = ()
    """Models of this training on the output branch that the ledger lacks."""
    output: str | None = None
    """The output branch's head, whoever's it is."""
    output_holder: Commit | None = None
    """Somebody else's head on the output branch, while that is not finished."""
    orphan: str = ""
    """Our own open head there, for a run that has been decided."""
    request: Request | None = None
    newest_model: str = ""
    """The model that a run begins from if its spec says warmStart; empty: none."""
    latest: Commit | None = None
    """The newest trained commit, when the trainer has changed since."""
    production: Production | None = None
    """What is in production; None without spec.promotion."""
    rival: str = ""
    """An older MnistTraining with the same output branch."""
    compared: Mapping[tuple[str, str, str], Figures] = field(default_factory=dict)
    """What changed between the data of two commits, at a path, as far as known."""


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """Open a clean staging commit; create its TFJob too when the data is there."""

    task: Task
    number: int
    slot: int = 0
    begins_from: str = ""
    """The model that it is told to begin from; empty: it begins anew."""
    gate: Finding | None = None
    """What spec.dataGate found; None where it was not asked."""
    trial: Trial | None = None
    """What its model is compared on, and with; None: it is not."""


@dataclass(frozen=True, slots=True)
class CompareData:
    """Find out what changed between the data of two commits."""

    base: str
    commit: str
    path: str


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
class OwnJob:
    """Let a TFJob go with the MnistTraining, or stay when that is deleted."""

    name: str
    owned: bool


@dataclass(frozen=True, slots=True)
class Publish:
    """Publish a closed, successful attempt as one output commit, and record it."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Promote:
    """Move the production branch to a model, and record it."""

    entry: Entry
    """The line: `output` is where to, `previous` what is there now."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Take an open commit off the output branch, for its run has been decided."""

    commit: str


@dataclass(frozen=True, slots=True)
class Record:
    """Append decisions to the ledger."""

    entries: tuple[Entry, ...]


Action: TypeAlias = (
    OpenAttempt
    | CompareData
    | CreateJob
    | CloseAttempt
    | DeleteJob
    | OwnJob
    | Publish
    | Promote
    | GiveUp
    | Record
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
    key: str = ""
    """What that Event is known by; empty: by its message."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do now, in order, when to look again at the latest, what to tell."""

    story: Story
    actions: tuple[Action, ...] = ()
    look_again_at: datetime | None = None

    @property
    def is_worth_telling(self) -> bool:
        """Whether it takes time: other actions are over before one could read of it."""
        slow = (isinstance(each, Publish | CompareData) for each in self.actions)
        return not self.actions or any(slow)
