"""A run by hand: asked for by annotation, done once, and echoed in the status."""

import json

import pytest

from integration.operators import InProcess
from integration.stories import answered, assert_one_story, requests, settled
from integration.world import EARLIEST, OUTPUT, TRAININGS
from mnist_operator.decisions import Decision
from mnist_operator.resource import REQUESTED_AT

MONDAY, TUESDAY = "2026-03-30T08:00:00Z", "2026-03-31T08:00:00Z"


async def once_trained(world, **spec):
    """A training with the model of one commit."""
    await world.apply(**({"trigger": EARLIEST} | spec))
    commit = await world.push(digits=1)
    await settled(world, commit)
    return commit


async def trained_at_gate(world, gate):
    """The same, whose trainer will wait at the gate each time."""
    await world.apply(trigger=EARLIEST)
    commit = await world.push(wait_for=str(gate))
    await gate.reached()
    gate.open()
    await settled(world, commit)
    gate.shut()
    return commit


async def test_a_request_trains_the_head_once_more(world, operator):
    commit = await once_trained(world)
    await world.ask(MONDAY)
    await answered(world, MONDAY)
    first, second = await world.models()
    output = await world.pachyderm.commit(OUTPUT.repo, second.commit)
    statement = await world.content(OUTPUT.repo, second.commit, "/lineage.json")
    parameters = statement["predicate"]["buildDefinition"]["internalParameters"]
    (told,) = [m for m in await world.told("ModelPublished") if second.commit in m]

    assert [(commit, ""), (commit, MONDAY)] == [
        (each.input_commit, each.request) for each in (first, second)
    ]
    assert MONDAY == json.loads(output.description)["request"]
    assert MONDAY == parameters["request"]
    assert [(MONDAY, commit, "Published")] == await requests(world)
    assert commit in told
    assert 2 == len(await world.jobs())
    await assert_one_story(world)


async def test_a_request_is_named_by_the_status_while_it_is_under_way(
    world, operator, gate
):
    commit = await once_trained(world)
    held = await world.push(wait_for=str(gate))
    await gate.reached()
    await world.ask(MONDAY, commit)
    waiting = await world.shows("Training", head=held)
    gate.open()
    status = await answered(world, MONDAY)

    assert "" == waiting["lastHandledRequestAt"]
    assert [(commit, MONDAY), (held, ""), (commit, "")] == [
        (each["commit"], each["request"]) for each in status["history"]
    ]
    await assert_one_story(world)


async def test_a_request_is_done_once_though_the_operator_dies_in_the_middle(
    world, gate
):
    async with InProcess(world):
        await trained_at_gate(world, gate)
        await world.ask(MONDAY)
        await gate.reached()
        before = await world.shows("Training", lastHandledRequestAt=MONDAY)

    async with InProcess(world):
        gate.open()
        await answered(world, MONDAY)
        await assert_one_story(world)

    assert [MONDAY] == [each["request"] for each in before["active"]]
    assert ["", MONDAY] == [each.request for each in await world.models()]
    assert 2 == len(await world.jobs())


async def test_the_same_request_again_asks_for_nothing(world, operator):
    commit = await once_trained(world)
    await world.ask(MONDAY)
    await answered(world, MONDAY)
    await world.ask(None)
    await world.ask(MONDAY)
    await world.ask(MONDAY, commit)
    another = await world.push(digits=2)
    await settled(world, another)

    assert [commit, commit, another] == await world.trained()
    assert MONDAY == (await world.status())["lastHandledRequestAt"]
    await assert_one_story(world)


async def test_each_new_value_is_another_request(world, operator):
    commit = await once_trained(world)
    for moment in (MONDAY, TUESDAY, "again"):
        await world.ask(moment)
        await answered(world, moment)

    assert 4 * [commit] == await world.trained()
    await assert_one_story(world)


@pytest.mark.parametrize("start", ["Earliest", "Latest", "Next"])
async def test_any_old_commit_can_be_trained(world, operator, start):
    old = await world.push(digits=0)
    await world.push(digits=1)
    await world.apply(trigger={"startFrom": start})
    await world.reason("WaitingForData" if start == "Next" else "UpToDate")
    newest = await world.push(digits=2)
    await settled(world, newest)
    before = await world.trained()

    await world.ask(MONDAY, old)
    await answered(world, MONDAY)
    after = await world.push(digits=3)
    await settled(world, after)

    assert [*before, old, after] == await world.trained()
    assert [(MONDAY, old, "Published")] == await requests(world)
    await assert_one_story(world)


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param("0" * 32, id="unknown"),
        pytest.param("master^", id="no-id"),
        pytest.param("x" * 300, id="very-long"),
    ],
)
async def test_a_request_that_cannot_be_is_refused_on_the_record(
    world, operator, asked
):
    commit = await once_trained(world)
    before = await world.condition()
    await world.ask(MONDAY, asked)
    status = await answered(world, MONDAY)
    after = await world.condition()
    (event,) = [e for e in await world.events() if e["reason"] == "CommitSkipped"]

    assert [(MONDAY, asked[:64], "RequestRefused")] == await requests(world)
    assert ("Warning", before) == (event["type"], after)
    for told in (event["message"], status["history"][0]["message"]):
        assert MONDAY in told
        assert asked[:64] in told
        assert "default/inputrepo" in told
    assert [commit] == await world.trained()
    another = await world.push(digits=2)
    await settled(world, another)
    await assert_one_story(world)


