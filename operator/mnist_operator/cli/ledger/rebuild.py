"""A ledger made anew from what it is an index of. Pure.

The truth is on the output branch (models) and in the slots of the run repo (closed
attempts). Where following began and which commits were skipped is written nowhere
but in the ledger itself: such lines are kept, byte for byte, as is every other line
that nothing speaks against. So a ledger that is whole is not changed at all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import compress

from mnist_operator.cli.ledger.ends import find_lost_ends, find_undecided
from mnist_operator.cli.models import published
from mnist_operator.commits import Commit
from mnist_operator.decisions import Decision, Entry, Start, read_line
from mnist_operator.ledger import Ledger, counting
from mnist_operator.lineage import publication_of
from mnist_operator.runs import Attempt, Verdict

__all__ = ["Change", "Kind", "Plan", "Truth", "rebuild"]


class Kind(StrEnum):
    """What is done with one line."""

    ADD = "add"
    CORRECT = "correct"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Change:
    """One line that will be another one."""

    kind: Kind
    entry: Entry
    why: str


@dataclass(frozen=True, slots=True)
class Truth:
    """What Pachyderm has, without the ledger."""

    training: str
    commits: Sequence[Commit] = ()
    """The output branch's, newest first: of two models of one run the older counts."""
    attempts: Sequence[Attempt] = ()
    """All of all slots."""
    start: Start | None = None
    """Where following began, for a ledger that does not say."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The ledger that is to be, and how it differs from the one that is."""

    content: bytes
    changes: tuple[Change, ...]
    kept: int
    unreadable: int
    """Lines that nobody can read, which are left out."""
    undecided: tuple[Attempt, ...]
    """Closed attempts without a line: the operator decides about them."""
    is_needed: bool
    """Whether anything is to be written."""


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    entry: Entry
    content: bytes
    change: Kind | None = None
    why: str = ""

    @staticmethod
    def made(entry: Entry, kind: Kind, why: str) -> "_Line":
        return _Line(entry, entry.to_line(), kind, why)


@dataclass(slots=True)
class _Judged:
    kept: list[_Line] = field(default_factory=list)
    removed: list[Change] = field(default_factory=list)


def rebuild(content: bytes, truth: Truth) -> Plan:
    """Find what the ledger should be.

    A line that is added goes where its time belongs; the others keep their order.
    """
    lines, unreadable = _read(content)
    models = {entry.run: entry for entry in _models(truth)}
    judged = _judge(lines, models, {each.staging: each for each in truth.attempts})
    added = [*_missing(judged.kept, models), *_ends(judged.kept, models, truth)]
    merged = _merge(judged.kept, sorted(added, key=lambda each: each.entry.time))
    merged = _with_start(merged, truth)
    flags = counting(line.entry for line in merged)
    whole = [*compress(merged, flags)]
    repeated = compress(merged, (not each for each in flags))
    changes = [
        *judged.removed,
        *(
            Change(Kind.REMOVE, each.entry, "what it says was decided before")
            for each in repeated
            if each.change is not Kind.ADD
        ),
        *(Change(each.change, each.entry, each.why) for each in whole if each.change),
    ]
    new = b"".join(line.content for line in whole)
    return Plan(
        content=new,
        changes=tuple(sorted(changes, key=lambda each: each.entry.time)),
        kept=sum(line.change is None for line in whole),
        unreadable=unreadable,
        undecided=find_undecided(truth.attempts, _fold(line.entry for line in whole)),
        is_needed=new != content,
    )


def _read(content: bytes) -> tuple[list[_Line], int]:
    """The lines as they are; what cannot be read is only counted."""
    written = [each for each in content.splitlines() if each.strip()]
    read = [(read_line(each), each + b"\n") for each in written]
    lines = [_Line(entry, raw) for entry, raw in read if entry is not None]
    return lines, len(written) - len(lines)


def _models(truth: Truth) -> Iterator[Entry]:
    """The lines that the output branch stands for."""
    for commit in truth.commits:
        model = published(commit)
        if model is not None and model.training == truth.training:
            yield publication_of(commit, model)


def _judge(
    lines: Iterable[_Line],
    models: Mapping[str, Entry],
    attempts: Mapping[str, Attempt],
) -> _Judged:
    """Each line as it is, or as it should be, or not at all."""
    judged = _Judged()
    for line in lines:
        entry = line.entry
        model = models.get(entry.run) if entry.run else None
        if model is not None and replace(entry, time=model.time) != model:
            why = f"output commit {model.output} says otherwise"
            judged.kept.append(_Line.made(model, Kind.CORRECT, why))
        elif model is not None or _is_plausible(entry, attempts):
            judged.kept.append(line)
        else:
            why = f"there is no model {entry.output}, and no run that made one"
            judged.removed.append(Change(Kind.REMOVE, entry, why))
    return judged


def _is_plausible(entry: Entry, attempts: Mapping[str, Attempt]) -> bool:
    """Whether a line may be true though no model speaks for it.

    Of a model whose commit is gone, its run must be there: anybody who may write to
    the run repo may write to a ledger.
    """
    if entry.decision is not Decision.PUBLISHED:
        return True
    attempt = attempts.get(entry.run)
    if attempt is None or attempt.outcome is None:
        return False
    good = attempt.outcome.verdict is Verdict.SUCCEEDED
    return good and attempt.commit == entry.commit


def _missing(kept: Sequence[_Line], models: Mapping[str, Entry]) -> Iterator[_Line]:
    """Models without a line."""
    runs = {line.entry.run for line in kept}
    for run, entry in models.items():
        if run not in runs:
            why = f"output commit {entry.output} says so"
            yield _Line.made(entry, Kind.ADD, why)


def _ends(
    kept: Sequence[_Line], models: Mapping[str, Entry], truth: Truth
) -> Iterator[_Line]:
    """Decisions that closed attempts stand for."""
    ledger = _fold([*(line.entry for line in kept), *models.values()])
    for entry in find_lost_ends(truth.attempts, ledger):
        yield _Line.made(entry, Kind.ADD, f"run {entry.run} says so")


def _merge(kept: Sequence[_Line], added: Sequence[_Line]) -> list[_Line]:
    """Both by their time; the old lines stay in their order."""
    merged: list[_Line] = []
    waiting = [*reversed(added)]
    for line in kept:
        while waiting and waiting[-1].entry.time < line.entry.time:
            merged.append(waiting.pop())
        merged.append(line)
    return [*merged, *reversed(waiting)]


def _with_start(lines: list[_Line], truth: Truth) -> list[_Line]:
    """Where following began, before all else, where no line says it."""
    known = any(line.entry.start is not None for line in lines)
    times = [line.entry.time for line in lines]
    times += [each.opened for each in truth.attempts]
    if known or truth.start is None or not times:
        return lines
    entry = Entry(time=min(times), decision=Decision.STARTED, start=truth.start)
    why = "no line says where following began"
    return [_Line.made(entry, Kind.ADD, why), *lines]


def _fold(entries: Iterable[Entry]) -> Ledger:
    return Ledger().extended([*entries])
