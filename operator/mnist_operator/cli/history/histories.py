"""The answer to "what became of every commit?", decision by decision. Pure.

The ledger is an index: where the output branch has a model that it misses, the
output branch is right. The shape is documented in docs/mnistctl/history.md.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import compress
from typing import Any

from mnist_operator.cli.history.contrasts import (
    CHANGE_PARTS,
    Contrast,
    compare,
    is_same_data,
    take_apart,
)
from mnist_operator.cli.models import published
from mnist_operator.cli.statements import Statement
from mnist_operator.commits import Branch, Commit
from mnist_operator.decisions import ABOUT_PRODUCTION, Decision, Entry, Start, read_line
from mnist_operator.ledger import counting
from mnist_operator.lineage import publication_of
from mnist_operator.status import timestamp

__all__ = [
    "Decisions",
    "Row",
    "change_accuracy",
    "find_missed",
    "history_head",
    "history_item",
    "history_notes",
    "read_decisions",
    "read_entries",
    "start_json",
    "time_of",
]


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a ledger says."""

    entries: tuple[Entry, ...] = ()
    """Every decision about a commit that counts, oldest first."""
    start: Start | None = None
    """Where following the branch began last."""
    moves: tuple[Entry, ...] = ()
    """Every decision about the production branch that counts, oldest first."""
    lines: tuple[Entry, ...] = ()
    """Both, in the order in which they were written."""


@dataclass(frozen=True, slots=True)
class Row:
    """One decision, and where it was found."""

    entry: Entry
    source: str = "ledger"
    before: Entry | None = None
    """Of a model: the model before it."""

    @property
    def is_model(self) -> bool:
        """Whether a model was published."""
        return self.entry.decision is Decision.PUBLISHED and bool(self.entry.output)

    def after(self, before: Entry) -> "Row":
        """The same, once the model before it is known."""
        return replace(self, before=before)


def read_decisions(content: bytes) -> Decisions:
    """Read a ledger's lines, by the operator's own rules for those that repeat.

    Lines that another version or a person wrote are passed over.
    """
    lines = (read_line(line) for line in content.splitlines())
    entries = [entry for entry in lines if entry is not None]
    told = [*compress(entries, counting(entries))]
    starts = [entry.start for entry in told if entry.start is not None]
    counted = tuple(e for e in told if e.decision is not Decision.STARTED)
    decided = tuple(e for e in counted if e.decision not in ABOUT_PRODUCTION)
    moves = tuple(e for e in counted if e.decision in ABOUT_PRODUCTION)
    return Decisions(decided, starts[-1] if starts else None, moves, counted)


def read_entries(content: bytes) -> list[Entry]:
    """Every decision about a commit that counts, oldest first."""
    return [*read_decisions(content).entries]


def time_of(commit: Commit) -> datetime:
    """When a model was published, as its line in the ledger says it."""
    return commit.finished or commit.started


def find_missed(commit: Commit, training: str, known: Collection[str]) -> Entry | None:
    """The line that a ledger misses for a commit of the output branch, if it does.

    Known are the output commits and the runs that the ledger has.
    """
    model = published(commit)
    if model is None or model.training != training:
        return None
    if commit.id in known or model.run in known:
        return None
    return publication_of(commit, model)


def history_head(
    training: str, decisions: Decisions, *, ledger: Branch, output: Branch
) -> dict[str, Any]:
    """What is known before the first decision is told."""
    return {
        "kind": "mnistctl/history",
        "version": 1,
        "training": training,
        "ledger": str(ledger),
        "output": str(output),
        "start": start_json(decisions.start),
    }


def start_json(start: Start | None) -> dict[str, Any] | None:
    """Where following the branch began."""
    if start is None:
        return None
    return {
        "asked": start.asked,
        "commit": start.commit or None,
        "inclusive": start.inclusive,
        "branch": start.source or None,
        "after": timestamp(start.after) if start.after else None,
    }


def history_item(
    row: Row, statement: Statement | None, before: Statement | None
) -> dict[str, Any]:
    """One decision; of a model also what is another than in the model before.

    A statement is None where the record could not be read.
    """
    entry = row.entry
    return {
        "time": timestamp(entry.time),
        "decision": entry.decision.value,
        "reason": entry.reason or None,
        "message": entry.message or None,
        "inputCommit": entry.commit,
        "modelCommit": entry.output or None,
        "accuracy": entry.accuracy or None,
        "attempt": entry.attempt or None,
        "run": entry.run or None,
        "tfjob": entry.tfjob or None,
        "specSha256": entry.spec or None,
        "request": entry.request or None,
        "source": row.source,
        "recordRead": statement is not None if row.is_model else None,
        **_since(row, statement, before),
    }


def _since(
    row: Row, statement: Statement | None, before: Statement | None
) -> dict[str, Any]:
    last = row.before
    told: dict[str, Any] = {
        "previousModelCommit": last.output if last else None,
        "accuracyChange": None,
        "dataEqual": None,
        "changes": None,
    }
    if last is None:
        return told
    told["accuracyChange"] = change_accuracy(last.accuracy, row.entry.accuracy)
    if statement is None or before is None:
        return told | {"changes": [c.to_json() for c in _by_ledger(last, row.entry)]}
    facts = take_apart(before), take_apart(statement)
    changes = [each for each in compare(*facts) if each.part in CHANGE_PARTS]
    return told | {
        "dataEqual": is_same_data(*facts),
        "changes": [each.to_json() for each in changes],
    }


def _by_ledger(last: Entry, entry: Entry) -> Iterable[Contrast]:
    """What two lines alone can tell."""
    if last.commit != entry.commit:
        yield Contrast("data", "commit", last.commit, entry.commit)
    if last.spec != entry.spec:
        yield Contrast("spec", "sha256", last.spec or None, entry.spec or None)


def change_accuracy(before: str, after: str) -> str | None:
    """How much better it is, as a decimal with its sign; None where one is unknown."""
    try:
        return f"{Decimal(after) - Decimal(before):+f}"
    except InvalidOperation:
        return None


def history_notes(missed: int, output: Branch) -> list[str]:
    """What is to be said of the whole."""
    if not missed:
        return []
    count = "1 model is" if missed == 1 else f"{missed} models are"
    remedy = "the operator writes a missing line the next time that it looks"
    return [f"{count} on {output} but not in the ledger; {remedy}"]
