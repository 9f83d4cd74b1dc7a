"""What the records of one model say went into it, and where they differ. Pure.

The description can be changed by nobody once its commit is finished, and so can the
run's; pachd's own provenance is pachd's; lineage.json is sealed by the description;
the metadata map can be edited by everyone. Whatever any of them says is a claim.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mnist_operator.cli.comparison import find_disagreements
from mnist_operator.cli.graph.graph import Role
from mnist_operator.cli.models import compare_provenance
from mnist_operator.cli.statements import (
    Statement,
    dig_text,
    read_object,
    read_statement,
)
from mnist_operator.commits import Commit, File
from mnist_operator.lineage import Model
from mnist_operator.runs import Attempt, read_attempt

__all__ = ["Claim", "Record", "find_claims", "find_faults"]


@dataclass(frozen=True)
class Record:
    """All that was looked up about one model."""

    commit: Commit
    model: Model
    content: bytes | None = None
    """lineage.json."""
    files: Sequence[File] = ()
    run: Commit | None = None
    """Its run's own commit."""
    run_denied: bool = False
    """Whether nobody could look for that."""
    causes: Mapping[str, Commit | None] = field(default_factory=dict)
    """The commits that any copy names, by project/repo@commit; None: gone."""

    @property
    def name(self) -> str:
        """How its node is called."""
        return str(self.commit)

    @property
    def statement(self) -> Statement:
        """lineage.json, taken apart."""
        return read_statement(self.content)

    @property
    def attempt(self) -> Attempt | None:
        """Its run's description."""
        return read_attempt(self.run) if self.run is not None else None

    @property
    def run_name(self) -> str:
        """Its run, as a node."""
        repo = self.statement.run_repo or f"{self.commit.repo}_runs"
        return f"{repo}@{self.model.run}"


@dataclass(frozen=True, slots=True)
class Claim:
    """Who says that something went in."""

    name: str
    role: Role
    said_by: str


def find_claims(record: Record) -> list[Claim]:
    """What each copy says of data and beginning, and what pachd says."""
    model, statement, attempt = record.model, record.statement, record.attempt
    described = read_object(record.commit.description) or {}
    entries, output = record.commit.metadata, str(record.commit.repo)
    data, begun = statement.material("input"), statement.material("warmStart")
    told = [
        ("description", Role.DATA, model.input_repo, model.input_commit),
        ("lineage.json", Role.DATA, *_place(data)),
        ("metadata", Role.DATA, entries.get("input.repo"), entries.get("input.commit")),
        ("description", Role.BEGINNING, output, described.get("warmStart")),
        ("lineage.json", Role.BEGINNING, *_place(begun)),
        ("metadata", Role.BEGINNING, output, entries.get("warmStart.commit")),
    ]
    if attempt is not None:
        told.append(("run", Role.DATA, model.input_repo, attempt.commit))
    if attempt is not None and described.get("warmStart"):
        told.append(("run", Role.BEGINNING, output, attempt.begins_from))
    told += [("pachd", *each) for each in _provenance(record)]
    return [
        Claim(f"{repo}@{commit}", role, who)
        for who, role, repo, commit in told
        if isinstance(repo, str) and repo and isinstance(commit, str) and commit
    ]


def _place(material: Mapping[str, Any]) -> tuple[str | None, str | None]:
    repo = dig_text(material, "annotations", "repo")
    return repo, dig_text(material, "annotations", "commit")


def _provenance(record: Record) -> list[tuple[Role, str, str]]:
    """What pachd says itself: the same input, or whatever else it was made from."""
    wanted = (record.model.input_repo, record.model.input_commit)
    return [
        (Role.DATA if (str(repo), name) == wanted else Role.PROVENANCE, str(repo), name)
        for repo, name in record.commit.provenance
    ]


def find_faults(record: Record) -> list[str]:
    """Where the records of one model disagree; none where all say the same."""
    copies = find_disagreements(record.commit, record.content, record.files)
    return [*copies, *_find_foreign(record), *_find_younger(record)]


def _find_foreign(record: Record) -> list[str]:
    """What the run and pachd say otherwise than the three copies."""
    model, attempt = record.model, record.attempt
    faults = compare_provenance(record.commit, model)
    if record.run is not None and attempt is None:
        faults.append(f"the description names {record.run_name}, which is no run")
    if attempt is None:
        return faults
    if attempt.commit != model.input_commit:
        faults.append(
            f"the description says it learned from {model.input_commit},"
            f" its run was started on {attempt.commit}"
        )
    if attempt.training != model.training:
        faults.append(
            f"the description says it is of {model.training}, its run of"
            f" {attempt.training}"
        )
    described = read_object(record.commit.description) or {}
    begun = described.get("warmStart")
    if begun and begun != attempt.begins_from:
        given = attempt.begins_from or "no model"
        faults.append(
            f"the description says it began from {begun}, its run was given {given}"
        )
    return faults


def _find_younger(record: Record) -> list[str]:
    """Causes that were there only after their effect, by pachd's own clock."""
    effect = record.run or record.commit
    return [
        f"{name} is said to have gone into it, and was started only after {effect}"
        for name, cause in record.causes.items()
        if cause is not None and cause.started > effect.started
    ]
