"""mnistctl watch: what is told, what an outage may not hide, and how it ends."""

import pytest

from integration.mnistctl_world import INPUT, Running
from integration.operators import InProcess
from integration.world import World
from local_cluster.faults import Fault
from unit.mnistctl_records import decision, status_of

OTHER = "6" * 32
UP_TO_DATE = status_of(published=INPUT)
FAILED = status_of("TrainingFailed", "False", history=[decision(OTHER, "Failed")])
STALLED = status_of("InvalidSpec", "False", stalled=True)


@pytest.fixture(name="watch")
def _watch(cluster):
    def _start(*arguments):
        return Running("watch", "mnist", *arguments, KUBECONFIG=str(cluster.kubeconfig))

    return _start


async def test_every_change_is_a_line_until_ctrl_c(cluster, watch):
    await cluster.create("mnist", status=status_of("WaitingForData", "Unknown"))
    run = {"commit": INPUT, "attempt": 1, "run": "7" * 32, "tfjob": "mnist-77"}

    async with watch() as process:
        await process.line("WaitingForData")
        for state in ("Created", "Running"):
            active = [run | {"state": state, "since": "2026-03-31T12:00:00Z"}]
            training = status_of("Training", "Unknown", active=active, pending=1)
            await cluster.tell("mnist", training)
            await process.line({"Created": "Starting"}.get(state, state))
        await cluster.tell("mnist", UP_TO_DATE)
        await process.line("UpToDate")
        process.interrupt()
        answer = await process.end()

    assert (130, "") == (answer.status, answer.err)
    times, words, rest = zip(
        *(line.split(maxsplit=2) for line in answer.out.splitlines()), strict=True
    )
    assert all(time.endswith("Z") for time in times)
    assert (
        *("WaitingForData", "Pending", "Starting", "Running"),
        *("Published", "Pending", "UpToDate"),
    ) == words
    assert f"{INPUT} attempt 1, TFJob mnist-77" == rest[3]
    assert rest[4].startswith(f"{INPUT} attempt 1, model ")


async def test_no_decision_is_missed_or_told_twice_over_an_outage(cluster, watch):
    await cluster.create("mnist", status=UP_TO_DATE)
    later = status_of(history=[decision(OTHER), *UP_TO_DATE["history"]])

    async with watch() as process:
        await _is_watching(cluster, process)
        await cluster.server.stop()
        await process.line("does not answer", "stderr")
        await cluster.server.start()
        await cluster.tell("mnist", later)
        await process.line(f"Published       {OTHER}")
        # The status may be lost: it is written anew, from the ledger.
        await cluster.tell("mnist", {"history": None, "conditions": None})
        await cluster.tell("mnist", later)
        await cluster.tell("mnist", later | {"pendingCommits": 7})
        await process.line("Pending         7 commits")
        process.interrupt()
        answer = await process.end()

    told = [line for line in answer.out.splitlines() if "Published" in line]
    assert [OTHER] == [line.split()[2] for line in told]
    assert 1 == answer.err.count("\n")
    assert "; trying again\n" in answer.err


async def _is_watching(cluster, process):
    """Let something happen, and wait until it is told."""
    await process.line("UpToDate")
    await cluster.tell("mnist", UP_TO_DATE | {"pendingCommits": 1})
    await process.line("Pending         1 commit")


def _cut(cluster):
    cluster.server.cut_watches()


def _expire(cluster):
    cluster.server.expire()


def _fail(cluster):
    cluster.faults.add(Fault("kube.watch.mnisttrainings", error=(500, "{}")))
    cluster.server.cut_watches()


@pytest.mark.parametrize(
    "accident",
    [
        pytest.param(_cut, id="its-time-is-over"),
        pytest.param(_expire, id="410"),
        pytest.param(_fail, id="500"),
    ],
)
async def test_a_watch_that_ends_is_begun_anew(cluster, watch, accident):
    await cluster.create("mnist", status=UP_TO_DATE)

    async with watch() as process:
        await _is_watching(cluster, process)
        accident(cluster)
        await cluster.tell("mnist", UP_TO_DATE | {"pendingCommits": 3})
        await process.line("Pending         3 commits")


@pytest.mark.parametrize(
    ("status", "expected", "said"),
    [
        pytest.param(UP_TO_DATE, 0, "UpToDate", id="ready"),
        pytest.param(FAILED, 5, "TrainingFailed", id="failed"),
        pytest.param(STALLED, 1, "InvalidSpec", id="stalled"),
    ],
)
async def test_it_ends_with_what_the_waiting_came_to(
    cluster, watch, status, expected, said
):
    await cluster.create("mnist", status=status_of("Training", "Unknown"))

    async with watch("--until-ready", "--timeout", "50") as process:
        await process.line("Training")
        await cluster.tell("mnist", status)
        answer = await process.end()

    assert (expected, "") == (answer.status, answer.err)
    assert said in answer.out.splitlines()[-1]


async def test_it_does_not_wait_longer_than_asked(cluster, watch):
    await cluster.create("mnist", status=status_of("Training", "Unknown"))

    async with watch("--until-ready", "--timeout", "0.2") as process:
        answer = await process.end()

    assert (6, "Timed out after 0.2 seconds\n") == (answer.status, answer.err)


async def test_a_spec_that_nobody_looked_at_is_not_ready(cluster, watch):
    await cluster.create("mnist", status=UP_TO_DATE)
    await cluster.change("mnist", suspend=True)

    async with watch("--until-ready", "--timeout", "0.5") as process:
        answer = await process.end()

    assert 6 == answer.status


async def test_a_training_that_is_deleted_is_said(cluster, watch):
    await cluster.create("mnist")

    async with watch() as process:
        await process.line("is the operator running?")
        await cluster.delete("mnist")
        answer = await process.end()

    assert (1, "It was deleted\n") == (answer.status, answer.err)


async def test_a_deletion_is_said_that_came_before_the_watch_began(cluster, watch):
    await cluster.create("mnist")
    cluster.faults.add(Fault("kube.watch.mnisttrainings", delay_seconds=1.0))

    async with watch() as process:
        await process.line("is the operator running?")
        await cluster.delete("mnist")
        answer = await process.end()

    assert (1, "It was deleted\n") == (answer.status, answer.err)


async def test_a_real_run_is_followed_to_its_end(tmp_path):
    async with World(tmp_path) as world, InProcess(world):
        await world.create_repo()
        await world.apply()
        kubeconfig = str(world.cluster.kubeconfig)
        async with Running("watch", "team/mnist", KUBECONFIG=kubeconfig) as process:
            await process.line("WaitingForData")
            commit = await world.push(digits=1)
            published = await process.line("Published")
            await process.line("UpToDate")
            bad = await world.push(exit=10, reason="DataInvalid", say="no x_train")
            failed = await process.line("Failed")
        ended = Running(
            *("watch", "mnist", "-n", "team", "--until-ready", "--timeout", "50"),
            KUBECONFIG=kubeconfig,
        )
        async with ended as process:
            answer = await process.end()

    assert f"{commit} attempt 1, model " in published
    assert f"{bad} attempt 1: DataInvalid: " in failed
    assert 5 == answer.status
