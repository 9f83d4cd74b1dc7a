"""What people are told: Events once each, conditions, a status that comes back."""

import asyncio
import logging
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import kopf

from integration.operators import InProcess
from integration.world import (
    DEADLINE_SECONDS,
    EARLIEST,
    INPUT,
    TRAININGS,
    World,
    until,
)
from local_cluster.faults import Fault
from mnist_operator.__main__ import make_hub
from mnist_operator.handlers import Hub

TOKEN = "an-unmistakable-token-4711"


async def reasons(world):
    """How many Events there are with each reason."""
    return Counter(event["reason"] for event in await world.events())


async def test_a_model_is_told_by_two_events(world, operator):
    await world.apply()
    commit = await world.push(digits=1)
    model = await world.model_of(commit)
    await world.reason("UpToDate")
    events = {event["reason"]: event for event in await world.events()}

    assert {"RunStarted", "ModelPublished"} == set(events)
    assert {"Normal"} == {event["type"] for event in events.values()}
    assert commit in events["RunStarted"]["message"]
    assert model.tfjob in events["RunStarted"]["message"]
    assert commit in events["ModelPublished"]["message"]
    assert model.commit in events["ModelPublished"]["message"]


async def test_nothing_is_told_twice_when_the_operator_comes_again(world):
    async with InProcess(world):
        await world.apply(trigger=EARLIEST, attempts={"limit": 2, "backoffSeconds": 0})
        await world.push(exit=137)
        await world.push(error="broken")
        sound = await world.push(digits=1)
        await world.model_of(sound)
        await world.reason("UpToDate")
        before = await world.events()

    async with InProcess(world):
        another = await world.push(digits=2)
        await world.model_of(another)
        await world.reason("UpToDate")
        after = await world.events()

    known = {event["metadata"]["name"] for event in before}
    fresh = [e["reason"] for e in after if e["metadata"]["name"] not in known]
    assert {"RunStarted": 3, "AttemptFailed": 2, "TrainingFailed": 1} | {
        "CommitSkipped": 1,
        "ModelPublished": 1,
    } == Counter(event["reason"] for event in before)
    assert ["ModelPublished", "RunStarted"] == sorted(fresh)


async def test_an_event_is_about_this_very_training(world, operator):
    made = await world.apply()
    await world.model_of(await world.push(digits=1))
    await world.reason("UpToDate")

    for event in await world.events():
        about = event["involvedObject"]
        assert made["metadata"]["uid"] == about["uid"]
        assert made["apiVersion"] == about["apiVersion"]


async def test_conditions_follow_a_run_from_beginning_to_end(world, operator, gate):
    await world.apply()
    waiting = await world.reason("WaitingForData")
    commit = await world.push(digits=1, wait_for=str(gate))
    training = await world.reason("Training")
    busy = await world.condition("Reconciling")
    gate.open()
    await world.model_of(commit)
    ready = await world.reason("UpToDate")
    idle = await world.condition("Reconciling")

    assert ["Unknown", "Unknown", "True"] == [
        each["status"] for each in (waiting, training, ready)
    ]
    assert ("True", "False") == (busy["status"], idle["status"])
    assert "False" == (await world.condition("Stalled"))["status"]
    assert commit in training["message"]


async def test_a_condition_keeps_its_time_while_its_status_stays(world, operator):
    await world.apply()
    await world.model_of(await world.push(digits=1))
    before = await world.condition("Stalled")
    await world.model_of(await world.push(digits=2))
    await world.reason("UpToDate")
    after = await world.condition("Stalled")

    assert before["lastTransitionTime"] == after["lastTransitionTime"]


async def test_status_says_which_generation_of_the_spec_it_speaks_of(world, operator):
    made = await world.apply()
    await world.reason("WaitingForData")
    await world.change(trainer={"parameters": {"epochs": 3}})

    async def seen():
        status = await world.status()
        conditions = {each["observedGeneration"] for each in status["conditions"]}
        return status if conditions == {2} else None

    status = await until(seen, "the second generation")

    assert 1 == made["metadata"]["generation"]
    assert 2 == status["observedGeneration"]


async def test_a_status_that_was_wiped_comes_back(world, operator):
    await world.apply(trigger=EARLIEST)
    failed, sound = await world.push(exit=1), await world.push(digits=1)
    await world.model_of(sound)
    await world.reason("UpToDate")
    before = await world.status()

    nothing = {"status": dict.fromkeys(before)}
    await world.kube.call("PATCH", f"{TRAININGS}/mnist/status", nothing)
    await world.reason("UpToDate")
    after = await world.status()

    assert failed == after["history"][1]["commit"]
    assert without_times(before) == without_times(after)


