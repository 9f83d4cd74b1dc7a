"""SIGTERM: the end comes in time, with nothing half done and nothing in the log."""

import signal

from integration.running.processes import Operator
from integration.world import EARLIEST, OUTPUT, until
from local_cluster.faults import Fault
from mnist_operator.commits import Branch

MANY = [f"mnist-{place}" for place in range(8)]


def expect_a_quiet_end(operator):
    assert "Traceback" not in operator.told
    assert "Did not stop in time" not in operator.told
    assert "did not exit" not in operator.told
    assert "exception" not in operator.told


async def test_it_stops_with_a_backlog_and_goes_on_where_it_was(world):
    async with Operator(world) as operator:
        await operator.answers("/livez", 200, role="working")
        pushed = [await world.push(digits=digits) for digits in range(2)]
        for name in MANY:
            await world.apply(name, output={"branch": name}, trigger=EARLIEST)
        await until(world.jobs, "a first TFJob")
        operator.signal(signal.SIGTERM)

        assert 0 == await operator.status()
        expect_a_quiet_end(operator)
        await operator.start()
        for name in MANY:
            branch = Branch(OUTPUT.repo, name)
            await world.model_of(pushed[-1], branch)
            models = await world.models(branch)
            assert pushed == [model.input_commit for model in models]


async def test_it_stops_while_every_server_hangs(world):
    async with Operator(world) as operator:
        await world.apply(trigger=EARLIEST)
        await world.reason("WaitingForData")
        world.faults.add(Fault("pfs.*", delay_seconds=300, times=None))
        world.faults.add(Fault("kube.*", delay_seconds=300, times=None))
        await operator.answers("/livez", 200, trainings=1)
        operator.signal(signal.SIGTERM)

        assert 0 == await operator.status()
        expect_a_quiet_end(operator)
        world.faults.clear()
