"""Does promotion.json say what the gate says of this run? Pure.

The gate is asked once more, by what the run's trainer counted. Its words are those of
today, and an older operator had others for the same: so what is compared is what they
say. Every value must be the same, but for the sentence that is meant for people; of
that the numbers must be, each of them one of today's.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mnist_operator.cli.statements import Statement, read_object
from mnist_operator.evidence import Evidence
from mnist_operator.test_result import PROMOTION_FILE

__all__ = ["as_recorded", "compare_verdict"]

_MESSAGE = "message"
_NEEDED = frozenset(
    {
        *("_type", "subject", "predicateType", "predicate", "result", "configuration"),
        *("failedTests", "warnedTests", "digest", "sha256", "annotations"),
        *("commit", "repo", "path", "level", "maxRegression", "minAccuracy", "uri"),
        *("verdict", "reason", _MESSAGE, "images", "accuracy", "championAccuracy"),
        *("p", "table", "leaked", "mark", "right", "challenger", "champion"),
        *("bothRight", "onlyChampion", "onlyChallenger", "bothWrong"),
        *("heldOut", "championData", "policy"),
    }
)
"""What decides, or was counted: it is not to be left out. Another key may have come
with a later operator."""
_FIRST = ("predicate", "configuration", "verdict", "reason")
"""Where the verdict is, which is told before the figures."""
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w]|\.\d)")
_ID = re.compile(r"\b[0-9a-f]{32}\b")
_PERCENT = 100
_ENOUGH = 2
"""Decimals of a number that may be a rounded one; of a percentage one is enough."""
_MISSING = object()


def compare_verdict(
    evidence: Evidence, promotion: bytes | None, *, strict: bool
) -> tuple[str, ...]:
    """What the gate's file says that the gate does not say, asked once more."""
    wanted = evidence.promotion
    if not wanted or promotion == wanted:
        return ()
    if promotion is None:
        return (f"the model was compared, and its commit has no {PROMOTION_FILE}",)
    found = tuple(_find_differences(promotion, wanted))
    if strict and not found:
        found = ("it is not written as the operator writes it, byte for byte",)
    return tuple(f"{PROMOTION_FILE}: {each}" for each in found)


def as_recorded(evidence: Evidence, statement: Statement, *, strict: bool) -> Evidence:
    """The same, with the digest of the gate's file as the record has it.

    An older operator's has other words. That the file has this digest is another
    check, and what it says was compared.
    """
    recorded = statement.subjects.get(PROMOTION_FILE.lstrip("/"))
    if strict or recorded is None or not evidence.promotion:
        return evidence
    *others, word = evidence.files
    return replace(evidence, files=[*others, replace(word, sha256=recorded)])


def _find_differences(content: bytes, wanted: bytes) -> Iterator[str]:
    """Each value that is not the gate's, as a sentence; none where all are."""
    ours, theirs = read_object(content), read_object(wanted)
    if ours is None or theirs is None:
        yield "it is no JSON object"
        return
    told = _Told(wanted.decode(), tuple(_list_numbers(theirs)))
    yield from _compare(ours, theirs, (), told)


@dataclass(frozen=True, slots=True)
class _Told:
    """All that a sentence may speak of."""

    text: str
    figures: tuple[float, ...]


def _compare(
    said: Any, wanted: Any, path: tuple[str, ...], told: _Told
) -> Iterator[str]:
    if isinstance(said, Mapping) and isinstance(wanted, Mapping):
        yield from _compare_objects(said, wanted, path, told)
    elif _are_named(said) and _are_named(wanted):
        counts = Counter(each["name"] for each in said)
        for name, count in counts.items():
            if count > 1:  # One reader takes the first of them, another the last.
                yield f"{'.'.join(path)}: it has {count} items named {name}"
        yield from _compare(_by_name(said), _by_name(wanted), path, told)
    elif path[-1:] == (_MESSAGE,) and isinstance(said, str) and said:
        yield from _compare_words(said, ".".join(path), told)
    elif not _is_same(said, wanted):
        ours = "nothing of it" if said is _MISSING else said
        yield f"{'.'.join(path)}: it says {ours}, by the run it is {wanted}"


def _compare_objects(
    said: Mapping[str, Any],
    wanted: Mapping[str, Any],
    path: tuple[str, ...],
    told: _Told,
) -> Iterator[str]:
    first = [key for key in _FIRST if key in wanted]
    for key in (*first, *(each for each in wanted if each not in _FIRST)):
        if key in said or key in _NEEDED:
            ours = said.get(key, _MISSING)
            yield from _compare(ours, wanted[key], (*path, key), told)


def _compare_words(said: str, at: str, told: _Told) -> Iterator[str]:
    """A sentence in other words: its figures, and the commits that it names."""
    for name in _ID.findall(said):
        if name not in told.text:
            yield f"{at}: it names {name}, which was not compared"
    for number in _NUMBER.findall(_ID.sub("", said)):
        if not any(_stands_for(number, each) for each in told.figures):
            yield f"{at}: it says {number}, which is no figure of the run"


def _stands_for(number: str, figure: float) -> bool:
    """Whether it is that figure; rounded, or as a percentage."""
    if float(number) == figure:
        return True
    decimals = len(number.partition(".")[2].partition("e")[0])
    rounded = decimals >= _ENOUGH and float(number) == round(figure, decimals)
    percent = decimals >= 1 and float(number) == round(_PERCENT * figure, decimals)
    return rounded or percent


def _list_numbers(value: Any) -> Iterator[float]:
    """Every number that the document says, in its sentences too."""
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _list_numbers(each)
    elif isinstance(value, list):
        for each in value:
            yield from _list_numbers(each)
    else:
        yield from map(float, _NUMBER.findall(_ID.sub("", str(value))))


def _is_same(said: Any, wanted: Any) -> bool:
    """The same value; a number may be written in another way."""
    if said == wanted:
        return type(said) is type(wanted)
    both = isinstance(said, str), isinstance(wanted, str)
    if both != (True, True):
        return False
    numbers = _NUMBER.fullmatch(said), _NUMBER.fullmatch(wanted)
    return all(numbers) and float(said) == float(wanted)


def _are_named(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, Mapping) and isinstance(item.get("name"), str)
        for item in value
    )


def _by_name(items: list[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {each["name"]: each for each in items}