async def test_a_request_for_a_broken_commit_is_refused(world, operator):
    commit = await once_trained(world)
    broken = await world.push(error="the upload broke off")
    await settled(world, broken)
    await world.ask(MONDAY, broken)
    await answered(world, MONDAY)

    assert [(MONDAY, broken, "RequestRefused")] == await requests(world)
    assert [commit] == await world.trained()
    await assert_one_story(world)


async def test_a_request_for_a_model_is_refused_though_pachd_knows_its_id(
    world, operator
):
    commit = await once_trained(world)
    (model,) = [each.id for each in await world.commits()]
    await world.ask(MONDAY, model)
    await answered(world, MONDAY)

    assert [(MONDAY, model, "RequestRefused")] == await requests(world)
    assert [commit] == await world.trained()


async def test_a_request_for_nothing_in_particular_needs_some_commit(world, operator):
    await world.apply()
    await world.reason("WaitingForData")
    await world.ask(MONDAY)
    await answered(world, MONDAY, "WaitingForData")
    (told,) = await world.told("CommitSkipped")
    commit = await world.push(digits=1)
    await settled(world, commit)

    assert [(MONDAY, "", "RequestRefused")] == await requests(world)
    assert told.startswith("RequestRefused: The run that was requested at")
    assert [commit] == await world.trained()


async def test_a_request_after_a_broken_head_takes_the_newest_that_is_sound(
    world, operator
):
    commit = await once_trained(world)
    broken = await world.push(error="the upload broke off")
    await settled(world, broken)
    await world.ask(MONDAY)
    await answered(world, MONDAY)

    assert [(MONDAY, commit, "Published")] == await requests(world)


async def test_of_two_requests_in_a_row_both_are_done(world, operator, gate):
    await trained_at_gate(world, gate)

    await world.ask(MONDAY)
    await gate.reached()
    await world.shows("Training", lastHandledRequestAt=MONDAY)
    await world.ask(TUESDAY)
    await look_again(world)
    echoed = (await world.status())["lastHandledRequestAt"]
    gate.open()
    await answered(world, TUESDAY)

    assert MONDAY == echoed
    assert ["", MONDAY, TUESDAY] == [each.request for each in await world.models()]
    await assert_one_story(world)


async def look_again(world):
    """A change of the spec that no run sees, and a status that has seen it."""
    await world.change(attempts={"limit": 4})
    generation = (await world.status())["observedGeneration"]
    await world.shows(observedGeneration=generation + 1)


async def test_a_request_that_fails_is_retried_and_recorded_as_usual(world, operator):
    await world.apply(trigger=EARLIEST, attempts={"limit": 2, "backoffSeconds": 0})
    commit = await world.push(exit=137)
    await world.shows("TrainingFailed", pendingCommits=0, active=[])
    await world.ask(MONDAY)
    status = await answered(world, MONDAY, "TrainingFailed")
    entry = (await world.entries())[-1]

    assert [(MONDAY, commit, "TrainerKilled")] == await requests(world)
    assert (Decision.FAILED, 2) == (entry.decision, entry.attempt)
    assert (commit, "Failed", MONDAY) == tuple(
        status["history"][0][name] for name in ("commit", "decision", "request")
    )
    assert 4 == len(await world.told("AttemptFailed")) == len(await world.jobs())
    assert [] == await world.models()
    await assert_one_story(world)


async def test_applying_it_again_with_the_same_annotation_repeats_nothing(
    world, operator
):
    commit = await once_trained(world)
    await world.ask(MONDAY)
    await answered(world, MONDAY)
    await world.delete()

    await apply_annotated(world, MONDAY)
    await answered(world, MONDAY)
    another = await world.push(digits=2)
    await settled(world, another)

    assert [commit, commit, another] == await world.trained()


async def apply_annotated(world, moment):
    body = {
        "apiVersion": "mnist-operator.dev/v1alpha1",
        "kind": "MnistTraining",
        "metadata": {"name": "mnist", "annotations": {REQUESTED_AT: moment}},
        "spec": {"trigger": EARLIEST},
    }
    await world.kube.call("POST", TRAININGS, body)


async def test_a_request_that_deleting_broke_off_is_taken_up_when_applied_again(
    world, operator, gate
):
    await trained_at_gate(world, gate)
    await world.ask(MONDAY)
    await gate.reached()
    await world.delete()

    await apply_annotated(world, MONDAY)
    await gate.reached()
    gate.open()
    await answered(world, MONDAY)

    assert ["", MONDAY] == [each.request for each in await world.models()]
