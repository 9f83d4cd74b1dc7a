"""A backend that is gone, slow or broken: no run is delayed or failed by it."""

import aiohttp
import pytest

from integration.operators import InProcess
from integration.world import until
from local_cluster.ports import HeldPort


@pytest.fixture(name="counted")
def _counted(monkeypatch):
    """What the operator's own port says has become of events."""
    port = HeldPort()
    monkeypatch.setenv("MNIST_OPERATOR_METRICS_PORT", str(port.number))

    async def _scrape():
        url = f"http://127.0.0.1:{port.number}/metrics"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            lines = (await answer.text()).splitlines()
        found = {}
        for line in lines:
            if line.startswith("mnist_operator_lineage_events_total{"):
                name, _, value = line.partition(" ")
                found[name.split('"')[1]] = float(value)
        return found

    yield _scrape
    port.let_go()


async def test_a_backend_that_never_answers_delays_no_model(
    world, operator, backend, listened
):
    backend.answering.clear()
    await world.apply()
    first = await world.push(digits=1)
    await world.model_of(first)
    second = await world.push(digits=2)
    await world.decision(first)
    await world.decision(second)

    assert backend.asked.is_set()
    assert [] == backend.events
    assert [first, second] == await world.trained()


async def test_the_operator_ends_while_it_still_hangs(world, operator, backend):
    backend.answering.clear()
    await world.apply()
    commit = await world.push(digits=1)
    await world.decision(commit)
    await operator.stop()

    assert backend.asked.is_set()
    assert [] == backend.events


async def test_a_backend_that_is_not_there_costs_events_and_one_line(
    world, counted, caplog, monkeypatch
):
    nobody = HeldPort()
    monkeypatch.setenv("OPENLINEAGE_URL", f"http://127.0.0.1:{nobody.number}")
    async with InProcess(world):
        await world.apply()
        commit = await world.push(digits=1)
        # Only then have both events been told: the line in the ledger comes first.
        await world.shows("UpToDate", lastTrainedCommit=commit)

        async def look():
            return [each for each in caplog.messages if "takes no event" in each]

        assert 1 == len(await until(look, "a word about the outage"))
        assert 0 == (await counted())["sent"]
    assert 1 == len(await look())
    [end] = [each for each in caplog.messages if "were not delivered" in each]
    assert end.startswith("OpenLineage: 2 events were not delivered to http://127.")


async def test_events_are_counted_where_prometheus_asks(
    world, counted, backend, listened
):
    async with InProcess(world):
        await world.apply()
        commit = await world.push(digits=1)
        await world.model_of(commit)
        await backend.told(2)

        async def look():
            found = await counted()
            return found if found["sent"] == 2 else None

        assert {"sent": 2, "failed": 0, "dropped": 0} == await until(look)
