"""Can a model's record be believed? What is asked, of whom, and what it comes to. Pure.

A record is held against its witnesses: the run's own commit in the run repo, whose
description no job can write; the ledger; the input commit; and where the operator
signs, its key. A witness that is gone, or may not be asked, proves nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mnist_operator.cli.statements import Statement, dig
from mnist_operator.cli.verify.strangers import Contents
from mnist_operator.commits import Commit, File, Repo
from mnist_operator.decisions import Entry
from mnist_operator.evidence import Evidence, HashedFile
from mnist_operator.runs import OWN_FILES, Attempt, manifest_file
from mnist_operator.trial import Trial

__all__ = [
    "PREVIOUS",
    "Absence",
    "Check",
    "Data",
    "DataFile",
    "Previous",
    "Result",
    "Run",
    "Verified",
    "Witnesses",
    "rebuild_evidence",
]


PREVIOUS = "previousModelCommit"
"""Where a record names this training's model before it."""


class Result(StrEnum):
    """What a check came to."""

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Nobody could be asked; it is no fault, and no proof."""


@dataclass(frozen=True, slots=True)
class Check:
    """One question, and its answer."""

    name: str
    result: Result
    details: tuple[str, ...]
    """A sentence for each thing that was found; at least one."""
    remedy: str = ""
    """What whoever asks can do, where it failed."""


class Absence(StrEnum):
    """Why a witness is silent."""

    GONE = "gone"
    """It is not there: it never was, or was squashed, dropped or deleted."""
    DENIED = "denied"
    """The token of whoever asks may not read it."""
    UNASKED = "unasked"
    """Nothing says where to look, or it is a folder, and there is nobody to ask."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run as its own commit has it."""

    commit: Commit
    attempt: Attempt | None
    """What its description says; None for a commit that is no attempt."""
    asked: Mapping[str, Any] = field(default_factory=dict)
    """attempt.json."""
    manifest: Mapping[str, Any] = field(default_factory=dict)
    """run.json; empty for a trainer that wrote none."""
    manifest_sha256: str = ""
    files: Sequence[File] = ()
    report: bytes = b""
    """What its trainer counted on held-out images, if it was told to."""

    @property
    def trial(self) -> Trial | None:
        """What it was told to compare."""
        return self.attempt.trial if self.attempt else None


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of an input commit, as it is there now."""

    size: int
    sha256: str | None = None
    """None where it was not read."""


@dataclass(frozen=True, slots=True)
class Data:
    """An input commit, and those of its files that the record names."""

    commit: Commit
    files: Mapping[str, DataFile] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Previous:
    """What the output repo says of the model before this one."""

    newest: str
    """This training's newest model below this one; empty without any."""
    is_there: bool = True
    """Whether the one that is recorded is a commit of the repo."""


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Everybody who was asked about one model."""

    run: Run | Absence = Absence.UNASKED
    run_repo: Repo | None = None
    ledger: Sequence[Entry] | Absence = Absence.UNASKED
    """Its lines about this run."""
    moves: Sequence[Entry] | Absence = ()
    """Its lines about the production branch and this model."""
    promotion: bytes | None = None
    """promotion.json of the model; None where it has none."""
    data: Data | Absence = Absence.UNASKED
    beginning: Data | Absence = Absence.UNASKED
    """The model commit that a warm start began from."""
    previous: Previous | Absence = Absence.UNASKED
    shown: Sequence[File] | None = None
    """What the branch's head has; None where that is the model itself."""
    strangers: Mapping[str, Contents] = field(default_factory=dict)
    """What the newest commits above it have that are not the operator's."""
    hashes: Mapping[str, str] = field(default_factory=dict)
    """sha256 of the model's files that were read, by path."""
    deep: bool = False
    """Whether every file was to be read."""


@dataclass(frozen=True, slots=True)
class Verified:
    """One model, and what all checks came to."""

    name: str
    """project/repo@commit, or the folder."""
    training: str | None
    checks: tuple[Check, ...]
    obstacles: tuple[str, ...] = ()
    """Why it cannot be made again; none: it can, as far as anybody can tell."""
    notes: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether nothing spoke against it."""
        return all(each.result is not Result.FAILED for each in self.checks)


def rebuild_evidence(run: Run, statement: Statement) -> Evidence:
    """What the operator had in hand when it wrote the record of this run.

    The files' digests are those of the record, but for run.json, which was read: what
    they are compared with stands in there.

    Raises:
        KeyError, TypeError, AttributeError: attempt.json is no such thing.
    """
    subjects = statement.subjects
    manifest = manifest_file(str(run.asked["spec"]["output"]["path"]))
    files = [
        HashedFile(
            file.path,
            file.size,
            run.manifest_sha256
            if file.path == manifest
            else subjects.get(file.path.lstrip("/"), ""),
        )
        for file in run.files
        if file.path not in OWN_FILES
    ]
    return Evidence(
        attempt=run.asked,
        facts=run.attempt.facts if run.attempt else {},
        manifest=run.manifest,
        files=files,
        previous=str(dig(statement.internal, PREVIOUS) or ""),
    )
