"""OpenTelemetry's own Collector understands what we send, and what it answers counts.

Where it cannot be built these tests fail: they are asked for by name (`make
test-collector`), so nobody is content with none of them.
"""

import json
import logging
from datetime import UTC, datetime, timedelta

import pytest

from integration.traces.story import check_two_attempts, fail, mend
from integration.world import INPUT
from mnist_operator import __version__, otel_settings
from mnist_operator.delivery import Patience
from mnist_operator.metrics import Metrics
from mnist_operator.otlp import encode_spans
from mnist_operator.spans import Span
from mnist_operator.trace_export import exporting
from unit import receiver
from unit.builders import NOW, ident
from unit.otlp_rules import attributes
from unit.receiver import count_results

SOON = Patience(queued=2048, pauses=(0.01, 0.01))


def nanoseconds(moment):
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return (moment - epoch) // timedelta(microseconds=1) * 1000


def span(number=1, **fields):
    end = NOW + timedelta(microseconds=1500)
    wanted = {"trace": ident(1), "id": f"{number:016x}", "parent": "", "name": "run"}
    # With one at least: the Collector leaves out what is empty.
    wanted |= {"begun": NOW, "ended": end, "attributes": {"mnist.training": "mnist"}}
    return Span(**(wanted | fields))


@pytest.fixture(name="metrics")
def _metrics():
    return Metrics()


@pytest.fixture(name="place")
def _place(address):
    return otel_settings.read_collector({"OTEL_EXPORTER_OTLP_ENDPOINT": address})


def counted(metrics):
    [family] = metrics.trace_spans.collect()
    return count_results(family)


async def reached(metrics, **expected):
    await receiver.reached(lambda: counted(metrics), expected)


async def test_a_run_arrives_as_the_trace_of_its_commit(
    world, operator, heard, tmp_path
):
    commit = await fail(world, tmp_path / "mended")
    await mend(world, tmp_path / "mended")
    model = await world.model_of(commit)
    spans = await heard.ended()

    root, *_ = check_two_attempts(spans, commit)
    end = attributes(root)
    assert (2, model.commit, 0.99, "mnist") == (
        end["mnist.attempts"],
        end["mnist.output.commit"],
        end["mnist.accuracy"],
        end["mnist.training"],
    )
    pushed = await world.pachyderm.commit(INPUT.repo, commit)
    begun = int(root["startTimeUnixNano"])
    assert nanoseconds(pushed.finished) == begun
    assert all(begun <= int(each["startTimeUnixNano"]) for each in spans)
    assert {
        "service.name": "trainings",
        "service.version": __version__,
        "deployment.environment": "a test",
    } == heard.resource


async def test_every_field_is_understood_as_it_was_meant(place, heard, metrics):
    values = {"name": "Ä☃\n", "number": 2**53 + 1, "share": 0.5, "none": float("nan")}
    parent = span(1)
    child = span(2, parent=parent.id, name="train", attributes=values, error="Why: ☃")
    async with exporting(place, metrics, SOON) as traces:
        traces.tell(parent)
        traces.tell(child)
        await heard.told(2)
        await reached(metrics, sent=2)

    meant = json.loads(encode_spans([parent, child], {}))["resourceSpans"][0]
    expected = {each["spanId"]: each for each in meant["scopeSpans"][0]["spans"]}
    assert expected == {each["spanId"]: each for each in heard.spans}


async def test_what_it_refuses_is_told_and_not_sent_again(
    place, heard, metrics, caplog
):
    caplog.set_level(logging.WARNING)
    async with exporting(place, metrics, SOON) as traces:
        traces.tell(span(trace="no trace"))
        await reached(metrics, failed=1)

    [told] = [each for each in caplog.messages if "takes no span" in each]
    assert "HTTP 400" in told
    assert [] == heard.spans


async def test_an_outage_behind_it_is_waited_for(place, heard, metrics):
    heard.answers += [(503, {}, {}), (503, {}, {})]
    async with exporting(place, metrics, SOON) as traces:
        traces.tell(span())
        await heard.told(1)
        await reached(metrics, sent=1)

    assert [] == heard.answers
