"""Reads what clients send, in any of the formats they choose: JSON, YAML, protobuf."""

import json
from typing import Any

import yaml
from aiohttp import web

from local_cluster.kube import protobuf
from local_cluster.kube.failures import bad_request, unsupported_media_type
from local_cluster.kube.values import Json

__all__ = ["read_any", "read_change", "read_object"]

_READABLE = ("application/json", "application/yaml", protobuf.MEDIA_TYPE)
_UNSAID = "application/octet-stream"
"""What aiohttp takes a body for that has no Content-Type."""
_INT64 = 2**63


async def read_any(request: web.Request) -> Any:
    """Read a body, None when there is none."""
    raw = await request.read()
    if not raw:
        return None
    if request.content_type == protobuf.MEDIA_TYPE:
        return protobuf.decode(raw)
    if request.content_type not in {*_READABLE, _UNSAID}:
        raise unsupported_media_type(_READABLE)
    return _parse(raw)


async def read_object(request: web.Request) -> Json:
    """Read a body that must be an object."""
    body = await read_any(request)
    if not isinstance(body, dict):
        raise bad_request("the body of the request must be an object")
    return body


async def read_change(request: web.Request) -> Any:
    """Read a patch, whose media type says how to apply it, not how to read it."""
    return _parse(await request.read())


def _parse(raw: bytes) -> Any:
    try:
        return json.loads(raw, parse_int=_integer, parse_float=_fraction)
    except ValueError:
        pass
    try:
        return yaml.safe_load(raw)
    except yaml.YAMLError as error:
        raise bad_request(f"the body could not be read: {error}") from error


# Numbers as Go reads them: what is whole is an integer, and what is too big is none.


def _integer(text: str) -> int | float:
    number = int(text)
    return number if abs(number) < _INT64 else float(number)


def _fraction(text: str) -> int | float:
    number = float(text)
    return _integer(f"{number:.0f}") if number.is_integer() else number
