"""The sender of spans: many in a call, and none is lost without a count."""

import asyncio
import logging

import pytest

from mnist_operator import otel_settings
from mnist_operator.delivery import Patience
from mnist_operator.metrics import Metrics
from mnist_operator.spans import Span
from mnist_operator.trace_export import exporting
from unit import receiver
from unit.builders import NOW, ident
from unit.receiver import count_results
from unit.trace_collector import DEADLINE_SECONDS, Collector

SOON = Patience(queued=2048, pauses=(0.01, 0.01))


@pytest.fixture(name="collector")
async def _collector():
    async with Collector() as collector:
        yield collector


@pytest.fixture(name="metrics")
def _metrics():
    return Metrics()


@pytest.fixture(name="log", autouse=True)
def _log(caplog):
    caplog.set_level(logging.DEBUG)
    return caplog


def target(collector, **more):
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, **more}
    return otel_settings.read_collector(environ)


def span(number):
    return Span(ident(1), f"{number + 1:016x}", "", "run", NOW, NOW)


def numbers(collector):
    return [int(each["spanId"], 16) - 1 for each in collector.spans]


def counted(metrics):
    [family] = metrics.trace_spans.collect()
    return count_results(family)


async def reached(metrics, **expected):
    await receiver.reached(lambda: counted(metrics), expected)


def warnings(log):
    return [e.getMessage() for e in log.records if e.levelno >= logging.WARNING]


async def test_nowhere_to_send_to_is_no_queue_at_all(metrics):
    async with exporting(None, metrics) as traces:
        assert traces is None


async def test_spans_that_are_told_together_go_together(collector, metrics, log):
    headers = {"OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20a-secret"}
    service = {"OTEL_SERVICE_NAME": "trainings"}
    place = target(collector, **headers, **service)
    async with exporting(place, metrics, SOON) as traces:
        for number in range(1000):
            traces.tell(span(number))
        await collector.told(1000)

    assert list(range(1000)) == numbers(collector)
    assert [512, 488] == collector.batches
    path, sent = collector.headers[0]
    assert "/v1/traces" == path
    assert "Bearer a-secret" == sent["Authorization"]
    assert "application/json" == sent["Content-Type"]
    assert "trainings" == collector.resource["service.name"]
    assert {"sent": 1000} == counted(metrics)
    assert "a-secret" not in log.text


async def test_a_span_is_told_once_however_often_it_is_seen(collector, metrics):
    async with exporting(target(collector), metrics, SOON) as traces:
        for number in (1, 1, 2, 1):
            traces.tell(span(number))

    assert [1, 2] == numbers(collector)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_what_may_go_well_later_is_tried_again(collector, metrics, status):
    collector.answers = [(status, {}, {}), (status, {}, {})]

    async with exporting(target(collector), metrics, SOON) as traces:
        traces.tell(span(1))
        await collector.told(1)

    assert {"sent": 1} == counted(metrics)


@pytest.mark.parametrize("status", [307, 400, 401, 408, 413, 500, 501])
async def test_what_is_refused_for_good_is_not_tried_again(
    collector, metrics, log, status
):
    headers = {"Location": "/elsewhere"} if status == 307 else {}
    collector.answers = [(status, headers, {})]

    async with exporting(target(collector), metrics, SOON) as traces:
        traces.tell(span(1))
        await reached(metrics, failed=1)
        traces.tell(span(2))
        await collector.told(1)

    assert [2] == numbers(collector)
    assert f"takes no span (HTTP {status})" in warnings(log)[0]
    assert "mnist_operator_trace_spans_total" in warnings(log)[0]
    assert "Traces: " in log.text
    assert "takes spans again; 1 were lost" in log.text


async def test_the_words_of_a_refusal_are_told_and_no_secret_in_them(
    collector, metrics, log
):
    said = "span 1: bad ID\n\x1b[31m(Authorization: Bearer a-secret) " + "!" * 300
    collector.answers = [(400, {}, {"code": 3, "message": said})]
    headers = {"OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20a-secret"}

    async with exporting(target(collector, **headers), metrics, SOON) as traces:
        traces.tell(span(1))
        await reached(metrics, failed=1)

    told, *_ = warnings(log)
    begin = "span 1: bad ID \ufffd[31m(Authorization: <secret>) !"
    assert f"takes no span (HTTP 400: {begin}" in told
    assert "!…). Runs go on" in told
    assert "a-secret" not in log.text


async def test_a_collector_that_asks_for_time_is_given_it(collector, metrics):
    """Half a minute is asked for; at the end nobody waits for that any more."""
    collector.answers = [(429, {"Retry-After": "30"}, {})]
    hasty = Patience(pauses=(0.0,) * 100, end=30.0)

    async with exporting(target(collector), metrics, hasty) as traces:
        traces.tell(span(1))
        await asyncio.wait_for(collector.asked.wait(), DEADLINE_SECONDS)
        for _ in range(20):  # It would have been sent by now.
            await asyncio.sleep(0.005)
        held = list(collector.spans)

    assert [] == held
    assert [1] == numbers(collector)


async def test_time_that_is_asked_for_has_an_end(collector, metrics):
    collector.answers = [(503, {"Retry-After": "86400"}, {})]
    hasty = Patience(pauses=(0.0,), longest=0.01)

    async with exporting(target(collector), metrics, hasty) as traces:
        traces.tell(span(1))
        await collector.told(1)

    assert {"sent": 1} == counted(metrics)


async def test_spans_that_a_collector_leaves_out_are_counted(collector, metrics, log):
    partial = {"rejectedSpans": "2", "errorMessage": "too old"}
    collector.answers = [(200, {}, {"partialSuccess": partial})]

    async with exporting(target(collector), metrics, SOON) as traces:
        for number in range(3):
            traces.tell(span(number))
        await reached(metrics, sent=1, failed=2)

    assert "takes no span (2 of 3 refused: too old)" in warnings(log)[0]
    assert "2 spans were not delivered" in warnings(log)[1]


async def test_a_warning_of_a_collector_is_passed_on(collector, metrics, log):
    partial = {"errorMessage": "soon deprecated"}
    collector.answers = [(200, {}, {"partialSuccess": partial})]

    async with exporting(target(collector), metrics, SOON) as traces:
        traces.tell(span(1))
        await reached(metrics, sent=1)

    assert "0 of 1 refused: soon deprecated" in warnings(log)[0]


async def test_a_collector_that_never_answers_costs_spans_and_no_more(
    collector, metrics, log
):
    collector.answering.clear()
    place = target(collector, OTEL_EXPORTER_OTLP_TIMEOUT="50")

    async with exporting(place, metrics, Patience(pauses=())) as traces:
        traces.tell(span(1))
        await reached(metrics, failed=1)

    assert "no answer in 0.05 s" in log.text
