"""An operator whose clock is wrong: it goes by the API server's."""

from datetime import UTC, datetime, timedelta

import kopf
import pytest

from integration.operators import InProcess
from integration.world import EARLIEST
from mnist_operator.__main__ import make_hub
from mnist_operator.clock import ServerClock
from mnist_operator.handlers import register


class Skewed(InProcess):
    """The operator on a machine whose clock is wrong."""

    def __init__(self, world, skew):
        super().__init__(world)
        self._skew = skew

    async def _serve(self, stop):
        async with make_hub(self._world.settings) as hub:
            wrong = ServerClock(lambda: datetime.now(UTC) + self._skew)
            hub._engine.kube.clock = wrong
            object.__setattr__(hub._engine, "now", wrong.now)
            registry = kopf.OperatorRegistry()
            register(registry, hub)
            await kopf.operator(
                registry=registry, standalone=True, clusterwide=True, stop_flag=stop
            )


@pytest.mark.parametrize(
    "skew",
    [
        pytest.param(timedelta(hours=-5), id="behind"),
        pytest.param(timedelta(hours=5), id="ahead"),
    ],
)
async def test_a_wrong_clock_changes_no_deadline_and_no_record(world, gate, skew):
    async with Skewed(world, skew):
        await world.apply(trigger=EARLIEST)
        first = await world.push(digits=1, wait_for=str(gate))
        await gate.reached()
        training = await world.reason("Training")
        gate.open()
        second = await world.push(digits=2)
        await world.model_of(second)
        ready = await world.reason("UpToDate")
        entries = await world.entries()

    now = datetime.now(UTC)
    told = datetime.fromisoformat(ready["lastTransitionTime"])
    assert first in training["message"]
    assert [first, second] == await world.trained()
    assert [1, 1] == [each.attempt for each in entries]
    for moment in (told, *(each.time for each in entries)):
        assert abs(now - moment) < timedelta(hours=1)
