"""The sender of OpenLineage events: nobody waits for it, and nothing is lost unseen."""

import asyncio
import logging
import socket

import pytest

from mnist_operator.delivery import Answer, Patience
from mnist_operator.lineage_events import Events, sending
from mnist_operator.lineage_transport import Transport
from mnist_operator.metrics import Metrics
from unit import receiver
from unit.lineage_backend import DEADLINE_SECONDS, Backend
from unit.receiver import count_results

SOON = Patience(pauses=(0.01, 0.01), answer=30.0)


@pytest.fixture(name="backend")
async def _backend():
    async with Backend() as backend:
        yield backend


@pytest.fixture(name="metrics")
def _metrics():
    return Metrics()


@pytest.fixture(name="log", autouse=True)
def _log(caplog):
    caplog.set_level(logging.INFO)
    return caplog


def transport(backend, **values):
    return Transport(f"{backend.url}/api/v1/lineage", **values)


def event(number, kind="START"):
    return {"run": {"runId": f"run-{number}"}, "eventType": kind}


def counted(metrics):
    [family] = metrics.lineage_events.collect()
    return count_results(family)


async def reached(metrics, **expected):
    await receiver.reached(lambda: counted(metrics), expected)


def warnings(log):
    return [each for each in log.records if each.levelno >= logging.WARNING]


async def test_events_arrive_in_their_order_as_json_with_the_key(backend, metrics):
    async with sending(transport(backend, api_key="key-1"), metrics) as events:
        for number in range(20):
            events.tell(event(number))
        await backend.told(20)

    assert [event(number) for number in range(20)] == backend.events
    path, headers = backend.headers[0]
    assert "/api/v1/lineage" == path
    assert "Bearer key-1" == headers["Authorization"]
    assert "application/json" == headers["Content-Type"]
    assert {"sent": 20} == counted(metrics)


async def test_without_a_key_nobody_signs_in(backend, metrics):
    async with sending(transport(backend), metrics) as events:
        events.tell(event(1))
        await backend.told(1)

    assert "Authorization" not in backend.headers[0][1]


async def test_a_run_begins_once_and_ends_once_however_often_it_is_told(
    backend, metrics
):
    async with sending(transport(backend), metrics) as events:
        for kind in ("START", "START", "FAIL", "FAIL", "ABORT", "START"):
            events.tell(event(1, kind))
        await backend.told(2)

    assert ["START", "FAIL"] == [each["eventType"] for each in backend.events]


async def test_what_was_told_is_remembered_of_the_last_runs_alone(metrics):
    events = Events(Transport(), metrics, Patience(queued=5000))

    for number in range(3000):
        events.tell(event(number))
    for number in range(3000):
        events.tell(event(number))

    assert 1000 == len(events.outbox._told)


async def test_nowhere_to_send_to_is_no_queue_at_all(metrics):
    async with sending(None, metrics) as events:
        assert events is None


async def test_the_console_is_the_log(metrics, log):
    async with sending(Transport(), metrics) as events:
        events.tell(event(1))
        await reached(metrics, sent=1)

    assert 'OpenLineage: {"eventType":"START","run":{"runId":"run-1"}}' in log.text


async def test_a_backend_that_stumbles_is_tried_again(backend, metrics, log):
    backend.statuses = [503, 429]

    async with sending(transport(backend), metrics, SOON) as events:
        events.tell(event(1))
        events.tell(event(2))
        await backend.told(2)

    assert [event(1), event(2)] == backend.events
    assert {"sent": 2} == counted(metrics)
    [warning] = warnings(log)
    assert f"{backend.url} takes no event (HTTP 503)" in warning.getMessage()
    assert "takes events again; 0 were lost" in log.text


async def test_what_is_refused_is_not_tried_again(backend, metrics, log):
    backend.statuses = [401, 400]

    async with sending(
        transport(backend, api_key="secret-key"), metrics, SOON
    ) as events:
        for number in range(3):
            events.tell(event(number))
        await backend.told(1)

    assert [event(2)] == backend.events
    assert {"failed": 2, "sent": 1} == counted(metrics)
    assert 1 == len(warnings(log))
    assert "HTTP 401" in log.text
    assert "takes events again; 2 were lost" in log.text
    assert "secret-key" not in log.text


async def test_nobody_is_sent_elsewhere_with_the_key(backend, metrics):
    backend.statuses = [307]

    async with sending(transport(backend, api_key="key"), metrics, SOON) as events:
        events.tell(event(1))
        await reached(metrics, failed=1)

    assert [] == backend.events


async def test_an_outage_costs_one_line_and_the_events_beyond_the_queue(metrics, log):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://user:word@127.0.0.1:{free.getsockname()[1]}/api"
        few = Patience(queued=3, pauses=(0.01,))
        async with sending(Transport(nobody), metrics, few) as events:
            for number in range(10):
                events.tell(event(number))
            await reached(metrics, dropped=7, failed=3)
            events.tell(event(11))
            await reached(metrics, dropped=7, failed=4)

    [outage, end] = warnings(log)
    assert "takes no event (ClientConnectorError: " in outage.getMessage()
    assert "11 events were not delivered" in end.getMessage()
    assert "word" not in log.text


async def test_while_a_backend_hangs_telling_goes_on_and_memory_ends(backend, metrics):
    backend.answering.clear()
    few = Patience(queued=5, answer=30.0, end=0.05)

    async with sending(transport(backend), metrics, few) as events:
        events.tell(event(0))
        await asyncio.wait_for(backend.asked.wait(), DEADLINE_SECONDS)
        for number in range(1, 100):
            events.tell(event(number))

        assert 5 == events.outbox._queue.qsize()
        assert {"dropped": 94} == counted(metrics)

    assert {"dropped": 100} == counted(metrics)


async def test_a_backend_that_never_answers_fails_the_event(backend, metrics, log):
    backend.answering.clear()
    short = Patience(answer=0.05, pauses=())

    async with sending(transport(backend), metrics, short) as events:
        events.tell(event(1))
        await reached(metrics, failed=1)

    assert "no answer in 0.05 s" in log.text


async def test_what_is_queued_at_the_end_is_still_sent(backend, metrics):
    async with sending(transport(backend), metrics) as events:
        for number in range(50):
            events.tell(event(number))

    assert [event(number) for number in range(50)] == backend.events


async def test_an_event_that_cannot_be_written_does_not_hold_up_the_next(
    backend, metrics, log
):
    async with sending(transport(backend), metrics) as events:
        events.tell({**event(1), "half": "\ud800"})
        events.tell(event(2))
        await backend.told(1)

    assert [event(2)] == backend.events
    assert {"failed": 1, "sent": 1} == counted(metrics)
    assert "internal error" in log.text


async def test_a_call_that_others_cut_short_is_tried_again(backend, metrics):
    """As kopf does at its end with every task that began after it."""
    backend.answering.clear()
    async with sending(transport(backend), metrics, SOON) as events:
        events.tell(event(1))
        await asyncio.wait_for(backend.asked.wait(), DEADLINE_SECONDS)
        found = await events.outbox._post(Interrupted(), b"{}")
        backend.answering.set()
        await backend.told(1)

    assert Answer("the call was cut short", again=True) == found


class Interrupted:
    """A session whose inner task was cancelled."""

    def post(self, *_, **__):
        return self

    async def __aenter__(self):
        raise asyncio.CancelledError

    async def __aexit__(self, *_):
        return None
