"""Is this record the one that the operator writes of that run? Pure.

The record is made once more from the run's own commit and compared key by key. What an
older operator did not write is not missed; a key that it has must have this value.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mnist_operator import __version__
from mnist_operator.cli.opened import Opened
from mnist_operator.cli.statements import dig
from mnist_operator.cli.verify.gate_words import as_recorded, compare_verdict
from mnist_operator.cli.verify.verification import (
    Absence,
    Check,
    Result,
    Run,
    Witnesses,
    rebuild_evidence,
)
from mnist_operator.commits import Repo
from mnist_operator.decisions import Decision
from mnist_operator.evidence import find_fault, is_request, with_verdict
from mnist_operator.lineage import Model, build_statement
from mnist_operator.runs import ATTEMPT_FILE, Verdict, canonical, job_name

__all__ = ["Trust", "check_ledger", "check_run"]

_UNREADABLE = (AttributeError, KeyError, StopIteration, TypeError, ValueError)
_SHOWN = 10
"""Differences in one record: a forged one may differ in everything."""
_REMEDY = (
    "do not use this model: what its commit says was not written by the operator;"
    " find out who wrote to the output repo"
)
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Trust:
    """What is known of a record without its own word."""

    run_repo: Repo
    """Where runs are: whoever makes up a record could make up a repo for its run."""
    is_named: bool = False
    """Whether whoever asks named it; else it is where it is by default."""
    signed: bool = False
    """Whether the operator's key vouches for the record: then a run whose commit is
    gone is a loss, and no forgery."""


def check_run(model: Model, opened: Opened, seen: Witnesses, trust: Trust) -> Check:
    """Whether the run that is named made this model, by the run's own words."""
    run, place = seen.run, f"{seen.run_repo}@{model.run}"
    if isinstance(run, Absence):
        return _check_absence(run, place, signed=trust.signed)
    faults = tuple(_find_run_faults(run, model, opened, seen.promotion))
    if faults:
        more = (f"and {len(faults) - _SHOWN} more",) if len(faults) > _SHOWN else ()
        return Check("run", Result.FAILED, faults[:_SHOWN] + more, _REMEDY)
    told = f"{place}, attempt {model.attempt}, says the same"
    if trust.signed or seen.run_repo == trust.run_repo:
        return Check("run", Result.OK, (told,))
    if trust.is_named:
        told = f"its run is in {seen.run_repo}, and not in {trust.run_repo}"
        return Check("run", Result.FAILED, (told,), _REMEDY)
    told += "; but that this repo has the runs, the record alone says: if it is so,"
    return Check("run", Result.UNKNOWN, (f"{told} name it with --run-repo",))


def _check_absence(absence: Absence, place: str, *, signed: bool) -> Check:
    if absence is Absence.DENIED:
        return Check("run", Result.UNKNOWN, (f"{place} may not be read",))
    if absence is Absence.UNASKED:
        told = "the record does not say in which repo its run is"
        return Check("run", Result.FAILED, (told,), _REMEDY)
    told = f"{place} is not there: it never was, or was dropped"
    if signed:
        told = f"{told}; the signature vouches for the record"
        return Check("run", Result.UNKNOWN, (told,))
    return Check("run", Result.FAILED, (told,), _REMEDY)


def _find_run_faults(
    run: Run, model: Model, opened: Opened, promotion: bytes | None
) -> Iterator[str]:
    attempt = run.attempt
    if attempt is None:
        yield f"{run.commit} is no run: its description is not mnist-operator's"
        return
    said = {
        "training": (model.training, attempt.training),
        "inputCommit": (model.input_commit, attempt.commit),
        "attempt": (model.attempt, attempt.number),
        "specSha256": (model.spec, attempt.digest),
        "request": (model.request, attempt.request),
        "tfjob": (model.tfjob, _name_job(attempt.training, attempt.staging)),
    }
    for key, (ours, theirs) in said.items():
        if ours != theirs:
            yield f"{key}: the description says {ours}, the run says {theirs}"
    if attempt.outcome is None or attempt.outcome.verdict is not Verdict.SUCCEEDED:
        ended = attempt.outcome.verdict if attempt.outcome else "not ended"
        yield f"the run did not succeed: {ended}"
    elif not is_request(attempt, run.asked):
        yield f"{ATTEMPT_FILE} of the run was changed: it is not what was asked for"
    else:
        yield from _compare_record(run, opened, promotion)


def _name_job(training: str, staging: str) -> str:
    return job_name(training.rpartition("/")[2], staging)


