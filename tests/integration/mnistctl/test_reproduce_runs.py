"""mnistctl reproduce: the run itself, which is joined, left alone, or fails."""

import json
from functools import partial

import pytest

from integration.mnistctl_world import Running, fork_mnistctl
from integration.operators import InProcess
from integration.reproductions import (
    REPRODUCTIONS,
    SALTED,
    environment,
    reproducer,
    stage,
    train,
    train_at_a_gate,
)
from integration.world import World
from local_cluster.faults import Fault
from mnist_operator.commits import CommitState


@pytest.fixture(name="world")
async def _world(tmp_path, monkeypatch):
    async with stage(tmp_path, monkeypatch) as world:
        yield world


@pytest.fixture(name="reproduce")
def _reproduce(world):
    return reproducer(world)


async def test_who_asks_again_joins_and_who_asks_for_another_is_told(
    world, reproduce, tmp_path
):
    gate = await train_at_a_gate(world, tmp_path)

    started = await reproduce("--no-wait", "-o", "json")
    await gate.reached()
    late = await reproduce("--timeout", "3")
    other = await reproduce("--image", SALTED)
    watched = Running("reproduce", "outputrepo@master", "--keep", **environment(world))
    async with watched as process:
        await process.line("joining it", "stderr")
        gate.open()
        ended = await process.end()

    job = started.json["run"]["tfjob"]
    assert (0, None) == (started.status, started.json["verdict"])
    assert (6, "") == (late.status, late.out)
    assert f"TFJob team/{job} is there already" in late.err
    assert f"timed out after 3 seconds: TFJob team/{job} is " in late.err
    assert "; the same command waits for it again\n" in late.err
    assert (1, "") == (other.status, other.out)
    assert f"is under way as TFJob team/{job}" in other.err
    assert 0 == ended.status
    assert f"outputrepo_runs@{started.json['run']['commit']}\n" in ended.out
    assert job in [each["metadata"]["name"] for each in await world.jobs()]


async def test_ctrl_c_leaves_the_run_to_the_next_who_asks(world, tmp_path, reproduce):
    gate = await train_at_a_gate(world, tmp_path)

    command = Running("reproduce", "outputrepo@master", **environment(world))
    async with command as process:
        await process.line("is Running", "stderr")
        process.interrupt()
        stopped = await process.end()
    gate.open()
    ended = await reproduce()

    assert (130, "") == (stopped.status, stopped.out)
    assert "the same command waits for it again" in stopped.err
    assert 0 == ended.status
    assert "identical bytes" in ended.out


async def test_a_run_that_fails_says_why_and_shows_the_end_of_its_log(
    world, reproduce, tmp_path
):
    good = tmp_path / "good"
    good.touch()
    await train(world, exit=3, unless=str(good), say="no GPU here", reason="NoGpu")
    good.unlink()

    answer = await reproduce()

    head = await world.pachyderm.head(REPRODUCTIONS)
    assert (5, "") == (answer.status, answer.out)
    assert "The end of its log:\nepoch 1/1\nno GPU here\n" in answer.err
    assert f"outputrepo_runs@{head.id} has failed: NoGpu: Exit code 3" in answer.err
    assert CommitState.ERRORED is head.state
    assert "Failed" == json.loads(head.description)["outcome"]["verdict"]


async def test_what_kubernetes_refuses_leaves_nothing_in_the_way(world, reproduce):
    await train(world, digits=1)
    world.faults.add(Fault("kube.create.tfjobs", times=1, error=(403, "no")))

    forbidden = await reproduce()
    head = await world.pachyderm.head(REPRODUCTIONS)
    no_secret = await reproduce("--secret", "nothing")
    elsewhere = await reproduce("-n", "nowhere")
    allowed = await reproduce()

    assert (1, "", 1) == (forbidden.status, forbidden.out, forbidden.err.count("\n"))
    assert "for create tfjobs.kubeflow.org in namespace team" in forbidden.err
    assert CommitState.ERRORED is head.state
    assert (1, "") == (no_secret.status, no_secret.out)
    assert "there is no Secret team/nothing: create it" in no_secret.err
    assert (1, "") == (elsewhere.status, elsewhere.out)
    assert "there is no namespace nowhere" in elsewhere.err
    assert 0 == allowed.status


async def test_an_image_that_is_gone_is_a_recorded_input_that_is_missing(
    world, reproduce
):
    await train(world, digits=1)

    answer = await reproduce("--image", "nowhere/trainer:1", "--pull-timeout", "0.1")

    head = await world.pachyderm.head(REPRODUCTIONS)
    assert (4, "") == (answer.status, answer.out)
    assert "cannot be reproduced: image nowhere/trainer:1 cannot be" in answer.err
    assert "name another one with --image" in answer.err
    assert CommitState.ERRORED is head.state
    assert 1 == len(await world.jobs())


async def test_its_pod_gets_the_token_that_the_training_names(tmp_path):
    token = "the-right-token"
    async with World(tmp_path, token=token) as world:
        await world.create_repo()
        secret = {"metadata": {"name": "pachyderm"}, "stringData": {"token": token}}
        await world.kube.call("POST", world.core("secrets"), secret)
        await world.apply(pachyderm={"secretRef": {"name": "pachyderm"}})
        async with InProcess(world):
            await world.model_of(await world.push(digits=1))
        asked = partial(fork_mnistctl, "reproduce", "outputrepo@master")

        refused = await asked(**environment(world))
        allowed = await asked(PACHYDERM_TOKEN=token, **environment(world))

    assert (1, "") == (refused.status, refused.out)
    assert "wants to know who asks" in refused.err
    assert 0 == allowed.status
    assert "identical bytes" in allowed.out
