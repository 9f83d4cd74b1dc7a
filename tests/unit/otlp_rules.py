"""OTLP's rules for JSON, held against what is sent: fields, their types, their IDs.

By opentelemetry/proto/{collector/trace,trace,resource,common}/v1, and the section
JSON Protobuf Encoding of OTLP's specification.
"""

import re

HEX = re.compile(r"[0-9a-f]+")
FIXED64 = re.compile(r"[0-9]{1,20}")
INT64 = re.compile(r"-?[0-9]{1,19}")


def check(request):
    """Every span of a request, each with its resource's attributes, found sound."""
    _only(request, "resourceSpans")
    found = []
    for part in request["resourceSpans"]:
        _only(part, "resource", "scopeSpans", "schemaUrl")
        _only(part["resource"], "attributes", "droppedAttributesCount")
        resource = attributes(part["resource"])
        assert resource["service.name"]
        for scoped in part["scopeSpans"]:
            _only(scoped, "scope", "spans", "schemaUrl")
            _only(scoped["scope"], "name", "version", "attributes")
            for span in scoped["spans"]:
                _check_span(span)
                found.append(span)
    return found


def attributes(thing):
    """By key; no key comes twice."""
    found = {each["key"]: _read(each) for each in thing["attributes"]}
    assert len(found) == len(thing["attributes"])
    return found


def _check_span(span):
    _only(
        span,
        *("traceId", "spanId", "parentSpanId", "traceState", "flags", "name", "kind"),
        *("startTimeUnixNano", "endTimeUnixNano", "attributes", "status"),
        *("events", "links"),
    )
    assert HEX.fullmatch(span["traceId"])
    assert (32, 16) == (len(span["traceId"]), len(span["spanId"]))
    for name in ("spanId", "parentSpanId"):
        if name in span:
            assert HEX.fullmatch(span[name])
            assert 16 == len(span[name])
            assert span[name] != "0" * 16
    assert span["traceId"] != "0" * 32
    assert span["name"]
    assert span["kind"] in range(6)
    times = [span["startTimeUnixNano"], span["endTimeUnixNano"]]
    assert all(isinstance(each, str) and FIXED64.fullmatch(each) for each in times)
    assert int(times[0]) <= int(times[1])
    _only(span["status"], "code", "message")
    assert span["status"].get("code", 0) in {0, 1, 2}
    attributes(span)


def _read(attribute):
    _only(attribute, "key", "value")
    assert attribute["key"]
    [(kind, value)] = attribute["value"].items()
    if kind == "intValue":
        assert isinstance(value, str)
        assert INT64.fullmatch(value)
        return int(value)
    assert isinstance(value, {"stringValue": str, "doubleValue": float}[kind])
    return value


def _only(thing, *names):
    assert thing.keys() <= set(names)
