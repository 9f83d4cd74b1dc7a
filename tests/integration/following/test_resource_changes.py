"""What users do to a MnistTraining: suspend, change, delete it, apply it again."""

import asyncio

import pytest

from integration.world import (
    DEADLINE_SECONDS,
    EARLIEST,
    OUTPUT,
    TFJOBS,
    TRAININGS,
    until,
)
from local_cluster.faults import Fault
from local_cluster.kube.client import ClientError
from mnist_operator.__main__ import make_hub
from mnist_operator.tfjob import COMMIT_LABEL

OTHER_OUTPUT = {"output": {"repo": "elsewhere"}}


async def running(world, gate, **spec):
    """Apply, push, and wait until the trainer has its data."""
    await world.apply(**spec)
    commit = await world.push(digits=1, wait_for=str(gate))
    await gate.reached()
    return commit


async def pending(world, count):
    async def look():
        return (await world.status()).get("pendingCommits") == count

    await until(look, f"{count} pending commits")


async def test_a_suspended_training_starts_nothing_and_loses_nothing(world, operator):
    await world.apply(suspend=True, trigger=EARLIEST)
    pushed = [await world.push(digits=digits) for digits in range(2)]
    await world.reason("Suspended")
    pushed.append(await world.push(digits=2))
    await until(lambda: pushes_seen(world, pushed[-1]), "the last push")

    assert [] == await world.jobs()
    await world.change(suspend=False)
    await world.model_of(pushed[-1])
    assert pushed == await world.trained()


async def pushes_seen(world, head):
    return (await world.status()).get("head") == head


async def test_a_run_that_is_under_way_ends_well_while_suspended(world, operator, gate):
    first = await running(world, gate)
    await world.change(suspend=True)
    second = await world.push(digits=2)
    await pending(world, 2)
    gate.open()
    await world.model_of(first)
    ready = await world.reason("Suspended")

    assert [first] == await world.trained()
    assert "1 commit" in ready["message"]
    await world.change(suspend=False)
    await world.model_of(second)
    assert [first, second] == await world.trained()


async def test_deleting_ends_while_a_run_is_under_way(world, operator, gate):
    await running(world, gate)

    await world.delete()

    async def nothing_left():
        return not await world.jobs()

    await until(nothing_left, "the end of the TFJob")
    assert [] == await world.models()


async def test_deleting_ends_with_pachyderm_gone(world, operator, gate):
    await running(world, gate)
    await world.cluster.pachd.stop()

    await world.delete()


async def test_deleting_ends_with_a_pachyderm_that_never_answers(world, operator):
    await world.apply()
    commit = await world.push(digits=1)
    await world.model_of(commit)
    await world.reason("UpToDate")
    world.faults.add(Fault("pfs.*", delay_seconds=3600, times=None))
    await world.change(trainer={"parameters": {"epochs": 2}})

    await world.delete()


async def test_deleting_ends_when_pachyderm_was_never_there(world, operator):
    await world.apply(pachyderm={"address": "127.0.0.1:1"})
    await world.reason("SourceUnreachable")

    await world.delete()


async def test_a_wake_up_in_the_same_moment_does_not_keep_a_follower_alive(world):
    """kopf asks once, and leaves behind who does not end in ten seconds."""
    world.faults.add(Fault("kube.get.mnisttrainings", delay_seconds=0.001))
    stopped = asyncio.Event()
    # It looks at nothing again by itself for longer than we wait.
    resting = world.settings.model_copy(update={"resync_seconds": 3600})
    async with make_hub(resting) as hub:
        following = asyncio.create_task(hub.follow("team", "nobody", stopped.wait))

        async def asleep():
            return not list(world.faults)

        await until(asleep, "the first look")
        await world.jobs()  # The answer to that look is older than this one.
        hub.wake("team", "nobody")
        stopped.set()
        done, _ = await asyncio.wait({following}, timeout=DEADLINE_SECONDS)

        assert {following} == done
        assert 0 == len(hub)


