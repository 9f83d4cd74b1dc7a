"""mnistctl logs: from the pod while there is one, from the run repo afterwards."""

import json

import grpc
import pytest

from integration.following.conftest import Gate
from integration.mnistctl_world import INPUT, TRAINING, Running, fork_mnistctl
from integration.operators import InProcess
from integration.world import IMAGE, IMAGES, PEERS_IMAGE, World, until
from local_cluster.faults import Fault
from mnist_operator import places
from mnist_operator.pachyderm import PutFile
from mnist_operator.runs import LOG_FILE, Outcome, Verdict, job_name

RUNS = places.run_repo(TRAINING)
FAILED = Outcome(Verdict.FAILED, "TrainerKilled", "Exit code 137.")
NOBODY = "127.0.0.1:1"


async def ran(world, log, *, number=1, outcome=FAILED):
    """An attempt that is over, with its log; gives back its staging commit."""
    attempt = await world.open(number=number)
    await world.client.modify(RUNS, attempt.staging, [PutFile(LOG_FILE, log)])
    await world.close(attempt, outcome)
    return attempt.staging


async def test_a_log_that_was_kept_is_found_by_every_name_of_its_run(world, ask):
    run = await ran(world, b"epoch 1/1\n")
    tfjob = job_name("mnist", run)

    names = ("mnist", "default/mnist", tfjob, f"tfjob/{tfjob}", run, run[:8].upper())
    answers = [await ask("logs", name) for name in names]
    followed = await ask("logs", "-f", "mnist")

    for each in (*answers, followed):
        assert (0, "epoch 1/1\n") == (each.status, each.out)
        place = f"From {RUNS}@{run}:/log.txt (attempt 1 on input commit {INPUT}), for"
        assert each.err.startswith(f"{place} no cluster can be asked: there is no")


async def test_a_run_that_was_decided_is_looked_up_in_the_ledger(world, pachd, ask):
    entry = await world.publish()
    walking = (grpc.StatusCode.UNAVAILABLE, "nobody has to walk")
    pachd.faults.add(Fault("pfs.ListCommit", error=walking, times=None))

    answer = await ask("logs", entry.tfjob)

    assert (3, "") == (answer.status, answer.out)
    assert f"run {RUNS}@{entry.run} (attempt 1 on input commit" in answer.err


async def test_a_training_means_its_newest_run_or_an_attempt_of_that(world, ask):
    await ran(world, b"first\n")
    await ran(world, b"second\n", number=2)

    newest = await ask("logs", "mnist")
    first = await ask("logs", "mnist", "--attempt", "1")
    third = await ask("logs", "mnist", "--attempt", "3")
    senseless = await ask("logs", "mnist-233f354619c8", "--attempt", "1")

    assert ("second\n", "first\n") == (newest.out, first.out)
    assert (3, "") == (third.status, third.out)
    assert "has no attempt 3: there are 1, 2" in third.err
    assert 2 == senseless.status


async def test_what_is_not_there_is_said(world, ask):
    await ran(world, b"")

    empty = await ask("logs", "mnist")
    unknown = await ask("logs", "mnits")
    no_id = await ask("logs", "0" * 32)
    nothing = await ask("logs", "outputrepo@master")
    silent = await fork_mnistctl("logs", "mnist", PACHD_ADDRESS=NOBODY)

    for each in (empty, unknown, no_id):
        assert (3, "", 1) == (each.status, each.out, each.err.count("\n"))
    assert "left no log: none of its pods ran, and ended Failed (Trai" in empty.err
    assert f"{RUNS} has no run of a MnistTraining default/mnits" in unknown.err
    assert f"{RUNS} has no run {'0' * 32}" in no_id.err
    assert (2, "") == (nothing.status, nothing.out)
    assert (1, "", 1) == (silent.status, silent.out, silent.err.count("\n"))
    assert f"and pachd at {NOBODY} does not answer" in silent.err


@pytest.mark.parametrize(
    ("error", "why"),
    [
        pytest.param((403, "no"), "for list pods in namespace default", id="forbidden"),
        pytest.param((503, "later"), "could not answer GET /api", id="overloaded"),
        pytest.param((200, "<html>"), "does a proxy stand", id="something-else"),
    ],
)
async def test_a_cluster_that_tells_nothing_is_no_obstacle(
    world, ask, cluster, error, why
):
    await ran(world, b"epoch 1/1\n")
    code, message = error
    body = json.dumps({"message": message}) if code != 200 else message
    cluster.faults.add(Fault("kube.list.pods", error=(code, body)))

    answer = await ask("logs", "mnist", KUBECONFIG=str(cluster.kubeconfig))

    assert (0, "epoch 1/1\n", 1) == (answer.status, answer.out, answer.err.count("\n"))
    assert why in answer.err