def _compare_record(run: Run, opened: Opened, promotion: bytes | None) -> Iterator[str]:
    statement = opened.statement
    version = dig(statement.details, "builder", "version", "mnist-operator")
    strict = version == __version__
    try:
        evidence = rebuild_evidence(run, statement)
        fault = find_fault(evidence)
        if run.trial is not None:
            # The gate is asked once more: it must say the same.
            evidence = with_verdict(evidence, run.trial, run.report)
        differences = compare_verdict(evidence, promotion, strict=strict)
        wanted = build_statement(as_recorded(evidence, statement, strict=strict))
    except _UNREADABLE as error:
        yield f"no record can be made of the run: {type(error).__name__}: {error}"
        return
    if fault:
        yield f"the run contradicts the record: {fault}"
    yield from differences
    faults = tuple(_compare(statement.value, wanted, (), strict=strict))
    yield from faults
    if strict and not faults:
        yield from _compare_bytes(opened.content, statement.value, wanted)


def _compare_bytes(
    content: bytes | None, said: Mapping[str, Any], wanted: Mapping[str, Any]
) -> Iterator[str]:
    """The same record has the same bytes: nothing twice, and nothing left out."""
    if canonical(said) != content:
        yield "lineage.json is not written as the operator writes it, byte for byte"
    elif canonical(_without_images(said)) != canonical(_without_images(wanted)):
        yield "lineage.json leaves out what the operator writes of this run"


def _without_images(statement: Mapping[str, Any]) -> Any:
    """But for the materials that have a check of their own."""
    value = json.loads(canonical(statement))
    build = value["predicate"]["buildDefinition"]
    materials = build["resolvedDependencies"]
    build["resolvedDependencies"] = [
        each for each in materials if each["name"] not in _ELSEWHERE
    ]
    return value


_ELSEWHERE = frozenset({"image"})
"""Materials that have a check of their own."""


def _compare(
    said: Any, wanted: Any, path: tuple[str, ...], *, strict: bool
) -> Iterator[str]:
    """Every difference, as a sentence; `strict` also minds keys that nobody wanted."""
    if isinstance(said, Mapping) and isinstance(wanted, Mapping):
        for key in said:
            if key in wanted or strict:
                other = wanted.get(key, _MISSING)
                yield from _compare(said[key], other, (*path, key), strict=strict)
    elif _are_named(said) and _are_named(wanted):
        yield from _find_doubles(said, path)
        named, others = _by_name(said), _by_name(wanted)
        yield from _compare(named, others, path, strict=strict)
    elif said != wanted:
        at = ".".join(path)
        if wanted is _MISSING:
            yield f"{at}: lineage.json says {_short(said)}, the run says nothing of it"
        else:
            yield f"{at}: lineage.json says {_short(said)}, the run {_short(wanted)}"


def _find_doubles(
    items: Sequence[Mapping[str, Any]], path: tuple[str, ...]
) -> Iterator[str]:
    """One reader takes the first of them, and another one the last."""
    for name, count in Counter(each["name"] for each in items).items():
        if count > 1 and name not in _ELSEWHERE:
            yield f"{'.'.join(path)}: lineage.json has {count} items named {name}"


def _are_named(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, Mapping) and isinstance(item.get("name"), str)
        for item in value
    )


def _by_name(items: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {each["name"]: each for each in items if each["name"] not in _ELSEWHERE}


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 200 else f"{text[:200]}…"  # noqa: PLR2004


def check_ledger(model: Model, seen: Witnesses, trust: Trust) -> Check:
    """Whether the ledger says that this commit is what the run was published as."""
    lines = seen.ledger
    if isinstance(lines, Absence):
        why = "may not be read" if lines is Absence.DENIED else "is not there"
        told = f"the ledger of {model.training} in {seen.run_repo} {why}"
        return Check("ledger", Result.UNKNOWN, (told,))
    if not trust.signed and seen.run_repo != trust.run_repo:
        told = f"that {seen.run_repo} has the ledger, the record alone says"
        return Check("ledger", Result.UNKNOWN, (told,))
    published = [each for each in lines if each.decision is Decision.PUBLISHED]
    if any(each.output == model.commit for each in published):
        return Check("ledger", Result.OK, ("it names this commit as the run's model",))
    if published:
        told = f"it names {published[-1].output} as the model of run {model.run}"
        return Check("ledger", Result.FAILED, (told,), f"use that one; {_REMEDY}")
    if lines:
        told = f"it says of run {model.run}: {lines[-1].decision}, {lines[-1].reason}"
        return Check("ledger", Result.FAILED, (told,), _REMEDY)
    told = (
        "it does not name the run: the operator writes a line as soon as a model is"
        " published, and mnistctl ledger makes the lines anew that are missing"
    )
    return Check("ledger", Result.UNKNOWN, (told,))
