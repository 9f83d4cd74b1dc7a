"""Two operators and one Lease: one works, and the other one does when it cannot."""

import signal

from integration.running.processes import IN_TURN, LEASE, Operator, holder
from integration.watching import JobWatch
from integration.world import EARLIEST, until
from mnist_operator.supervision import LEASE_LOST


async def works(operator):
    await operator.answers("/livez", 200, role="working")


async def stands_by(operator):
    await operator.answers("/livez", 200, role="standby")


async def test_a_standby_takes_over_from_one_that_stops_and_one_that_dies(world):
    first, second = (Operator(world, name, **IN_TURN) for name in ("first", "second"))
    async with JobWatch(world.kube) as watch, first:
        await works(first)
        async with second:
            await stands_by(second)
            standby = await second.probe("/readyz")
            await world.apply(trigger=EARLIEST)
            pushed = [await world.push(digits=1)]
            await world.model_of(pushed[0])

            await first.stop()
            given_back = await holder(world)
            await works(second)
            pushed.append(await world.push(digits=2))
            await world.model_of(pushed[1])

            await first.start()
            await stands_by(first)
            await second.kill()
            pushed.append(await world.push(digits=3))
            await world.model_of(pushed[2])
            await world.shows("UpToDate", head=pushed[2])

            assert (200, "standby") == (standby[0], standby[1]["role"])
            assert "first" != given_back
            assert "first" == await holder(world)
            assert pushed == await world.trained()
            assert pushed == watch.commits


async def test_a_holder_that_stood_still_for_too_long_ends_and_does_nothing(world):
    first, second = (Operator(world, name, **IN_TURN) for name in ("first", "second"))
    async with JobWatch(world.kube) as watch, first:
        await works(first)
        await world.apply(trigger=EARLIEST)
        await world.reason("WaitingForData")
        async with second:
            await stands_by(second)
            first.signal(signal.SIGSTOP)
            commit = await world.push(digits=1)
            await world.model_of(commit)
            await world.shows("UpToDate", head=commit)
            first.signal(signal.SIGCONT)

            assert LEASE_LOST == await first.status()
            assert "Lease team/mnist-operator may be another's" in first.told
            assert "second" == await holder(world)
            assert [commit] == await world.trained()
            assert [commit] == watch.commits


async def test_an_outage_shorter_than_the_lease_changes_nothing(world):
    first, second = (Operator(world, name, **IN_TURN) for name in ("first", "second"))
    async with first:
        await works(first)
        async with second:
            await stands_by(second)
            before = (await world.kube.call("GET", LEASE))["spec"]

            async def failed():
                return "Lease team/mnist-operator cannot be had" in first.told

            async def renewed():
                spec = (await world.kube.call("GET", LEASE))["spec"]
                return spec if spec["renewTime"] > before["renewTime"] else None

            await world.cluster.kube.stop()
            await until(failed, "a renewal that fails")
            await world.cluster.kube.start()
            after = await until(renewed, "the next renewal")
            await world.apply(trigger=EARLIEST)
            commit = await world.push(digits=1)
            await world.model_of(commit)

            assert before | {"renewTime": after["renewTime"]} == after
            assert "working" == (await first.probe("/livez"))[1]["role"]
            assert "standby" == (await second.probe("/livez"))[1]["role"]
