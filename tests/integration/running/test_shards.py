"""Two operators share a cluster by a label: who follows what, and who lets go.

The operators are real and each has a selector of its own; the cluster is one.
"""

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from integration.operators import InProcess
from integration.world import EARLIEST, until
from mnist_operator.hub import FINALIZER


def operator(world, selector):
    """An operator that follows what it selects, and makes a round every second."""
    changed = {"selector": selector, "resync_seconds": 1.0}
    return InProcess(
        SimpleNamespace(settings=world.settings.model_copy(update=changed))
    )


async def label(world, shard, name="mnist"):
    """Give a training to a shard."""
    patch = {"metadata": {"labels": {"shard": shard}}}
    await world.kube.call("PATCH", f"{world.trainings}/{name}", patch)


async def meta(world, name="mnist"):
    return (await world.kube.call("GET", f"{world.trainings}/{name}"))["metadata"]


async def test_a_training_passes_from_one_operator_to_another_and_back(world):
    await world.apply(trigger=EARLIEST)
    await label(world, "a")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(operator(world, "shard in (a, none)"))
        pushed = [await world.push(digits=1)]
        await world.model_of(pushed[0])
        await world.reason("UpToDate")

        # Nobody selects it: what is pushed waits.
        await label(world, "b")
        pushed.append(await world.push(digits=2))
        await stack.enter_async_context(operator(world, "shard=b"))
        await world.model_of(pushed[1])

        await label(world, "a")
        pushed.append(await world.push(digits=3))
        await world.model_of(pushed[2])

        assert pushed == await world.trained()
        assert 3 == len(await world.jobs())
        assert [FINALIZER] == (await meta(world))["finalizers"]

        await world.delete()


async def test_one_that_nobody_selects_any_more_can_be_deleted(world):
    await world.apply()
    await label(world, "a")
    async with operator(world, "shard=a"):
        await world.reason("WaitingForData")
        await label(world, "nobodys")

        assert [FINALIZER] == (await meta(world))["finalizers"]

        await world.delete()


async def test_an_older_training_of_another_operator_is_yielded_to(world):
    older = await world.apply("older")
    await label(world, "a", "older")
    made = datetime.fromisoformat(older["metadata"]["creationTimestamp"])

    async def later():
        """Ages are told in seconds."""
        return datetime.now(UTC) >= made + timedelta(seconds=1)

    await until(later, "the next second")
    async with operator(world, "shard=a"), operator(world, "shard=b"):
        await world.reason("WaitingForData", "older")
        await world.apply()
        await label(world, "b")
        found = await world.reason("OutputTaken")

        assert "team/older" in found["message"]

        await world.delete("older")
        await world.reason("WaitingForData")
