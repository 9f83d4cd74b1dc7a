"""Reads the few bodies that kubectl only ever sends as protobuf, without stubs.

`kubectl create namespace|secret|configmap|serviceaccount` and deletions of built-in
kinds come in Kubernetes' envelope ("k8s" and a NUL byte, then `runtime.Unknown`).
Field numbers are from the API's generated.proto files.
"""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeAlias

from local_cluster.kube.failures import bad_request
from local_cluster.kube.values import Json, stamp

__all__ = ["MEDIA_TYPE", "decode"]

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"

_MAGIC = b"k8s\x00"
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

_Message: TypeAlias = dict[int, tuple[str, str, Any]]
"""By number: the field's name, how it repeats, and how to read it."""


def _text(raw: bytes) -> str:
    return raw.decode()


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _time(raw: bytes) -> str:
    seconds = dict(_fields(raw)).get(1, 0)
    return stamp(datetime.fromtimestamp(seconds, UTC))


_OWNER: _Message = {
    1: ("kind", "one", _text),
    3: ("name", "one", _text),
    4: ("uid", "one", _text),
    5: ("apiVersion", "one", _text),
    6: ("controller", "one", bool),
    7: ("blockOwnerDeletion", "one", bool),
}
_META: _Message = {
    1: ("name", "one", _text),
    2: ("generateName", "one", _text),
    3: ("namespace", "one", _text),
    5: ("uid", "one", _text),
    6: ("resourceVersion", "one", _text),
    8: ("creationTimestamp", "one", _time),
    11: ("labels", "map", _text),
    12: ("annotations", "map", _text),
    13: ("ownerReferences", "many", _OWNER),
    14: ("finalizers", "many", _text),
}
_REFERENCE: _Message = {1: ("name", "one", _text)}
_PRECONDITIONS: _Message = {
    1: ("uid", "one", _text),
    2: ("resourceVersion", "one", _text),
}

_KINDS: dict[str, _Message] = {
    "Namespace": {
        1: ("metadata", "one", _META),
        2: ("spec", "one", {1: ("finalizers", "many", _text)}),
    },
    "Secret": {
        1: ("metadata", "one", _META),
        2: ("data", "map", _base64),
        3: ("type", "one", _text),
        4: ("stringData", "map", _text),
        5: ("immutable", "one", bool),
    },
    "ConfigMap": {
        1: ("metadata", "one", _META),
        2: ("data", "map", _text),
        3: ("binaryData", "map", _base64),
        4: ("immutable", "one", bool),
    },
    "ServiceAccount": {
        1: ("metadata", "one", _META),
        3: ("imagePullSecrets", "many", _REFERENCE),
        4: ("automountServiceAccountToken", "one", bool),
    },
    "DeleteOptions": {
        1: ("gracePeriodSeconds", "one", int),
        2: ("preconditions", "one", _PRECONDITIONS),
        3: ("orphanDependents", "one", bool),
        4: ("propagationPolicy", "one", _text),
        5: ("dryRun", "many", _text),
    },
}


def decode(body: bytes) -> Json:
    """Read a body in Kubernetes' protobuf envelope.

    Raises:
        ApiError: 400 for anything else, or for a kind that is not known here.
    """
    if not body.startswith(_MAGIC):
        raise bad_request("the body is not in Kubernetes' protobuf envelope")
    envelope = dict(_fields(body[len(_MAGIC) :]))
    about = dict(_fields(envelope[1]))
    api_version, kind = about.get(1, b"").decode(), about.get(2, b"").decode()
    if kind not in _KINDS:
        raise bad_request(f"no kind {kind!r} is read from protobuf here: send JSON")
    content = _message(_KINDS[kind], envelope.get(2, b""))
    return {"apiVersion": api_version, "kind": kind, **content}


def _message(fields: _Message, raw: bytes) -> Json:
    result: Json = {}
    for number, value in _fields(raw):
        if number not in fields:
            continue
        name, repeats, reader = fields[number]
        if repeats == "map":
            entry = dict(_fields(value))
            content = reader(entry.get(2, b""))
            result.setdefault(name, {})[entry.get(1, b"").decode()] = content
        elif repeats == "many":
            result.setdefault(name, []).append(_read(reader, value))
        elif (read := _read(reader, value)) not in ("", {}):
            result[name] = read
    return result


def _read(reader: Any, value: Any) -> Any:
    return _message(reader, value) if isinstance(reader, dict) else reader(value)


def _fields(raw: bytes) -> Iterator[tuple[int, Any]]:
    """Split a message into its fields: numbers, or bytes to be read further."""
    position = 0
    while position < len(raw):
        tag, position = _varint(raw, position)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, position = _varint(raw, position)
            yield number, value
            continue
        if wire == _BYTES:
            size, position = _varint(raw, position)
        else:
            size = {_FIXED64: 8, _FIXED32: 4}[wire]
        yield number, raw[position : position + size]
        position += size


def _varint(raw: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004 - the highest bit says that more follows
            return value, position
