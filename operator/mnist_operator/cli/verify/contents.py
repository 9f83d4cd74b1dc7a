"""The checks of what a record is about: the model's files, and the data. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mnist_operator.cli.comparison import compare_files
from mnist_operator.cli.opened import Opened
from mnist_operator.cli.statements import Statement, dig
from mnist_operator.cli.verify.verification import (
    Absence,
    Check,
    Data,
    Result,
    Run,
    Witnesses,
)
from mnist_operator.commits import CommitState, File
from mnist_operator.runs import OWN_FILES
from mnist_operator.test_result import PROMOTION_FILE

__all__ = ["check_beginning", "check_data", "check_files", "find_changed"]


def find_changed(files: Sequence[File], run: Run | Absence) -> list[str]:
    """Which files must be read, since pachd's hashes do not vouch for them.

    The gate's word is the operator's own, so no run has it to compare with; and it is
    read where there is no run to ask, too.
    """
    theirs = (
        {} if isinstance(run, Absence) else {each.path: each.hash for each in run.files}
    )
    return [
        each.path
        for each in files
        if each.path == PROMOTION_FILE
        or (each.path in theirs and (not each.hash or each.hash != theirs[each.path]))
    ]


def check_files(opened: Opened, seen: Witnesses) -> Check:
    """Whether the files are there, all of them, no others, with their digests."""
    statement = opened.statement
    faults = compare_files(statement, opened.files)
    for name, recorded in sorted(statement.subjects.items()):
        actual = seen.hashes.get(f"/{name.lstrip('/')}")
        if actual is not None and actual != recorded:
            faults.append(f"{name} has sha256 {actual}, recorded is {recorded}")
    faults += _find_lost(opened.files, seen.run)
    if faults:
        return Check("files", Result.FAILED, tuple(faults), _remedy_files(seen))
    count = _count(len(statement.subjects))
    if statement.subjects.keys() <= {path.lstrip("/") for path in seen.hashes}:
        return Check("files", Result.OK, (f"{count}: read, each has its digest",))
    if isinstance(seen.run, Absence):
        told = f"{count}: there, but nothing vouches for their bytes; ask with --deep"
        return Check("files", Result.UNKNOWN, (told,))
    told = f"{count}: those of the run, by pachd's own hashes; --deep reads them"
    return Check("files", Result.OK, (told,))


def _find_lost(files: Sequence[File], run: Run | Absence) -> Iterator[str]:
    """What the run wrote and the model does not have, or the other way round."""
    if isinstance(run, Absence) or run.attempt is None:
        return
    written = {each.path for each in run.files} - OWN_FILES
    there = {each.path for each in files}
    for path in sorted(written - there):
        yield f"{path} of the run is not in the commit"


def _remedy_files(seen: Witnesses) -> str:
    if seen.deep and isinstance(seen.run, Absence):
        return "do not use these files: download or publish the model again"
    run = seen.run
    where = (
        "" if isinstance(run, Absence) else f"; what the run wrote is in {run.commit}"
    )
    return f"do not use these files{where}"


def check_data(statement: Statement, seen: Witnesses) -> Check:
    """Whether the input commit is there, finished, with the files that were read."""
    name = f"{_text(statement, 'repo')}@{_text(statement, 'commit')}"
    data = seen.data
    if isinstance(data, Absence):
        return _check_no_data(data, name)
    if data.commit.state is not CommitState.FINISHED:
        told = f"{name} is {data.commit.state.lower()}, not finished"
        return Check("input", Result.FAILED, (told,), _WRONG)
    recorded = statement.data_files()
    faults = tuple(_find_data_faults(recorded, data))
    if faults:
        remedy = "the record names other data than the commit holds: retrain the model"
        return Check("input", Result.FAILED, faults, remedy)
    if not recorded:
        told = f"{name} is there; the trainer did not say which files it read"
        return Check("input", Result.UNKNOWN, (told,))
    how = "read, each has its digest" if seen.deep else "there; --deep reads them"
    told = f"{name}, finished; {_count(len(recorded))}: {how}"
    return Check("input", Result.OK, (told,))


def _check_no_data(absence: Absence, name: str) -> Check:
    if absence is Absence.GONE:
        told = f"{name} is not there: it was squashed or dropped, or never was"
        remedy = "its data cannot be shown any more; retrain on a commit that is there"
        return Check("input", Result.FAILED, (told,), remedy)
    why = "may not be read" if absence is Absence.DENIED else "cannot be asked for here"
    return Check("input", Result.UNKNOWN, (f"{name} {why}",))


def _find_data_faults(
    recorded: Sequence[Mapping[str, Any]], data: Data
) -> Iterator[str]:
    for item in recorded:
        path = f"/{str(item.get('path')).lstrip('/')}"
        found, size = data.files.get(path), item.get("bytes", item.get("size"))
        if found is None:
            yield f"{path} is not in {data.commit}"
        elif isinstance(size, int) and size != found.size:
            yield f"{path} has {found.size} bytes, recorded are {size}"
        elif found.sha256 is not None and found.sha256 != item.get("sha256"):
            yield f"{path} has sha256 {found.sha256}, recorded is {item.get('sha256')}"


def check_beginning(statement: Statement, seen: Witnesses) -> Check | None:
    """Whether the model that a warm start began from is there; None without one."""
    material = statement.material("warmStart")
    if not material:
        return None
    commit, repo, path = (
        dig(material, "annotations", key) for key in ("commit", "repo", "path")
    )
    name, found = f"{repo}@{commit}", seen.beginning
    if isinstance(found, Absence):
        gone = found is Absence.GONE
        told = f"{name} {'is not there' if gone else 'may not be read'}"
        result = Result.FAILED if gone else Result.UNKNOWN
        remedy = "the model that it began from cannot be shown any more" * gone
        return Check("beginning", result, (told,), remedy)
    file, recorded = found.files.get(str(path)), dig(material, "digest", "sha256")
    if file is None:
        return Check("beginning", Result.FAILED, (f"{path} is not in {name}",), _WRONG)
    if file.sha256 not in {None, recorded}:
        told = f"{path} of {name} has sha256 {file.sha256}, recorded is {recorded}"
        return Check("beginning", Result.FAILED, (told,), _WRONG)
    how = "read, it has its digest" if file.sha256 else "there; --deep reads it"
    return Check("beginning", Result.OK, (f"{path} of {name}: {how}",))


_WRONG = "do not use this model: its record names what is not there"


def _text(statement: Statement, key: str) -> str:
    return str(dig(statement.material("input"), "annotations", key) or "?")


def _count(number: int) -> str:
    return "1 file" if number == 1 else f"{number} files"
