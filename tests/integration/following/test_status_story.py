"""The status tells what happens, as an observer saw it who never looked away."""

import asyncio
from contextlib import suppress
from itertools import pairwise

import pytest

from integration.operators import InProcess
from integration.stories import assert_one_story, decisions, settled
from integration.world import EARLIEST, INPUT, OUTPUT, TRAININGS, until
from local_cluster.kube.client import Mirror
from mnist_operator.commits import CommitState

LATEST_ONLY = EARLIEST | {"mode": "LatestOnly"}


class Observer:
    """Every status that a training ever had."""

    def __init__(self, world):
        self._mirror = Mirror(world.kube, TRAININGS, self._note)
        self.seen = []

    async def __aenter__(self):
        self._task = asyncio.create_task(self._mirror.run())
        return self

    async def __aexit__(self, *_):
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    def _note(self, kind, training):
        if kind != "DELETED" and "head" in training.get("status", {}):
            self.seen.append(training)

    async def saw(self, status):
        """Wait until the stream has come as far as this status."""

        async def look():
            return self.seen and self.seen[-1]["status"] == status

        await until(look, "the last status")


@pytest.fixture(name="observer")
async def _observer(world):
    async with Observer(world) as observer:
        yield observer


def assert_sound(training):
    """What is true of every status, whatever it tells."""
    status = training["status"]
    conditions = {each["type"]: each for each in status["conditions"]}
    assert ["Ready", "Reconciling", "Stalled"] == sorted(conditions)
    for each in conditions.values():
        assert each["observedGeneration"] == status["observedGeneration"]
        assert each["reason"]
        assert each["message"]
    assert status["observedGeneration"] <= training["metadata"]["generation"]
    assert min(status["pendingCommits"], 10) == len(status["queue"])
    waiting = {each["commit"]: each["state"] for each in status["queue"]}
    for active in status["active"]:
        if not active["request"] and active["commit"] in waiting:
            assert active["state"] in {waiting[active["commit"]], "Opened"}
    if conditions["Ready"]["reason"] == "UpToDate":
        flags = [conditions[name]["status"] for name in ("Reconciling", "Stalled")]
        assert (0, ["False", "False"]) == (status["pendingCommits"], flags)
        assert [] == status["active"]


def assert_continuous(seen):
    """No status takes back what an earlier one said was decided."""
    for before, after in pairwise(seen):
        old, new = before["status"]["history"], after["status"]["history"]
        fresh = next(n for n in range(len(new) + 1) if old[: len(new) - n] == new[n:])
        decided = {each["commit"] for each in new[:fresh]}
        assert not decided & {each["commit"] for each in after["status"]["queue"]}
        assert (
            before["status"]["observedGeneration"]
            <= after["status"]["observedGeneration"]
        )


async def test_every_status_on_the_way_is_true_and_takes_nothing_back(
    world, observer, gate
):
    async with InProcess(world):
        await world.apply(trigger=LATEST_ONLY, attempts={"limit": 2})
        first = await world.push(wait_for=str(gate))
        await gate.reached()
        for digits in range(3):
            await world.push(digits=digits)
        await world.change(trainer={"parameters": {"epochs": 2}})
        gate.open()
        await until(lambda: trained(world, 2), "the second model")
        await world.ask("today", first)
        await world.push(exit=1)
        await world.change(suspend=True)
    await world.push(error="broken")
    last = await world.push(digits=9)
    async with InProcess(world):
        await world.shows("Suspended", head=last)
        await world.change(suspend=False)
        await world.shows(lastHandledRequestAt="today")
        status = await settled(world, last)
        await observer.saw(status)
        # The first operator may have been ended between a TFJob and its Event.
        await assert_one_story(world, with_events=False)

    for each in observer.seen:
        assert_sound(each)
    assert_continuous(observer.seen)
    told = {each["status"]["conditions"][0]["reason"] for each in observer.seen}
    assert {"Training", "Suspended", "UpToDate"} <= told


async def trained(world, count):
    return len(await world.trained()) >= count


async def test_the_queue_says_what_each_commit_waits_for(world, operator, gate):
    await world.apply(trigger=EARLIEST)
    running = await world.push(wait_for=str(gate))
    await gate.reached()
    broken = await world.push(error="the upload broke off")
    waiting = await world.push(digits=1)
    written = await world.open_commit(digits=2)
    states = {
        running: "Running",
        broken: "Errored",
        waiting: "Waiting",
        written: "Open",
    }
    queue = [{"commit": commit, "state": state} for commit, state in states.items()]
    status = await world.shows("Training", queue=queue, pendingCommits=4)

    assert [(running, "Running", 1, "")] == [
        (each["commit"], each["state"], each["attempt"], each["request"])
        for each in status["active"]
    ]
    gate.open()
    await world.pachyderm.finish_commit(INPUT.repo, written)
    await settled(world, written)
    await assert_one_story(world)


async def test_the_queue_says_when_a_run_is_tried_again(world, operator):
    await world.apply(trigger=EARLIEST, attempts={"backoffSeconds": 3600})
    commit = await world.push(exit=137)
    status = await world.shows(
        "Retrying", queue=[{"commit": commit, "state": "Retrying"}]
    )

    assert ["Retrying"] == [each["state"] for each in status["active"]]


