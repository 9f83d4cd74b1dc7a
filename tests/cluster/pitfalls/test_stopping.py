"""SIGTERM with work to do, and two operators that do the same work."""

import signal

from integration.running.processes import Operator
from integration.running.test_stopping import expect_a_quiet_end
from integration.world import EARLIEST, OUTPUT, until
from mnist_operator.commits import Branch

MANY = [f"mnist-{place}" for place in range(8)]


async def test_it_stops_with_a_backlog_and_a_successor_does_the_rest(world):
    """kopf begins daemons for its backlog also while it stops."""
    settings = {"MNIST_OPERATOR_NAMESPACES": world.namespace}
    async with Operator(world, **settings) as operator:
        commit = await world.push(digits=1)
        for name in MANY:
            await world.apply(name, output={"branch": name}, trigger=EARLIEST)
        await until(world.jobs, "a first TFJob")
        operator.signal(signal.SIGTERM)

        assert 0 == await operator.status()
        expect_a_quiet_end(operator)
        await operator.start()
        for name in MANY:
            await world.model_of(commit, Branch(OUTPUT.repo, name))
    assert len(MANY) == len(await world.jobs())
    for name in MANY:
        assert 1 == len(await world.commits(Branch(OUTPUT.repo, name)))


async def test_two_operators_make_one_tfjob_and_one_model_for_each_commit(world):
    settings = {"MNIST_OPERATOR_NAMESPACES": world.namespace}
    first, second = (Operator(world, n, **settings) for n in ("first", "second"))
    async with first, second:
        await world.apply(trigger=EARLIEST)
        pushed = [await world.push(digits=digits) for digits in range(3)]
        await world.model_of(pushed[-1])
        pushed += [await world.push(digits=digits) for digits in range(3, 5)]
        await world.model_of(pushed[-1])
        await world.shows("UpToDate", head=pushed[-1], pendingCommits=0, active=[])

    recorded = [entry.commit for entry in (await world.ledger()).recent]
    assert pushed == await world.trained() == recorded[::-1]
    assert len(pushed) == len(await world.jobs()) == len(await world.commits())
    for operator in (first, second):
        assert "Traceback" not in operator.told
