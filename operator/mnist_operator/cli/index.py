"""The ledgers as an index of models: what they say is looked up, then checked. Pure.

A ledger is read in one call, a history is walked at 10 ms a commit. But whoever may
write to the run repo may write to a ledger, a trainer's pod too: so nothing is told
because a ledger says so, only because the commit that it leads to says so, too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from mnist_operator.cli.references import Job, is_prefix, is_whole
from mnist_operator.commits import Branch, Repo
from mnist_operator.decisions import Decision, Entry, read_line

__all__ = ["Index", "Row", "ledger_of", "parse_ledgers"]

_SUFFIX = "_ledger"


@dataclass(frozen=True, slots=True)
class Row:
    """One line about a commit or a run, and the ledger that it is in."""

    ledger: Branch
    entry: Entry

    @property
    def runs(self) -> Repo:
        """The run repo."""
        return self.ledger.repo


@dataclass(frozen=True)
class Index:
    """All lines of some ledgers."""

    rows: tuple[Row, ...] = ()
    ledgers: tuple[Branch, ...] = ()
    sources: Mapping[Branch, str] = field(default_factory=dict)
    """The branch that a ledger's training follows, as far as the ledger says it."""

    @cached_property
    def models(self) -> tuple[Row, ...]:
        """Those about models, oldest first."""
        found = [
            row
            for row in self.rows
            if row.entry.decision is Decision.PUBLISHED
            and is_whole(row.entry.output)
            and is_prefix(row.entry.output)
        ]
        return tuple(sorted(found, key=lambda row: row.entry.time))

    @cached_property
    def outputs(self) -> frozenset[str]:
        """The commits of all models."""
        return frozenset(row.entry.output for row in self.models)

    @cached_property
    def inputs(self) -> frozenset[str]:
        """The commits that anything was decided about."""
        return frozenset(row.entry.commit for row in self.rows if row.entry.commit)

    def extended(self, rows: Iterable[Row]) -> "Index":
        """With models that no ledger has."""
        return replace(self, rows=(*self.rows, *rows))

    def joined(self, other: "Index") -> "Index":
        """With the ledgers of other repos."""
        return Index(
            (*self.rows, *other.rows),
            (*self.ledgers, *other.ledgers),
            {**self.sources, **other.sources},
        )

    def outputs_like(self, prefix: str) -> list[str]:
        """The models' commits that begin so, oldest first."""
        found = (row.entry.output for row in self.models)
        return list(dict.fromkeys(each for each in found if each.startswith(prefix)))

    def inputs_like(self, prefix: str) -> list[str]:
        """The input commits that begin so, oldest first."""
        found = (row.entry.commit for row in self.rows)
        return list(dict.fromkeys(each for each in found if each.startswith(prefix)))

    def learned_from(self, commit: str) -> list[Row]:
        """The models of an input commit, oldest first."""
        return [row for row in self.models if row.entry.commit == commit]

    def after(self, moment: datetime) -> list[Row]:
        """The models that were published after a moment, oldest first."""
        return [row for row in self.models if not _is_by(row, moment)]

    def until(self, moment: datetime) -> list[Row]:
        """The models that were published by a moment, oldest first."""
        return [row for row in self.models if _is_by(row, moment)]

    def of_job(self, job: Job) -> list[Row]:
        """What was decided after the run of a TFJob."""
        return [row for row in self.rows if row.entry.tfjob == job.name]


def ledger_of(name: str, job: Job | None) -> bool:
    """Whether a branch of the run repo is a ledger: any, or the one of a TFJob.

    Names in Kubernetes have no underscore, so they can be told from the rest.
    """
    if job is None:
        return name.endswith(_SUFFIX)
    wanted = f"_{job.training}{_SUFFIX}"
    return name == job.namespace + wanted if job.namespace else name.endswith(wanted)


def _is_by(row: Row, moment: datetime) -> bool:
    """To the second, as times are shown."""
    return row.entry.time.replace(microsecond=0) <= moment


def parse_ledgers(contents: Mapping[Branch, bytes]) -> Index:
    """Every line that can be read; what another version or a person wrote is not."""
    rows: list[Row] = []
    sources: dict[Branch, str] = {}
    for ledger, content in contents.items():
        for line in content.splitlines():
            entry = read_line(line)
            if entry is not None and entry.decision is not Decision.STARTED:
                rows.append(Row(ledger, entry))
            elif entry is not None and entry.start is not None and entry.start.source:
                sources[ledger] = entry.start.source
    return Index(tuple(rows), tuple(contents), sources)
