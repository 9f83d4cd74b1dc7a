"""A MnistTraining at a glance, read off its status. Pure.

The status is plain JSON, perhaps of an older or newer operator: a field that is
missing says nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mnist_operator.cli.dashboard.advice import Advice, advise, advise_failure
from mnist_operator.cli.dashboard.gates import Held, Waiting, read_held, read_queue
from mnist_operator.cli.dashboard.words import shown
from mnist_operator.cli.get.happenings import find_condition
from mnist_operator.cli.get.remedies import next_step
from mnist_operator.cli.statements import dig, key_of
from mnist_operator.decisions import Decision
from mnist_operator.foreign import number, rows, table, word
from mnist_operator.status import Reason

__all__ = [
    "Active",
    "Card",
    "Progress",
    "State",
    "choose",
    "count",
    "read_card",
    "sentence",
]

Body = Mapping[str, Any]

_METRICS_SHOWN = 4
_ABOUT_FAILURES = frozenset({Reason.TRAINING_FAILED, Reason.STOPPED_AFTER_FAILURES})


class State(StrEnum):
    """How a training stands, what needs somebody first."""

    STALLED = "Stalled"
    """Somebody must act."""
    FAILING = "Failing"
    """The newest commit has no model."""
    BLOCKED = "Blocked"
    """Something outside is in the way; it is tried again by itself."""
    WORKING = "Working"
    WAITING = "Waiting"
    READY = "Ready"
    UNKNOWN = "Unknown"
    """It has no status yet."""


_BLOCKING = frozenset(
    {
        Reason.SOURCE_UNREACHABLE,
        Reason.KUBERNETES_UNAVAILABLE,
        Reason.OUTPUT_BUSY,
        Reason.INTERNAL_ERROR,
    }
)
_SPEAKS_FOR_ITSELF = frozenset({Reason.TRAINING, Reason.PUBLISHING})
"""Reasons that say no more than the run that is shown below them."""
_ORDER = {state: place for place, state in enumerate(State)}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, as far as its trainer tells."""

    epoch: int | None
    epochs: int | None
    step: int | None
    steps: int | None
    metrics: tuple[tuple[str, str], ...]
    until: str
    """When it will be done, as a time; empty where nobody knows."""

    @property
    def portion(self) -> tuple[int, int] | None:
        """So much of so much, of steps where they are told."""
        for done, whole in ((self.step, self.steps), (self.epoch, self.epochs)):
            if done is not None and whole:
                return min(max(done, 0), whole), whole
        return None


@dataclass(frozen=True, slots=True)
class Active:
    """An attempt that is under way."""

    commit: str
    attempt: int
    tfjob: str
    run: str
    state: str
    since: str
    request: str
    progress: Progress | None


@dataclass(frozen=True, slots=True)
class Card:
    """One training."""

    namespace: str
    name: str
    state: State
    reason: str
    message: str
    remedy: str
    """What somebody should do; empty while there is nothing to do but wait."""
    head: str
    accuracy: str
    model: str
    trained: str
    """The input commit of the newest model."""
    pending: int
    succeeded: str
    """When the newest model was published; empty where there is none."""
    active: tuple[Active, ...]
    cause: str
    """The reason of the newest failure; empty where the one above is not about it."""
    failure: str
    """What that failure said."""
    held: tuple[Held, ...]
    queue: tuple[Waiting, ...]

    @property
    def advice(self) -> tuple[Advice, ...]:
        """Who must act upon the reason, and upon its cause; nobody, perhaps."""
        if self.state is State.READY:
            return ()
        told = [advise(self.reason)]
        if self.cause:
            told.append(advise_failure(self.cause))
        return tuple(each for each in dict.fromkeys(told) if each is not None)

    @property
    def tells(self) -> bool:
        """Whether its message says what cannot be seen at a glance."""
        return self.state is not State.READY and self.reason not in _SPEAKS_FOR_ITSELF

    @property
    def brief(self) -> str:
        """Its message for a list, where the command at its end would be cut in two."""
        told = self.failure and self.failure in self.message
        return f"{self.cause}: {self.failure}" if told else self.message

    @property
    def key(self) -> str:
        """Its name with its namespace."""
        return f"{self.namespace}/{self.name}"


