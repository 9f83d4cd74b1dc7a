"""Whatever happens while no operator runs is found by the next one.

The training was up to date before, and its status says so with a seal.
"""

import pytest

from integration.operators import InProcess
from integration.stories import assert_one_story, settled
from integration.world import until


@pytest.fixture(name="trained")
async def _trained(world):
    """The commit whose model was published before the operator was stopped."""
    async with InProcess(world):
        await world.apply()
        trained = await world.push(digits=1)
        await settled(world, trained)
        await until(lambda: _seal(world), "a seal in the status")
    return trained


async def _seal(world):
    return (await world.status()).get("seal")


async def test_a_push_is_trained(world, trained):
    pushed = await world.push(digits=2)
    async with InProcess(world):
        await settled(world, pushed)

    assert [trained, pushed] == await world.trained()
    await assert_one_story(world)


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(None, id="taken-away"),
        pytest.param({"pendingCommits": 7, "history": []}, id="edited"),
    ],
)
@pytest.mark.usefixtures("trained")
async def test_a_status_that_is_not_right_is_written_again(world, edit):
    before = await world.status()
    path = f"{world.trainings}/mnist/status"
    await world.kube.call("PATCH", path, {"status": edit})
    async with InProcess(world):
        await world.shows("UpToDate", pendingCommits=0, history=before["history"])


async def test_a_run_that_was_asked_for_is_made(world, trained):
    await world.ask("now")
    async with InProcess(world):
        await world.shows("UpToDate", lastHandledRequestAt="now", active=[])

    assert [trained, trained] == await world.trained()


async def test_a_push_after_a_restart_is_trained(world, trained):
    before = await world.status()
    async with InProcess(world):
        pushed = await world.push(digits=2)
        await settled(world, pushed)
        await until(lambda: _seal(world), "a seal in the status")
    after = await world.status()

    assert [trained, pushed] == await world.trained()
    assert before["seal"] != after["seal"]
