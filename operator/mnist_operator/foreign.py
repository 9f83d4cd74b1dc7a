"""What others wrote, made fit to be read and passed on: texts, times, JSON. Pure.

Trainers, users, servers and whoever stands between write what they like, and some of
it harms whoever passes it on: half of a surrogate pair cannot be encoded, and the API
server gives back another character, so a status would never be as it was written;
pachd's database takes no NUL; terminals obey escapes; a date of the year 9999 leaves
no room for a deadline; and what nests a thousand times cannot be written again.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

__all__ = [
    "count",
    "encodable",
    "identity",
    "moment",
    "nests_deeply",
    "number",
    "plain",
    "read_json",
    "rows",
    "table",
    "word",
]

_FIRST_YEAR, _LAST_YEAR = 1900, 2999
"""Of times that can be true; far from where sums of times end."""
_DEEPEST = 100
"""So deep may a trainer's report nest; Python itself ends at a thousand."""
_LONGEST_NAME = 2048
_MOST = 2**31
_NOT_THERE = "\ufffd"


def plain(text: str, limit: int) -> str:
    """The first `limit` characters, as they can be shown to anybody.

    Lines stay; what moves a cursor, changes colours or direction, or cannot be
    encoded does not.
    """
    cut = text[:limit]
    return cut if cut.isprintable() else "".join(map(_shown, cut))


def _shown(character: str) -> str:
    if character.isprintable() or character == "\n":
        return character
    return " " if character.isspace() else _NOT_THERE


def encodable(text: str) -> str:
    """The same text, but for halves of surrogate pairs, which no encoding has."""
    return text.encode(errors="replace").decode()


def identity(value: Any) -> str:
    """A text that tells things apart, as it is.

    Raises a ValueError for what no operator wrote: it would not fit where it goes.
    """
    text = encodable(str(value))
    if len(text) > _LONGEST_NAME:
        raise ValueError("too long for a name")
    return text


def count(value: Any) -> int:
    """A number of things; raises a ValueError for what counts nothing."""
    found = int(value)
    if not 0 <= found < _MOST:
        raise ValueError(f"{found} counts nothing")
    return found


def moment(value: Any) -> datetime | None:
    """A time as RFC 3339 has it, in UTC; None for what is none that can be true.

    One without a zone, as a person may write it, is taken for one in UTC.
    """
    try:
        read = datetime.fromisoformat(value)
        known = read if read.tzinfo else read.replace(tzinfo=UTC)
        there = known.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
    return there if _FIRST_YEAR <= there.year <= _LAST_YEAR else None


def read_json(content: str | bytes) -> Any:
    """What a JSON text says; None for what is none, and for `null`."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def nests_deeply(value: Any) -> bool:
    """Whether a value is inside of others more often than is good for anybody."""
    level = [value]
    for _ in range(_DEEPEST):
        inner: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                inner += each.values()
            elif isinstance(each, list):
                inner += each
        if not inner:
            return False
        level = inner
    return True


def table(value: Any) -> Mapping[str, Any]:
    """A JSON object; an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def rows(value: Any) -> Sequence[Mapping[str, Any]]:
    """The objects in a JSON array; none for anything else."""
    listed = value if isinstance(value, list | tuple) else ()
    return [each for each in listed if isinstance(each, Mapping)]


def word(value: Any) -> str:
    """A JSON string that can be encoded; an empty one for anything else."""
    return encodable(value) if isinstance(value, str) else ""


def number(value: Any) -> int | None:
    """A whole JSON number; None for anything else."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole else None
