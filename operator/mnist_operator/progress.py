"""How far a run is, as its trainer says in the log, and what is shown of that. Pure.

A line of the log that begins with `progress: ` and goes on with one JSON object says
it; docs/trainer.md has the format. Any image may print anything: what is no such line,
or is no true one, says nothing. What is shown is a view: nothing is decided by it.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from mnist_operator.foreign import moment, number, read_json, rows, table, word
from mnist_operator.status import Progress, timestamp

__all__ = ["bare", "dress", "read_progress", "recall_progress", "without_progress"]

_MARK = b"progress: "
_CUT = 2000
"""Kubernetes takes the last 2,048 bytes of a log for last words, where there are no
others: from about so many on the first line may be the end of one."""
_LONGEST_LINE = 4096
"""Bytes of a line that is read at all."""
_MOST_METRICS = 8
_MOST = 2**31 - 1
_MOST_EXACT = 2**53
"""From here on a float does not hold every whole number."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]{0,31}")
_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?([eE][-+]?[0-9]{1,3})?")


def read_progress(log: bytes) -> Progress | None:
    """What the newest line says that says anything; None where none does.

    `log` is the end of a log: its first line and its last one may be in pieces.
    """
    # A bar that moves ends its line with a carriage return, and begins it with more.
    for line in reversed(re.split(rb"[\r\n]+", log)):
        found = _read_line(line)
        if found is not None:
            return found
    return None


def without_progress(words: str) -> str:
    """A trainer's last words, which may be the end of its log, without such lines."""
    first, *others = words.splitlines(keepends=True) or [""]
    is_rest = len(words) >= _CUT and first.endswith("}\n") and first[0] != "{"
    kept = others if is_rest and '"' in first else [first, *others]
    return "".join(each for each in kept if not each.startswith(f"{_MARK.decode()}{{"))


def _read_line(line: bytes) -> Progress | None:
    if not line.startswith(_MARK) or len(line) > _LONGEST_LINE:
        return None
    said = table(read_json(line[len(_MARK) :]))
    counts = {
        key: number(said[key])
        for key in ("epoch", "epochs", "step", "steps")
        if key in said
    }
    if not _count_something(counts):
        return None
    ends = moment(said.get("estimatedCompletionTime"))
    return Progress(
        **counts,
        metrics=dict(_metrics(table(said.get("metrics")))),
        estimated_completion_time=timestamp(ends) if ends else None,
    )


def _count_something(counts: Mapping[str, int | None]) -> bool:
    """Whether all are numbers, and of one pair at least there is a whole."""
    for some, all_of_them in (("epoch", "epochs"), ("step", "steps")):
        part, whole = counts.get(some, 0), counts.get(all_of_them, 0)
        if part is None or whole is None or not 0 <= part <= whole <= _MOST:
            return False
    return bool(counts.get("epochs") or counts.get("steps"))


def _metrics(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    found = 0
    for name, value in said.items():
        text = _tell_number(value)
        if text and _NAME.fullmatch(name):
            found += 1
            yield name, text
        if found == _MOST_METRICS:
            return


def _tell_number(value: Any) -> str:
    """A number as a text, since the API has no floats; empty for what is none."""
    if isinstance(value, str):
        return value if _DECIMAL.fullmatch(value) else ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if not abs(value) < _MOST_EXACT or not math.isfinite(value):
        return ""
    return f"{value:.6g}"


def recall_progress(active: Any) -> dict[str, Progress]:
    """What an earlier status shows, by run: a person may have written it."""
    found = {}
    for each in rows(active):
        try:
            if "progress" in each:
                said = Progress.model_validate(each["progress"])
                found[word(each.get("run"))] = said
        except ValidationError:
            continue
    return found


def dress(status: Mapping[str, Any], known: Mapping[str, Progress]) -> dict[str, Any]:
    """A status as JSON, with what is `known` of its runs, by run, as they run."""
    active = [
        {**each, "progress": known[each["run"]].to_json()}
        if each["state"] == "Running" and each["run"] in known
        else each
        for each in _bare(rows(status.get("active")))
    ]
    return {**status, "active": active}


def bare(status: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same status without any progress, which is news to nobody."""
    active = status.get("active")
    if not active or not isinstance(active, list):
        return status
    return {**status, "active": _bare(active)}


def _bare(active: Iterable[Any]) -> list[Any]:
    return [
        {key: value for key, value in each.items() if key != "progress"}
        if isinstance(each, Mapping)
        else each
        for each in active
    ]