async def test_a_reader_who_has_seen_enough_is_no_error(world, pachd):
    await ran(world, b"many lines\n" * 500_000)

    command = Running("logs", "mnist", PACHD_ADDRESS=pachd.address)
    async with command as process:
        await process.line("many lines")
        process._transports[0].close()
        answer = await process.end()

    assert 0 == answer.status
    assert 1 == answer.err.count("\n")


@pytest.fixture(name="stage")
async def _stage(tmp_path):
    """A whole cluster with an operator."""
    async with World(tmp_path) as world:
        await world.create_repo()
        async with InProcess(world):
            yield world


@pytest.fixture(name="gate")
def _gate(tmp_path):
    gate = Gate(tmp_path / "gate")
    yield gate
    gate.open()


def environment(stage, **changes):
    return {
        "PACHD_ADDRESS": stage.cluster.pachd_address,
        "KUBECONFIG": str(stage.cluster.kubeconfig),
        **changes,
    }


async def test_a_pod_is_followed_until_it_ends(stage, gate):
    await stage.apply()
    commit = await stage.push(digits=1, wait_for=str(gate), say="bye", exit=3)
    await gate.reached()

    follow = Running("logs", "team/mnist", "-f", **environment(stage))
    async with follow as process:
        await process.line("epoch 1/1")
        now = await fork_mnistctl("logs", "-n", "team", "mnist", **environment(stage))
        alone = environment(stage, PACHD_ADDRESS=NOBODY)
        by_pod = await fork_mnistctl("logs", "team/mnist", **alone)
        gate.open()
        answer = await process.end()
    await stage.decision(commit)
    kept = environment(stage, KUBECONFIG="/nowhere")
    ended = await fork_mnistctl("logs", "team/mnist", **kept)

    assert (0, "epoch 1/1\nbye\n") == (answer.status, answer.out)
    assert (0, "epoch 1/1\n", 1) == (now.status, now.out, now.err.count("\n"))
    assert now.err == by_pod.err == answer.err
    assert now.err.startswith("From pod team/mnist-")
    assert (0, "epoch 1/1\nbye\n") == (ended.status, ended.out)
    assert "/log.txt (attempt 1 on input commit" in ended.err


async def test_of_several_pods_each_can_be_asked(stage, gate):
    replicas = {"chief": 1, "worker": 1}
    await stage.apply(trainer={"image": PEERS_IMAGE, "replicas": replicas})
    await stage.push(digits=1, wait_for=str(gate))
    await gate.reached()

    async def ask(*arguments):
        return await fork_mnistctl(
            "logs", "team/mnist", *arguments, **environment(stage)
        )

    speaker = await ask()
    worker = await ask("--replica", "worker-0")
    nobody = await ask("--replica", "worker-7")

    assert speaker.out.startswith("chief-0 of 2\n")
    assert worker.out.startswith("worker-0 of 2\n")
    assert (3, "") == (nobody.status, nobody.out)
    assert "no pod worker-7: there are chief-0, worker-0" in nobody.err


async def test_a_pod_that_has_not_started_says_why_and_is_waited_for(
    stage, monkeypatch
):
    await stage.apply(trainer={"image": "nowhere/trainer:1"})
    await stage.push(digits=1)

    async def waits():
        pods = await stage.kube.call("GET", stage.core("pods"))
        return "ImagePullBackOff" in str(pods["items"])

    await until(waits, "a pod that waits for its image")
    now = await fork_mnistctl("logs", "team/mnist", **environment(stage))
    follow = Running("logs", "team/mnist", "-f", **environment(stage))
    async with follow as process:
        monkeypatch.setitem(IMAGES, "nowhere/trainer:1", IMAGES[IMAGE])
        answer = await process.end()

    assert (3, "") == (now.status, now.out)
    assert "has no log yet" in now.err
    assert "is waiting to start" in now.err
    assert (0, "epoch 1/1\n") == (answer.status, answer.out)
