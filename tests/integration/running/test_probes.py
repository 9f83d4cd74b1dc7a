"""What /livez and /readyz say, state by state."""

from integration.running.processes import Operator
from local_cluster.faults import Fault

HANGING = Fault("pfs.InspectBranch", delay_seconds=300, times=None)


async def test_an_operator_is_live_before_it_can_work_and_ready_when_it_can(world):
    await world.cluster.kube.stop()
    async with Operator(world) as operator:
        await operator.answers("/livez", 200)
        away = await operator.answers("/readyz", 500)
        await world.cluster.kube.start()
        await operator.answers("/readyz", 200, apiServer="ok", role="working")
        await world.apply()
        live = await operator.answers("/livez", 200, trainings=1)

        assert "Cannot connect" in away["apiServer"]
        assert {"status": "ok", "role": "working", "trainings": 1} == live
        assert (200, live) == await operator.probe("/healthz")


async def test_without_the_api_server_it_is_not_ready_and_stays_alive(world):
    async with Operator(world) as operator:
        await operator.answers("/readyz", 200)
        await world.cluster.kube.stop()
        away = await operator.answers("/readyz", 500)
        alive = await operator.probe("/livez")
        await world.cluster.kube.start()
        await operator.answers("/readyz", 200)

        assert "failing" == away["status"]
        assert 200 == alive[0]


async def test_a_loop_that_stands_still_is_named_until_it_turns_again(world):
    async with Operator(world, MNIST_OPERATOR_STUCK_SECONDS="0.5") as operator:
        await world.apply()
        await operator.answers("/livez", 200, trainings=1)
        world.faults.add(HANGING)
        await world.push(digits=1)
        stuck = await operator.answers("/livez", 500)
        world.faults.clear()
        await world.cluster.pachd.kill()
        await world.cluster.pachd.start()
        await operator.answers("/livez", 200)

        assert {"team/mnist"} == set(stuck["stuckSeconds"])
        assert 200 == (await operator.probe("/readyz"))[0]
