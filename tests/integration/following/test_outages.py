"""Servers that go away, and calls that fail at the worst moment: one model, once."""

import grpc
import pytest

from integration.operators import InProcess
from integration.world import EARLIEST, OUTPUT, until
from local_cluster.faults import Fault

DATABASE = (grpc.StatusCode.UNKNOWN, "pg: deadlock detected")
BUSY = (503, {"kind": "Status", "code": 503, "message": "etcd is on holiday"})
FORBIDDEN = (403, {"kind": "Status", "code": 403, "message": "tfjobs is forbidden"})
REFUSED, ANSWER_LOST = "refused", "answer-lost"

refused_and_answer_lost = pytest.mark.parametrize("how", [REFUSED, ANSWER_LOST])
"""Nothing happened, or it happened and nobody knows: a client sees no difference."""


async def running(world, gate):
    """Apply, push, and wait until the trainer has its data."""
    await world.apply()
    commit = await world.push(digits=1, wait_for=str(gate))
    await gate.reached()
    await world.reason("Training")
    return commit


async def spent(world):
    """Wait until every fault that was ordered has struck."""

    async def struck():
        return not list(world.faults)

    await until(struck, "the faults")


async def settled(world, pushed):
    """Wait for the end; check that each commit has exactly one model, in order."""
    for commit in pushed:
        await world.model_of(commit)
    await world.reason("UpToDate")
    published = [e for e in (await world.ledger()).recent if e.output]
    assert pushed == await world.trained()
    assert pushed == [entry.commit for entry in published][::-1]
    assert len(pushed) == len(await world.commits(OUTPUT))


async def test_pachd_may_restart_during_a_run(world, operator, gate):
    commit = await running(world, gate)

    await world.cluster.pachd.stop()
    await world.reason("SourceUnreachable")
    busy = await world.condition("Reconciling")
    await world.cluster.pachd.start()
    gate.open()

    await settled(world, [commit])
    assert "True" == busy["status"]


async def test_pachd_may_be_killed_again_and_again(world, operator):
    await world.apply(trigger=EARLIEST)
    pushed = []
    for digits in range(3):
        pushed.append(await world.push(digits=digits))
        await world.cluster.pachd.kill()
        await world.cluster.pachd.start()

    await settled(world, pushed)


async def test_a_cut_subscription_loses_no_push(world, operator):
    await world.apply()
    first = await world.push(digits=1)
    await settled(world, [first])

    world.cluster.pachd.cut_streams()
    second = await world.push(digits=2)

    await settled(world, [first, second])


async def test_the_api_server_may_restart_during_a_run(world, operator, gate):
    commit = await running(world, gate)

    await world.cluster.kube.stop()
    gate.open()
    await world.cluster.kube.start()

    await settled(world, [commit])
    assert 1 == len(await world.jobs())


async def test_the_api_server_may_be_killed_while_data_comes(world, operator):
    await world.apply(trigger=EARLIEST)
    first = await world.push(digits=1)
    await world.model_of(first)

    await world.cluster.kube.kill()
    second = await world.push(digits=2)
    await world.cluster.kube.start()

    await settled(world, [first, second])


async def test_cut_watches_lose_nothing(world, operator, gate):
    commit = await running(world, gate)

    world.cluster.kube.cut_watches()
    gate.open()
    await world.model_of(commit)
    world.cluster.kube.cut_watches()
    second = await world.push(digits=2)

    await settled(world, [commit, second])


async def test_watches_that_are_told_to_begin_again_lose_nothing(world, operator, gate):
    commit = await running(world, gate)

    world.cluster.kube.expire()
    world.cluster.kube.cut_watches()
    gate.open()

    await settled(world, [commit])


async def test_a_refusal_by_kubernetes_is_told_until_it_is_over(world, operator):
    await world.apply()
    await world.reason("WaitingForData")
    world.faults.add(Fault("kube.list.tfjobs", FORBIDDEN, times=None))
    commit = await world.push(digits=1)
    ready = await world.reason("KubernetesUnavailable")

    world.faults.clear()

    await settled(world, [commit])
    assert "tfjobs is forbidden" in ready["message"]


def fault(call, how, error, **more):
    """An error instead of the effect; or the effect, and then no answer."""
    if how == REFUSED:
        return Fault(call, error, **more)
    return Fault(call, drop=True, after=True, **more)


@refused_and_answer_lost
@pytest.mark.parametrize(
    "call",
    [
        "CreateRepo",
        "FinishCommit",
        "GetFile",
        "InspectBranch",
        "InspectCommit",
        "InspectFile",
        "ListCommit",
        "ModifyFile",
        "StartCommit",
        "WalkFile",
    ],
)
async def test_a_call_of_pachd_that_fails_costs_no_model_and_makes_no_other(
    world, call, how
):
    pushed = [await world.push(digits=digits) for digits in range(2)]
    world.faults.add(fault(f"pfs.{call}", how, DATABASE))

    async with InProcess(world):
        await world.apply(trigger=EARLIEST)
        await spent(world)
        await settled(world, pushed)


@refused_and_answer_lost
@pytest.mark.parametrize("call", ["FinishCommit", "ModifyFile", "StartCommit"])
@pytest.mark.parametrize("calls_before", [1, 2, 3])
async def test_whichever_write_fails_there_is_one_model(world, call, how, calls_before):
    pushed = [await world.push(digits=0)]
    for _ in range(calls_before):
        world.faults.add(Fault(f"pfs.{call}", delay_seconds=0.001))
    world.faults.add(fault(f"pfs.{call}", how, DATABASE))

    async with InProcess(world):
        await world.apply(trigger=EARLIEST)
        await settled(world, pushed)


@refused_and_answer_lost
@pytest.mark.parametrize(
    ("call", "times"),
    [
        pytest.param("create.events", 3, id="create-events"),
        pytest.param("create.tfjobs", 1, id="create-tfjobs"),
        pytest.param("get.mnisttrainings", 1, id="get-mnisttrainings"),
        pytest.param("list.pods", 3, id="list-pods"),
        pytest.param("list.tfjobs", 3, id="list-tfjobs"),
        pytest.param("patch.mnisttrainings/status", 1, id="patch-status"),
    ],
)
async def test_a_call_of_kubernetes_that_fails_costs_no_model_and_makes_no_other(
    world, call, times, how
):
    """Three times where kopf or the TFJob controller make the same call."""
    pushed = [await world.push(digits=digits) for digits in range(2)]
    await world.apply(trigger=EARLIEST)
    world.faults.add(fault(f"kube.{call}", how, BUSY, times=times))

    async with InProcess(world):
        await spent(world)
        await settled(world, pushed)
        assert 2 == len(await world.jobs())
