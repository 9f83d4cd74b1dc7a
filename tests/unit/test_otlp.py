"""Spans in OTLP's JSON: IDs in hexadecimal, long numbers as strings."""

import json
from datetime import timedelta

import pytest

from mnist_operator import __version__
from mnist_operator.otlp import encode_spans, read_refused
from mnist_operator.runs import Verdict
from mnist_operator.spans import Span, spans_of_attempt, spans_of_end
from unit import otlp_rules
from unit.builders import NOW, ago, attempt, closed, entry, ident

RESOURCE = {"service.name": "mnist-operator", "service.version": __version__}


def span(**fields):
    wanted = {
        "trace": ident(1),
        "id": "00f067aa0ba902b7",
        "parent": "",
        "name": "run",
        "begun": NOW,
        "ended": NOW + timedelta(microseconds=1500),
    }
    return Span(**(wanted | fields))


def encoded(*spans):
    request = json.loads(encode_spans(spans, RESOURCE))
    assert len(spans) == len(otlp_rules.check(request))
    [part] = request["resourceSpans"]
    [scoped] = part["scopeSpans"]
    return part, scoped


def test_a_request_is_as_the_specification_has_it():
    values = {"name": "word", "number": 2**53 + 1, "share": 0.5, "none": float("nan")}
    part, scoped = encoded(
        span(parent="b7ad6b7169203331", attributes=values, error="Why"), span()
    )

    assert RESOURCE == otlp_rules.attributes(part["resource"])
    assert {"name": "mnist-operator", "version": __version__} == scoped["scope"]
    expected = {
        "traceId": "0001" * 8,
        "spanId": "00f067aa0ba902b7",
        "parentSpanId": "b7ad6b7169203331",
        "flags": 1,
        "name": "run",
        "kind": 1,
        "startTimeUnixNano": "1767268800000000000",
        "endTimeUnixNano": "1767268800001500000",
        "attributes": [
            {"key": "name", "value": {"stringValue": "word"}},
            {"key": "number", "value": {"intValue": "9007199254740993"}},
            {"key": "share", "value": {"doubleValue": 0.5}},
            {"key": "none", "value": {"stringValue": "nan"}},
        ],
        "status": {"code": 2, "message": "Why"},
    }
    assert expected == scoped["spans"][0]
    assert "parentSpanId" not in scoped["spans"][1]
    assert {} == scoped["spans"][1]["status"]


def test_a_whole_run_keeps_to_the_rules():
    of = closed(attempt(facts={"pod": "mnist-worker-0"}), Verdict.FAILED, reason="Ä\n☃")

    encoded(*spans_of_attempt(of, ago(310)), *spans_of_end(entry(), of, ago(310)))


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        pytest.param(b"", (0, ""), id="nothing"),
        pytest.param(b"{}", (0, ""), id="all-taken"),
        pytest.param(b"<html>", (0, ""), id="no-json"),
        pytest.param(b"[1]", (0, ""), id="no-object"),
        pytest.param(b'{"partialSuccess":{}}', (0, ""), id="empty"),
        pytest.param(
            b'{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too\\nold"}}',
            (3, "too\nold"),
            id="as-a-string",
        ),
        pytest.param(
            b'{"partialSuccess":{"rejectedSpans":2}}', (2, ""), id="as-a-number"
        ),
        pytest.param(
            b'{"partialSuccess":{"rejectedSpans":-1,"errorMessage":"beware"}}',
            (0, "beware"),
            id="a-warning",
        ),
    ],
)
def test_a_collector_says_how_many_it_refused(body, refused):
    assert refused == read_refused(body)
