"""What an answer of the API server says, if it is one: a proxy may have answered.

Whoever stands between may send a web page with the status of a success, half of an
answer, or one without end. What is not read here is an UpstreamError, which is told
and tried again; nothing above this module sees such an answer.
"""

import base64
import json
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from typing import Any

from mnist_operator.errors import (
    InvalidSpecError,
    Service,
    TooLargeError,
    UpstreamError,
)
from mnist_operator.foreign import plain, table

__all__ = [
    "gather",
    "keep_tail",
    "read_event",
    "read_list",
    "read_object",
    "read_values",
    "read_whole",
    "split_lines",
    "with_identity",
]

_SERVICE: Service = "kubernetes"
_LARGEST = 256 << 20
"""Bytes of one answer: 100 times what etcd takes as one object."""
_LONGEST_LINE = 16 << 20
"""Bytes of one event of a watch, which holds one object."""
_SHOWN = 100


def read_object(content: bytes, call: str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        UpstreamError: It is none.
    """
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    said = plain(content[:_SHOWN].decode(errors="replace"), _SHOWN)
    raise _none(call, f"is no JSON object, but {' '.join(said.split())!r}")


def read_list(content: bytes, call: str) -> dict[str, Any]:
    """A list: it has `items`, each an object with a name, and `metadata`.

    Raises:
        UpstreamError: It has not.
    """
    found = read_object(content, call)
    items = found.get("items")
    if items is None:
        items = []  # So does Go write an empty list.
    if "items" not in found or not isinstance(items, list):
        raise _none(call, "is no list")
    if not all(map(_is_whole, items)):
        raise _none(call, "lists what is no object of an API server")
    return found | {"items": items, "metadata": table(found.get("metadata"))}


def read_event(line: bytes, call: str) -> dict[str, Any]:
    """One event of a watch: its type, and an object.

    Raises:
        UpstreamError: It is none.
    """
    found = read_object(line, call)
    if isinstance(found.get("type"), str) and isinstance(found.get("object"), dict):
        return found
    raise _none(call, "has an event that is none")


def _is_whole(item: Any) -> bool:
    """Whether it could have come from an API server: all other keys are in schemas."""
    meta = table(table(item).get("metadata"))
    texts = [meta.get(part) or {} for part in ("labels", "annotations")]
    parts = [table(item).get(part) or {} for part in ("spec", "status")]
    return (
        isinstance(meta.get("name"), str)
        and all(isinstance(each, Mapping) for each in (*texts, *parts))
        and all(isinstance(text, str) for each in texts for text in each.values())
    )


def read_whole(content: bytes, call: str) -> dict[str, Any]:
    """One object, with its name.

    Raises:
        UpstreamError: It is none.
    """
    found = read_object(content, call)
    if _is_whole(found):
        return found
    raise _none(call, "is no object of an API server")


def with_identity(found: dict[str, Any], call: str) -> dict[str, Any]:
    """The same object, which has what tells it from all others.

    Raises:
        UpstreamError: It has not.
    """
    meta = found["metadata"]
    if all(isinstance(meta.get(key), str) for key in ("namespace", "uid")):
        return found
    raise _none(call, "has no namespace or no uid")


def read_values(secret: Mapping[str, Any], name: str) -> dict[str, bytes]:
    """What a Secret holds, decoded; `name`: its namespace and name.

    Raises:
        InvalidSpecError: A value is not in base64, which an API server lets nobody
            write.
    """
    found: dict[str, bytes] = {}
    for key, value in table(secret.get("data")).items():
        try:
            found[key] = base64.b64decode(value)
        except (TypeError, ValueError) as error:
            message = (
                f"spec.pachyderm.secretRef.name: key {plain(key, _SHOWN)} of Secret"
                f" {name} is not in base64; create the Secret again, with kubectl"
                " create secret."
            )
            raise InvalidSpecError(message) from error
    return found


async def keep_tail(pieces: AsyncIterable[bytes], most: int) -> bytes:
    """The end of what comes, however much that is."""
    found = bytearray()
    async for piece in pieces:
        found += piece
        if len(found) > 2 * most:
            del found[:-most]
    return bytes(found[-most:])


async def gather(pieces: AsyncIterable[bytes], call: str) -> bytes:
    """All pieces of one answer.

    Raises:
        TooLargeError: They come to no end.
    """
    found = bytearray()
    async for piece in pieces:
        found += piece
        if len(found) > _LARGEST:
            detail = f"the answer has more than {_LARGEST} bytes"
            raise TooLargeError(_SERVICE, call, detail)
    return bytes(found)


async def split_lines(pieces: AsyncIterable[bytes], call: str) -> AsyncIterator[bytes]:
    """The lines of a watch, each with one event; empty ones are left out.

    Raises:
        TooLargeError: One of them comes to no end.
    """
    rest = bytearray()
    async for piece in pieces:
        rest += piece
        if b"\n" in piece:
            *lines, last = bytes(rest).split(b"\n")
            rest = bytearray(last)
            for line in filter(None, lines):
                yield line
        if len(rest) > _LONGEST_LINE:
            detail = f"an event has more than {_LONGEST_LINE} bytes"
            raise TooLargeError(_SERVICE, call, detail)


def _none(call: str, why: str) -> UpstreamError:
    detail = f"the answer {why}: does a proxy stand between?"
    return UpstreamError(_SERVICE, call, detail)
