"""What a record says, checked for its form: what has another one is not known. Pure."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mnist_operator import warm_start
from mnist_operator.cli.statements import Statement, dig, dig_object, dig_text
from mnist_operator.lineage_runs import read_moment

__all__ = ["Data", "Facts", "FileFact", "Source", "read_facts"]

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Source:
    """A model's record, and what only its place says."""

    statement: Statement
    name: str
    """How it is told: project/repo@commit, or the name of a folder."""
    commit: str = ""
    """The output commit that it lies in; empty in a folder."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """The bytes of its files, by path without the first slash."""


@dataclass(frozen=True, slots=True)
class FileFact:
    """A file, by what it is known."""

    path: str
    """Without a slash at its beginning."""
    sha256: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Data:
    """A commit that went in: training data, or a model to begin from."""

    repo: str
    branch: str
    commit: str
    sha256: str
    files: Sequence[FileFact] = ()

    @property
    def uri(self) -> str:
        """Where it is, as the record writes it; empty if that is not known."""
        known = self.repo and self.commit
        return f"pachyderm://{self.repo}@{self.commit}" if known else ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that an export may say; empty is unknown."""

    name: str
    """The training's, with its namespace; else how the record was told."""
    commit: str
    repo: str
    """The output repo, with its project."""
    branch: str
    model: FileFact
    files: Sequence[FileFact]
    data: Data
    begun: Data
    """The model that the training began from; empty: from none."""
    image: str
    image_sha256: str
    source_url: str
    revision: str
    operator: str
    parameters: Mapping[str, Any]
    metrics: Mapping[str, Any]
    environment: Mapping[str, Any]
    started: str
    finished: str
    run: str
    attempt: str
    job: str
    request: str

    @property
    def uri(self) -> str:
        """Where the model is; empty if that is not known."""
        known = self.repo and self.commit
        return f"pachyderm://{self.repo}@{self.commit}" if known else ""

    @property
    def numbers(self) -> dict[str, float]:
        """The metrics that are numbers."""
        return {
            name: value
            for name, value in self.metrics.items()
            if isinstance(value, int | float)
            and not isinstance(value, bool)
            and math.isfinite(value)
        }


def read_facts(source: Source) -> Facts:
    """Take a record apart."""
    statement = source.statement
    output = dig(statement.asked, "spec", "output")
    image, code = statement.material("image"), statement.material("source")
    files = list(_subjects(source))
    path = (dig_text(output, "path") or "").lstrip("/")
    attempt = dig(statement.internal, "attempt")
    model = next((each for each in files if each.path == path), FileFact(path))
    return Facts(
        name=statement.training or source.name,
        commit=source.commit,
        repo=_join(output, "project", "repo"),
        branch=dig_text(output, "branch") or "",
        model=model,
        files=files,
        data=_data(statement.material("input"), statement.data_files()),
        begun=_data(statement.material(warm_start.PART), []),
        image=statement.image or "",
        image_sha256=_sha256(dig(image, "digest", "sha256")),
        source_url=(dig_text(code, "uri") or "").removeprefix("git+"),
        revision=dig_text(code, "digest", "gitCommit")
        or dig_text(code, "annotations", "revision")
        or "",
        operator=dig_text(statement.details, "builder", "version", "mnist-operator")
        or "",
        parameters=dig_object(statement.internal, "effective") or {},
        metrics=statement.byproduct("metrics"),
        environment=statement.byproduct("environment"),
        started=read_moment(dig(statement.details, "metadata", "startedOn")),
        finished=read_moment(dig(statement.details, "metadata", "finishedOn")),
        run=dig_text(statement.internal, "run") or "",
        attempt=str(attempt) if isinstance(attempt, int) else "",
        job=dig_text(statement.details, "metadata", "invocationId") or "",
        request=dig_text(statement.internal, "request") or "",
    )


def _subjects(source: Source) -> Iterator[FileFact]:
    for name, sha256 in source.statement.subjects.items():
        yield FileFact(name, _sha256(sha256), source.sizes.get(name))


def _data(material: Mapping[str, Any], files: Sequence[Mapping[str, Any]]) -> Data:
    told = dig(material, "annotations")
    return Data(
        repo=dig_text(told, "repo") or "",
        branch=dig_text(told, "branch") or "",
        commit=dig_text(told, "commit") or "",
        sha256=_sha256(dig(material, "digest", "sha256")),
        files=list({each.path: each for each in map(_file, files) if each}.values()),
    )


def _file(item: Mapping[str, Any]) -> FileFact | None:
    path, size = dig_text(item, "path"), item.get("bytes", item.get("size"))
    if path is None or not path.strip("/"):
        return None
    known = isinstance(size, int) and not isinstance(size, bool) and size >= 0
    return FileFact(
        path.lstrip("/"), _sha256(item.get("sha256")), size if known else None
    )


def _join(place: Any, *keys: str) -> str:
    names = [dig_text(place, key) or "" for key in keys]
    return "/".join(names) if all(names) else ""


def _sha256(value: Any) -> str:
    whole = isinstance(value, str) and _SHA256.fullmatch(value)
    return value if whole else ""