def read_card(body: Body) -> Card:
    """How it stands."""
    status = table(body.get("status"))
    ready = find_condition(status, "Ready")
    reason = word(ready.get("reason"))
    failure = _failure(status) if reason in _ABOUT_FAILURES else {}
    return Card(
        namespace=word(dig(body, "metadata", "namespace")),
        name=word(dig(body, "metadata", "name")),
        state=_state(status),
        reason=reason,
        message=word(ready.get("message")),
        remedy=next_step(body) or "",
        head=word(status.get("head")),
        accuracy=word(status.get("lastAccuracy")),
        model=word(status.get("lastModelCommit")),
        trained=word(status.get("lastTrainedCommit")),
        pending=number(status.get("pendingCommits")) or 0,
        succeeded=word(status.get("lastSuccessfulTime")),
        active=tuple(_active(each) for each in rows(status.get("active"))),
        cause=word(failure.get("reason")),
        failure=word(failure.get("message")),
        held=tuple(read_held(status, key_of(body))),
        queue=tuple(read_queue(status)),
    )


def _failure(status: Body) -> Body:
    """The newest failure that the status remembers."""
    failed = (
        each
        for each in rows(status.get("history"))
        if each.get("decision") == Decision.FAILED
    )
    return next(failed, {})


def _state(status: Body) -> State:
    said = {
        kind: find_condition(status, kind).get("status")
        for kind in ("Ready", "Reconciling", "Stalled")
    }
    reason = find_condition(status, "Ready").get("reason")
    if said["Stalled"] == "True":
        return State.STALLED
    if reason in _BLOCKING:
        return State.BLOCKED
    if said["Reconciling"] == "True" or rows(status.get("active")):
        return State.WORKING
    if reason == Reason.TRAINING_FAILED:
        return State.FAILING
    if said["Ready"] == "True":
        return State.READY
    return State.UNKNOWN if reason is None else State.WAITING


def _active(item: Body) -> Active:
    return Active(
        commit=word(item.get("commit")),
        attempt=number(item.get("attempt")) or 0,
        tfjob=word(item.get("tfjob")),
        run=word(item.get("run")),
        state=word(item.get("state")),
        since=word(item.get("since")),
        request=word(item.get("request")),
        progress=_progress(item.get("progress")),
    )


def _progress(value: Any) -> Progress | None:
    told = table(value)
    if not told:
        return None
    counts = {
        key: number(told.get(key)) for key in ("epoch", "epochs", "step", "steps")
    }
    metrics = [*table(told.get("metrics")).items()][:_METRICS_SHOWN]
    return Progress(
        **counts,
        metrics=tuple((shown(name, 40), shown(each, 24)) for name, each in metrics),
        until=word(told.get("estimatedCompletionTime")),
    )


def choose(cards: Iterable[Card], text: str, state: str) -> list[Card]:
    """Those that are asked for, what needs somebody first."""
    found = [
        card
        for card in cards
        if text.lower() in card.key.lower() and state in {"", card.state.value}
    ]
    return sorted(found, key=lambda card: (_ORDER[card.state], card.key))


def count(cards: Sequence[Card]) -> list[tuple[State, int]]:
    """How many are in each state, of those states that there are."""
    told = [(state, sum(card.state is state for card in cards)) for state in State]
    return [each for each in told if each[1]]


def sentence(card: Card) -> str:
    """What is read aloud when it has changed."""
    accuracy = f", accuracy {card.accuracy}" if card.accuracy else ""
    return shown(f"{card.key}: {card.state}, {card.reason}{accuracy}")