async def test_deleting_is_an_everyday_thing_that_nobody_is_warned_of(
    world, operator, caplog
):
    await world.apply()
    await world.reason("WaitingForData")

    await world.delete()

    warned = [each for each in caplog.records if each.levelname == "WARNING"]
    assert [] == [each for each in warned if "follow" in each.getMessage()]


async def test_applying_it_again_repeats_nothing_and_loses_nothing(world, operator):
    await world.apply()
    first = await world.push(digits=1)
    await world.model_of(first)
    await world.reason("UpToDate")
    await world.delete()
    missed = [await world.push(digits=digits) for digits in (2, 3)]

    await world.apply()
    await world.model_of(missed[-1])

    assert [first, *missed] == await world.trained()
    await world.reason("UpToDate")
    assert 3 == len((await world.status())["history"])


async def test_applying_it_again_takes_up_what_deleting_broke_off(
    world, operator, gate
):
    commit = await running(world, gate)
    await world.delete()
    await world.apply()
    await gate.reached()
    gate.open()

    model = await world.model_of(commit)

    assert 1 == model.attempt
    assert [commit] == await world.trained()


async def test_a_running_attempt_keeps_what_it_began_with(world, operator, gate):
    first = await running(world, gate, trainer={"parameters": {"epochs": 1}})
    await world.change(trainer={"parameters": {"epochs": 2}})
    second = await world.push(digits=2)
    await pending(world, 2)
    gate.open()
    models = [await world.model_of(commit) for commit in (first, second)]
    jobs = {job["metadata"]["labels"][COMMIT_LABEL]: job for job in await world.jobs()}

    asked = []
    for model in models:
        record = await world.content(OUTPUT.repo, model.commit, "/lineage.json")
        definition = record["predicate"]["buildDefinition"]
        asked.append(definition["externalParameters"]["spec"]["trainer"]["parameters"])
    assert [{"epochs": 1}, {"epochs": 2}] == asked
    assert 2 == len(jobs)
    assert models[0].spec != models[1].spec


async def test_a_spec_that_only_we_refuse_is_stalled_and_names_the_field(
    world, operator
):
    await world.apply(pachyderm={"s3Endpoint": "ftp://somewhere"})
    ready = await world.reason("InvalidSpec")
    stalled = await world.condition("Stalled")

    assert "spec.pachyderm.s3Endpoint" in ready["message"]
    assert "ftp://somewhere" in ready["message"]
    assert "True" == stalled["status"]

    await world.change(pachyderm={"s3Endpoint": None})
    commit = await world.push(digits=1)
    await world.model_of(commit)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            {"input": {"repo": "other"}}, "spec.input must not change", id="input"
        ),
        pytest.param(OTHER_OUTPUT, "spec.output must not change", id="output"),
    ],
)
async def test_where_data_comes_from_and_models_go_cannot_change(
    world, change, message
):
    await world.apply()

    with pytest.raises(ClientError, match=message):
        await world.change(**change)


async def test_a_finished_tfjob_may_be_deleted_without_harm(world, operator):
    await world.apply()
    first = await world.push(digits=1)
    await world.model_of(first)
    await world.reason("UpToDate")
    (job,) = await world.jobs()

    await world.kube.call("DELETE", f"{TFJOBS}/{job['metadata']['name']}")
    second = await world.push(digits=2)
    await world.model_of(second)

    assert [first, second] == await world.trained()


async def test_a_label_on_the_training_changes_nothing(world, operator):
    await world.apply()
    commit = await world.push(digits=1)
    await world.model_of(commit)
    await world.reason("UpToDate")

    labels = {"metadata": {"labels": {"team": "digits"}}}
    await world.kube.call("PATCH", f"{TRAININGS}/mnist", labels)
    second = await world.push(digits=2)
    await world.model_of(second)

    assert [commit, second] == await world.trained()
