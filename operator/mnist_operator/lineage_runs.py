"""One run in plain words: what went in, what came out, who did it how. Pure.

It is told by its attempt while it is under way, by the ledger's line when it is
decided, and by lineage.json once there is a model: that one is read without trust,
since a commit may hold any file of that name, and what it does not say is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from typing import Any

from mnist_operator import places, warm_start
from mnist_operator.commits import Branch
from mnist_operator.decisions import Entry
from mnist_operator.resource import MnistTraining
from mnist_operator.runs import Attempt, job_name
from mnist_operator.status import timestamp

__all__ = [
    "Dataset",
    "Run",
    "read_moment",
    "read_run",
    "run_of_attempt",
    "run_of_entry",
]


@dataclass(frozen=True, slots=True)
class Dataset:
    """A branch of a repo, at one of its commits."""

    repo: str
    """With its project: default/inputrepo."""
    branch: str
    commit: str = ""
    """Empty: not known yet."""
    files: int | None = None
    size: int | None = None
    """In bytes, of these files together."""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One run, as far as it is known; what is empty is not told."""

    staging: str
    training: str
    """Its namespace and name."""
    inputs: tuple[Dataset, ...] = ()
    outputs: tuple[Dataset, ...] = ()
    started: str = ""
    ended: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    source_url: str = ""
    revision: str = ""
    tensorflow: str = ""
    """The version that trained."""
    operator: str = ""


def run_of_attempt(
    attempt: Attempt, training: MnistTraining, spec: Mapping[str, Any]
) -> Run:
    """The run that an attempt begins; spec is what it was asked (`runs.run_spec`)."""
    output = places.output_branch(training)
    inputs = [_at(places.input_branch(training), attempt.commit)]
    if attempt.begins_from:
        inputs.append(_at(output, attempt.begins_from))
    return Run(
        staging=attempt.staging,
        training=attempt.training,
        inputs=tuple(inputs),
        outputs=(_at(output, ""),),
        started=timestamp(attempt.opened),
        parameters=spec["trainer"].get("parameters") or {},
        tags={
            "attempt": str(attempt.number),
            "tfjob": f"{training.namespace}/{job_name(training.name, attempt.staging)}",
            "image": spec["trainer"]["image"],
            "specSha256": attempt.digest,
            "request": attempt.request,
        },
        operator=attempt.operator,
    )


def run_of_entry(entry: Entry, training: MnistTraining) -> Run:
    """The run that a line of the ledger decides on."""
    output = places.output_branch(training)
    return Run(
        staging=entry.run,
        training=training.key,
        inputs=(_at(places.input_branch(training), entry.commit),),
        outputs=(_at(output, entry.output),),
        tags={
            "attempt": str(entry.attempt),
            "tfjob": f"{training.namespace}/{entry.tfjob}",
            "specSha256": entry.spec,
            "request": entry.request,
        },
    )


def _at(branch: Branch, commit: str) -> Dataset:
    return Dataset(str(branch.repo), branch.name, commit)


def read_run(statement: Mapping[str, Any], *, commit: str = "") -> Run | None:
    """The run that a record tells of; None where it does not even name it.

    The record cannot name the commit that it lies in.
    """
    definition = _dig(statement, "predicate", "buildDefinition")
    details = _dig(statement, "predicate", "runDetails")
    asked, internal = (_dig(definition, f"{each}Parameters") for each in _PARAMETERS)
    names = [_text(asked, "training", key) for key in ("namespace", "name")]
    staging = _text(internal, "run")
    if not staging or not all(names):
        return None
    materials = _by_name(_dig(definition, "resolvedDependencies"))
    facts = _by_name(_dig(details, "byproducts"))
    output = _dig(asked, "spec", "output")
    accuracy = _decimal(_dig(facts, "metrics", "annotations", "accuracy"))
    made = _dataset(_repo(output), output, commit, {"accuracy": accuracy})
    effective = _dig(internal, "effective")
    return Run(
        staging=staging,
        training="/".join(names),
        inputs=_read_inputs(materials),
        outputs=(made,) if made else (),
        started=read_moment(_dig(details, "metadata", "startedOn")),
        ended=read_moment(_dig(details, "metadata", "finishedOn")),
        parameters=effective if isinstance(effective, Mapping) else {},
        tags=_read_tags(internal, details, materials),
        source_url=_text(materials, "source", "uri").removeprefix("git+"),
        revision=_text(materials, "source", "digest", "gitCommit")
        or _text(materials, "source", "annotations", "revision"),
        tensorflow=_text(facts, "environment", "annotations", "tensorflow"),
        operator=_text(details, "builder", "version", "mnist-operator"),
    )


_PARAMETERS = ("external", "internal")


def _read_tags(internal: Any, details: Any, materials: Any) -> dict[str, str]:
    number = _dig(internal, "attempt")
    return {
        "attempt": str(number) if isinstance(number, int) else "",
        "tfjob": _text(details, "metadata", "invocationId"),
        "image": _text(materials, "image", "uri").removeprefix("oci://"),
        "imageSha256": _text(materials, "image", "digest", "sha256"),
        "specSha256": _text(internal, "specSha256"),
        "request": _text(internal, "request"),
    }


def _read_inputs(materials: Mapping[str, Any]) -> tuple[Dataset, ...]:
    """The training data, and the model that the run began from, if it did."""
    data = _dig(materials, "input", "annotations")
    files = _dig(data, "files")
    whole = files if isinstance(files, list) else []
    listed = [each for each in whole if isinstance(each, Mapping)]
    sizes = [each.get("bytes", each.get("size")) for each in listed]
    known = listed and all(isinstance(size, int) for size in sizes)
    found = _dataset(
        _text(data, "repo"),
        data,
        _text(data, "commit"),
        {"sha256": _text(materials, "input", "digest", "sha256")},
    )
    if found and listed:
        found = replace(found, files=len(listed), size=sum(sizes) if known else None)
    model = _dig(materials, warm_start.PART, "annotations")
    begun = _dataset(_text(model, "repo"), model, _text(model, "commit"), {})
    return tuple(each for each in (found, begun) if each)


def _dataset(
    repo: str, place: Any, commit: str, tags: Mapping[str, str]
) -> Dataset | None:
    branch = _text(place, "branch")
    return Dataset(repo, branch, commit, tags=tags) if repo and branch else None


def _repo(place: Any) -> str:
    names = [_text(place, key) for key in ("project", "repo")]
    return "/".join(names) if all(names) else ""


def read_moment(value: Any) -> str:
    """A time as RFC 3339 has it; empty for what is none, or names no zone."""
    try:
        moment = datetime.fromisoformat(value)
        return timestamp(moment) if moment.tzinfo else ""
    except (ValueError, TypeError, OverflowError):
        return ""


def _decimal(value: Any) -> str:
    """As `Evidence.accuracy` writes it."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:.4f}" if is_number else ""


def _by_name(items: Any) -> dict[str, Any]:
    """Resource descriptors by their name, of several the first."""
    listed = items if isinstance(items, list) else []
    named = [each for each in listed if isinstance(each, Mapping)]
    return {str(each.get("name")): each for each in reversed(named)}


def _dig(value: Any, *path: str) -> Any:
    """Follow keys downwards; None where the way ends."""
    return reduce(
        lambda at, key: at.get(key) if isinstance(at, Mapping) else None, path, value
    )


def _text(value: Any, *path: str) -> str:
    found = _dig(value, *path)
    return found if isinstance(found, str) else ""
