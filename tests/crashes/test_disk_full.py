"""Disks without room: nothing can be written, and then there is room again."""

import grpc
import pytest

from integration.operators import InProcess
from integration.stories import settled
from integration.world import EARLIEST, OUTPUT, World, until
from local_cluster.faults import Fault

PACHD = (
    grpc.StatusCode.UNKNOWN,
    "error in ModifyFile: put: write /pach/tmp: no space left on device",
)
ETCD = (
    500,
    {
        "kind": "Status",
        "code": 500,
        "reason": "InternalError",
        "message": "etcdserver: mvcc: database space exceeded",
    },
)
WRITES = ("CreateBranch", "CreateRepo", "FinishCommit", "ModifyFile", "StartCommit")


@pytest.fixture(name="world")
async def _world(tmp_path):
    async with World(tmp_path) as world:
        await world.create_repo()
        yield world


async def ends_well(world, *pushed):
    await settled(world, pushed[-1])

    assert [*pushed] == await world.trained()
    assert [*pushed] == [entry.commit for entry in await world.entries()]
    assert len(pushed) == len(await world.commits(OUTPUT))


@pytest.mark.parametrize("call", WRITES)
async def test_pachd_without_room_is_told_of_and_waited_for(world, call):
    commits = [await world.push(digits=digits) for digits in range(2)]
    world.faults.add(Fault(f"pfs.{call}", PACHD, times=None))
    async with InProcess(world):
        await world.apply(trigger=EARLIEST)

        async def told():
            said = await world.condition()
            return "no space left on device" in said.get("message", "")

        await until(told, "word of the disk")
        world.faults.clear()
        await ends_well(world, *commits)


async def test_a_trainer_without_room_for_its_model_publishes_nothing(world):
    world.faults.add(Fault("s3.PutObject", (500, "no space left on device")))
    async with InProcess(world):
        await world.apply(trigger=EARLIEST)
        first = await world.push(digits=1)
        entry = await world.decision(first)
        second = await world.push(digits=2)
        await settled(world, second)

    assert "Failed" == entry.decision
    assert [second] == await world.trained()
    assert 1 == len(await world.commits(OUTPUT))


@pytest.mark.parametrize(
    "call", ["create.tfjobs", "patch.mnisttrainings/status", "create.events"]
)
async def test_an_api_server_without_room_is_waited_for(world, call):
    commits = [await world.push(digits=digits) for digits in range(2)]
    world.faults.add(Fault(f"kube.{call}", ETCD, times=5))
    async with InProcess(world):
        await world.apply(trigger=EARLIEST)

        async def over():
            return not list(world.faults)

        await until(over, "five refusals")
        await ends_well(world, *commits)
