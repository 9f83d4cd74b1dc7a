"""Spans as OTLP has them in JSON, and what a collector answers. Pure.

IDs are hexadecimal there, not base64; numbers of 64 bits are strings; enums are
numbers; keys are in lowerCamelCase.

Sources: https://opentelemetry.io/docs/specs/otlp/ (JSON Protobuf Encoding), and
opentelemetry/proto/trace/v1/trace.proto
"""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mnist_operator import __version__
from mnist_operator.foreign import read_json, table, word
from mnist_operator.spans import Span, Value

__all__ = ["encode_spans", "read_refused"]

_SCOPE = {"name": "mnist-operator", "version": __version__}
_INTERNAL, _ERROR = 1, 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SAMPLED = 1


def encode_spans(spans: Sequence[Span], resource: Mapping[str, str]) -> bytes:
    """An ExportTraceServiceRequest; resource: who tells."""
    told = {
        "resource": {"attributes": _attributes(resource)},
        "scopeSpans": [{"scope": _SCOPE, "spans": [_span(each) for each in spans]}],
    }
    return json.dumps({"resourceSpans": [told]}, separators=(",", ":")).encode()


def _span(span: Span) -> dict[str, Any]:
    parent = {"parentSpanId": span.parent} if span.parent else {}
    status = {"code": _ERROR, "message": span.error} if span.error else {}
    return {
        "traceId": span.trace,
        "spanId": span.id,
        **parent,
        "flags": _SAMPLED,
        "name": span.name,
        "kind": _INTERNAL,
        "startTimeUnixNano": _nanoseconds(span.begun),
        "endTimeUnixNano": _nanoseconds(span.ended),
        "attributes": _attributes(span.attributes),
        "status": status,
    }


def _attributes(values: Mapping[str, Value]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items()]


def _value(value: Value) -> dict[str, Any]:
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if math.isfinite(value):
        return {"doubleValue": value}
    return {"stringValue": str(value)}  # JSON has no number for it.


def _nanoseconds(time: datetime) -> str:
    return str((time - _EPOCH) // _MICROSECOND * 1000)


def read_refused(body: bytes) -> tuple[int, str]:
    """How many spans a collector refused that took the others, and why.

    An answer that is none says that all were taken, as its status did.
    """
    partial = table(table(read_json(body)).get("partialSuccess"))
    told = partial.get("rejectedSpans", 0)
    count = int(told) if str(told).isascii() and str(told).isdigit() else 0
    return count, word(partial.get("errorMessage"))