def without_times(status):
    conditions = [{**each, "lastTransitionTime": ""} for each in status["conditions"]]
    # The seal is made of those times, too.
    return status | {"conditions": conditions, "seal": ""}


async def test_a_status_that_was_wiped_during_a_run_loses_no_run(world, gate):
    async with InProcess(world):
        await world.apply()
        commit = await world.push(digits=1, wait_for=str(gate))
        await gate.reached()
    nothing = {"status": dict.fromkeys(await world.status())}
    await world.kube.call("PATCH", f"{TRAININGS}/mnist/status", nothing)

    async with InProcess(world):
        await world.reason("Training")
        (active,) = (await world.status())["active"]
        gate.open()
        model = await world.model_of(commit)
        await world.reason("UpToDate")

    assert (1, active["run"]) == (model.attempt, model.run)
    assert 1 == len(await world.jobs())
    assert 1 == (await reasons(world))["RunStarted"]


async def look_again(world, number):
    """Wake the operator, and wait until it reads the training."""
    read = Fault("kube.get.mnisttrainings", delay_seconds=0.001 * number)
    world.faults.add(read)
    labels = {"metadata": {"labels": {"look": f"number-{number}"}}}
    await world.kube.call("PATCH", f"{TRAININGS}/mnist", labels)

    async def looked():
        return read not in world.faults

    await until(looked, "another look")


async def test_a_status_that_has_nothing_new_to_say_is_not_written(world, operator):
    await world.apply()
    await world.model_of(await world.push(digits=1))
    await world.reason("UpToDate")
    write = Fault("kube.patch.mnisttrainings/status", delay_seconds=0.001)
    world.faults.add(write)

    for number in (1, 2, 3):
        await look_again(world, number)

    assert [write] == list(world.faults)


async def test_a_token_is_told_to_nobody(tmp_path, caplog):
    for name in ("mnist_operator", "kopf", "grpc", "aiohttp"):
        caplog.set_level(logging.DEBUG, name)
    async with World(tmp_path, token=TOKEN) as world:
        await world.create_repo()
        secret = {"metadata": {"name": "pachyderm"}, "stringData": {"token": TOKEN}}
        await world.kube.call("POST", "/api/v1/namespaces/team/secrets", secret)
        async with InProcess(world):
            reference = {"secretRef": {"name": "pachyderm"}}
            await world.apply(pachyderm=reference, trigger=EARLIEST)
            await world.push(exit=1)
            await world.model_of(await world.push(digits=1))
            await world.reason("UpToDate")
            told = [await world.status(), await world.events(), await world.jobs()]

    assert TOKEN not in str(told)
    assert TOKEN not in caplog.text
    assert "mnist_operator" in caplog.text


async def test_a_commit_that_was_left_open_is_told_once_and_trained_when_finished(
    world,
):
    # By a clock that is ahead every job is eleven minutes old when it is made.
    await world.apply(startupDeadlineSeconds=3600)
    stopped = asyncio.Event()
    async with make_hub(world.settings) as hub:
        ahead = replace(
            hub._engine, now=lambda: datetime.now(UTC) + timedelta(minutes=11)
        )
        following = asyncio.create_task(
            Hub(ahead).follow("team", "mnist", stopped.wait)
        )
        await world.reason("WaitingForData")
        commit = await world.open_commit(digits=1)

        async def told():
            events = await world.events()
            return [each for each in events if each["reason"] == "CommitLeftOpen"]

        (event,) = await until(told, "the Event")
        await world.pachyderm.finish_commit(INPUT.repo, commit)
        await world.model_of(commit)
        assert 1 == len(await told())
        stopped.set()
        await following

    assert "Warning" == event["type"]
    assert commit in event["message"]
    assert "finish it or drop it" in event["message"]


async def test_a_training_that_was_deleted_before_its_finalizer_is_not_followed_on(
    world,
):
    """kopf begins a daemon first: one deleted in between goes without a word to it."""
    body = await world.apply()
    async with make_hub(world.settings) as hub:
        stopped, uid = asyncio.Event(), body["metadata"]["uid"]
        following = asyncio.create_task(hub.follow("team", "mnist", stopped.wait, uid))
        await world.reason("WaitingForData")

        hub.hear(kopf.Body(body), gone=True)

        async with asyncio.timeout(DEADLINE_SECONDS):
            await following
        assert 0 == len(hub)