async def test_the_queue_says_when_a_model_waits_to_be_published(world, operator):
    await world.apply(trigger=EARLIEST)
    await world.reason("WaitingForData")
    foreign = await world.open_commit(OUTPUT, theirs=1)
    commit = await world.push(digits=1)
    status = await world.shows(
        "OutputBusy", queue=[{"commit": commit, "state": "Publishing"}]
    )
    await world.pachyderm.finish_commit(OUTPUT.repo, foreign)
    await settled(world, commit)

    assert ["Publishing"] == [each["state"] for each in status["active"]]


async def test_a_long_queue_and_a_long_history_show_ten_of_all(world, operator, gate):
    await world.apply(trigger=LATEST_ONLY)
    first = await world.push(wait_for=str(gate))
    await gate.reached()
    middle = [await world.push(digits=each) for each in range(12)]
    newest = await world.push(digits=12)
    busy = await world.shows(pendingCommits=14, head=newest)
    gate.open()
    status = await settled(world, newest)

    assert [first, *middle[:9]] == [each["commit"] for each in busy["queue"]]
    assert [newest, *middle[:2:-1]] == [each["commit"] for each in status["history"]]
    assert 14 == len(await world.entries())
    (told,) = await world.told("CommitSkipped")
    assert told.startswith(f"12 input commits, {middle[0]} to {middle[-1]}: Superseded")
    await assert_one_story(world)


async def eventful(world, gate):
    """Some of everything that can happen to a commit."""
    await world.apply(
        trigger=LATEST_ONLY | {"paths": ["data/**"]},
        attempts={"limit": 2, "backoffSeconds": 0},
    )
    await world.push(wait_for=str(gate))
    await gate.reached()
    for digits in range(3):
        head = await world.push(digits=digits)
    await world.shows(pendingCommits=4)
    gate.open()
    await settled(world, head)
    await settled(world, await world.put({"/README.md": "two"}))
    await settled(world, await world.push(exit=137), "TrainingFailed")
    await settled(world, await world.push(error="broken"), "TrainingFailed")
    await world.ask("one", head)
    await world.shows(lastHandledRequestAt="one", active=[])
    await world.ask("two", "no-commit")
    await world.shows(lastHandledRequestAt="two", active=[])
    last = await world.push(digits=9)
    await settled(world, last)
    return last


async def test_each_thing_is_told_once_however_often_the_operator_comes_again(
    world, gate
):
    async with InProcess(world):
        last = await eventful(world, gate)
        await assert_one_story(world)
    before = await told(world)

    for number in range(3):
        async with InProcess(world):
            generation = (await world.status())["observedGeneration"]
            await world.change(activeDeadlineSeconds=3600 + number + 1)
            await world.shows(
                "UpToDate", head=last, observedGeneration=generation + 1, active=[]
            )

    assert before == await told(world)
    reasons = {reason for _, reason in await decisions(world)}
    assert {"Published", "Superseded", "PathsUnchanged", "InputErrored"} <= reasons
    assert {"TrainerKilled", "RequestRefused"} <= reasons


async def told(world):
    """All that was ever told, but for the status, which counts generations."""
    events = await world.events()
    status = await world.status()
    # The seal is made of both.
    del status["conditions"], status["observedGeneration"], status["seal"]
    return (
        {each["metadata"]["name"]: each for each in events},
        await world.entries(),
        {job["metadata"]["name"] for job in await world.jobs()},
        [each.id for each in await world.commits()],
        status,
    )


async def test_a_status_that_was_wiped_tells_the_same_again(world, gate):
    async with InProcess(world):
        await eventful(world, gate)
    before = await told(world)
    nothing = {"status": dict.fromkeys(await world.status())}
    await world.kube.call("PATCH", f"{TRAININGS}/mnist/status", nothing)

    async with InProcess(world):
        await settled(world, before[-1]["head"])

    assert before == await told(world)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        pytest.param({"suspend": True}, "Suspended", id="suspended"),
        pytest.param(
            {"trigger": LATEST_ONLY | {"minCommits": 3}},
            "WaitingForCommits",
            id="too-few",
        ),
        pytest.param(
            {"trigger": EARLIEST | {"debounceSeconds": 3600}},
            "WaitingForQuiet",
            id="not-quiet",
        ),
        pytest.param({"trigger": {"startFrom": "Next"}}, "WaitingForData", id="none"),
    ],
)
async def test_whatever_holds_the_queue_is_said_of_the_present_spec(
    world, operator, spec, reason
):
    commit = await world.push(digits=1)
    assert CommitState.FINISHED is (
        (await world.pachyderm.commit(INPUT.repo, commit)).state
    )
    await world.apply(**spec)
    await world.shows(reason, head=commit, observedGeneration=1)
    await world.change(activeDeadlineSeconds=60)
    status = await world.shows(reason, head=commit, observedGeneration=2)

    training = await world.kube.call("GET", f"{TRAININGS}/mnist")
    assert_sound(training)
    assert {2} == {each["observedGeneration"] for each in status["conditions"]}
    assert [] == await world.jobs()
