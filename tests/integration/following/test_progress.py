"""How far a run is: read from its log, shown in the status, and never in the way."""

import json
import logging

import pytest

from integration.mnistctl_programs import Running
from integration.operators import InProcess
from integration.stories import assert_one_story, settled
from integration.world import World, until
from local_cluster.faults import Fault

DENIED = {
    "kind": "Status",
    "status": "Failure",
    "reason": "Forbidden",
    "message": 'pods "x" is forbidden: cannot get resource "pods/log"',
    "code": 403,
}


class Soon(World):
    """A world in which logs are read often, and nobody looks because of the time."""

    @property
    def settings(self):
        return super().settings.model_copy(
            update={"progress_seconds": 0.2, "resync_seconds": 3600.0}
        )


@pytest.fixture(name="world")
async def _world(tmp_path):
    async with Soon(tmp_path) as world:
        await world.create_repo()
        yield world


@pytest.fixture(name="log")
def _log(tmp_path):
    """What the trainer is to print while it waits at the gate."""
    return Log(tmp_path / "log")


class Log:
    def __init__(self, path):
        self._path = path

    def __str__(self):
        return str(self._path)

    def add(self, text):
        with self._path.open("a") as file:
            file.write(text)

    def progress(self, epoch, **said):
        told = {"epoch": epoch, "epochs": 3, "step": 10 * epoch, "steps": 30, **said}
        self.add(f"progress: {json.dumps(told)}\n")


async def active(world):
    found = (await world.status()).get("active") or [{}]
    return found[0]


async def epoch(world, number):
    """Wait until the status shows an epoch; return all that it shows of it."""

    async def look():
        progress = (await active(world)).get("progress", {})
        return progress if progress.get("epoch") == number else None

    return await until(look, f"epoch {number}")


async def test_the_status_shows_how_far_a_run_is_until_it_is_over(
    world, operator, gate, log
):
    await world.apply()
    commit = await world.push(wait_for=str(gate), tell=str(log))
    await gate.reached()
    log.progress(1, metrics={"loss": 0.25, "accuracy": 0.9})
    first = await epoch(world, 1)
    log.progress(2, estimatedCompletionTime="2026-03-31T12:00:00Z")
    second = await epoch(world, 2)
    running = await active(world)
    gate.open()
    status = await settled(world, commit)

    counts = {"epoch": 1, "epochs": 3, "step": 10, "steps": 30}
    assert counts | {"metrics": {"loss": "0.25", "accuracy": "0.9"}} == first
    assert "2026-03-31T12:00:00Z" == second["estimatedCompletionTime"]
    assert (commit, "Running", 1) == tuple(
        running[key] for key in ("commit", "state", "attempt")
    )
    assert [] == status["active"]
    await assert_one_story(world)


async def test_the_beginning_is_told_once_however_often_the_operator_comes_again(
    world, gate, log
):
    log.progress(1)
    async with InProcess(world):
        await world.apply()
        commit = await world.push(wait_for=str(gate), tell=str(log))
        await epoch(world, 1)

        async def told():
            return await world.told("TrainingBegun")

        (before,) = await until(told, "the Event")
    async with InProcess(world):
        log.progress(2)
        await epoch(world, 2)
        after = await told()
        gate.open()
        await settled(world, commit)

    (pod,) = (await world.kube.call("GET", world.core("pods")))["items"]
    assert [before] == after
    name, node = pod["metadata"]["name"], pod["spec"]["nodeName"]
    assert (
        f"Pod {name} on node {node} has begun to train on input commit {commit},"
        " attempt 1." == before
    )


async def test_nobody_looks_again_because_of_what_is_shown(world, operator, gate, log):
    await world.apply()
    commit = await world.push(wait_for=str(gate), tell=str(log))
    await gate.reached()
    log.progress(1)
    await epoch(world, 1)
    # From now on a look would fail, and say so in the conditions.
    world.faults.add(Fault("kube.get.mnisttrainings", error=(500, "{}"), times=None))
    before = await stored(world)
    for number in (2, 3):
        log.progress(number)
        await until(lambda number=number: shows(world, number), f"epoch {number}")
    after = await stored(world)
    world.faults.clear()
    gate.open()
    await settled(world, commit)

    assert before["conditions"] == after["conditions"]


async def stored(world):
    """The status as the server has it, whatever it answers."""
    key = world.namespace, "mnist"
    store = world.cluster.kube._store
    return store.get("mnisttrainings.mnist-operator.dev", key)["status"]


async def shows(world, number):
    (run,) = (await stored(world))["active"]
    return run.get("progress", {}).get("epoch") == number


async def test_a_log_that_may_not_be_read_is_in_nobodys_way(
    world, operator, gate, log, caplog
):
    caplog.set_level(logging.DEBUG, "mnist_operator.progress_lane")
    world.faults.add(
        Fault("kube.get.pods/log", error=(403, json.dumps(DENIED)), times=None)
    )
    log.progress(1)
    await world.apply()
    commit = await world.push(wait_for=str(gate), tell=str(log))
    await gate.reached()
    await world.reason("Training")
    await until(lambda: refused(caplog), "the refusal")
    shown = await active(world)
    gate.open()
    await settled(world, commit)

    assert "progress" not in shown
    assert [] == await world.told("TrainingBegun")
    assert [] == [
        each.getMessage()
        for each in caplog.records
        if each.name.startswith("mnist_operator") and each.levelno >= logging.WARNING
    ]
    await assert_one_story(world)


async def refused(caplog):
    return any("cannot be told" in each.getMessage() for each in caplog.records)


async def test_what_no_log_should_hold_shows_nothing_and_hides_nothing(
    world, operator, gate, log
):
    await world.apply()
    commit = await world.push(wait_for=str(gate), tell=str(log))
    await gate.reached()
    log.add("progress: {\x1b[2J\x00\nprogress: [1, 2]\n" + "x" * 20_000 + "\n")
    log.progress(9)
    log.progress("1")
    log.progress(1, metrics={"loss": float("nan"), "\x1b[31m": 1, "accuracy": 0.5})
    shown = await epoch(world, 1)
    gate.open()
    await settled(world, commit)

    assert {"accuracy": "0.5"} == shown["metrics"]


async def test_who_watches_sees_how_far_it_is(world, operator, gate, log):
    await world.apply()
    kubeconfig = str(world.cluster.kubeconfig)
    async with Running("watch", "team/mnist", KUBECONFIG=kubeconfig) as process:
        commit = await world.push(wait_for=str(gate), tell=str(log))
        await gate.reached()
        log.progress(1, metrics={"accuracy": 0.9})
        first = await process.line("Progress")
        log.progress(2)
        second = await process.line("epoch 2/3")
        gate.open()
        await process.line("UpToDate")

    assert f"{commit} attempt 1, epoch 1/3, step 10/30, accuracy 0.9" in first
    assert f"{commit} attempt 1, epoch 2/3, step 20/30" in second
