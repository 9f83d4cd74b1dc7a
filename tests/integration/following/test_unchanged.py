"""Content that is pushed again: trained only where that could make another model."""

import pytest

from integration.operators import InProcess
from integration.stories import assert_one_story, decisions, settled
from integration.world import DATA_PATH, EARLIEST, INPUT, NEXT_IMAGE, RUNS, until
from mnist_operator.commits import Branch
from mnist_operator.pachyderm import PutFile
from mnist_operator.runs import read_attempt


async def once_trained(world, **spec):
    """A training with the model of one commit."""
    await world.apply(**({"trigger": EARLIEST} | spec))
    commit = await world.push(digits=1)
    await settled(world, commit)
    return commit


async def test_the_same_content_is_not_trained_again_and_this_is_told(world, operator):
    first = await once_trained(world)
    model = await world.model_of(first)
    again = await world.push(digits=1)
    await settled(world, again)
    entry = await world.decision(again)
    ready = await world.condition()

    assert [first] == await world.trained()
    assert 1 == len(await world.jobs())
    assert "ContentUnchanged" == entry.reason
    assert entry.message == (
        f"Its files are those of input commit {first}, which made model {model.commit}."
    )
    assert ("True", True) == (ready["status"], "ContentUnchanged" in ready["message"])
    await assert_one_story(world)


async def test_any_other_file_is_other_content(world, operator):
    first = await once_trained(world)
    second = await world.put({"/README.md": "one"})
    await settled(world, second)

    assert [first, second] == await world.trained()


@pytest.mark.parametrize(
    "trainer",
    [
        pytest.param({"parameters": {"epochs": 2}}, id="parameters"),
        pytest.param({"image": NEXT_IMAGE}, id="image"),
        pytest.param({"args": ["--verbose"]}, id="arguments"),
    ],
)
async def test_the_same_content_is_trained_again_by_another_trainer(
    world, operator, trainer
):
    first = await once_trained(world)
    await world.change(trainer=trainer)
    again = await world.push(digits=1)
    await settled(world, again)
    third = await world.push(digits=1)
    await settled(world, third)

    assert [first, again] == await world.trained()
    assert (third, "ContentUnchanged") == (await decisions(world))[-1]
    await assert_one_story(world)


async def test_a_change_of_the_spec_that_no_run_sees_trains_nothing(world, operator):
    first = await once_trained(world)
    await world.change(activeDeadlineSeconds=1800, attempts={"limit": 5})
    again = await world.push(digits=1)
    await settled(world, again)

    assert [first] == await world.trained()


async def test_unchanged_content_is_trained_where_the_spec_says_so(world, operator):
    first = await once_trained(world, trigger=EARLIEST | {"unchanged": "Train"})
    again = await world.push(digits=1)
    await settled(world, again)

    assert [first, again] == await world.trained()
    await assert_one_story(world)


async def test_content_that_failed_is_tried_when_it_is_pushed_again(
    world, operator, gate
):
    await world.apply(trigger=EARLIEST)
    failed = await world.push(exit=1, unless=str(gate))
    await settled(world, failed, "TrainingFailed")
    gate.open()
    again = await world.push(exit=1, unless=str(gate))
    await settled(world, again)

    assert [again] == await world.trained()
    await assert_one_story(world)


async def test_content_that_failed_after_a_model_is_tried_when_it_is_pushed_again(
    world, operator
):
    first = await once_trained(world)
    tries = []
    for _ in range(2):
        tries.append(await world.push(exit=1))
        await settled(world, tries[-1], "TrainingFailed")
    back = await world.push(digits=1)
    await settled(world, back)

    assert [
        (first, "Published"),
        *((each, "TrainerFailed") for each in tries),
        (back, "ContentUnchanged"),
    ] == await decisions(world)
    await assert_one_story(world)


async def test_content_from_before_the_newest_model_is_trained_again(world, operator):
    first = await once_trained(world)
    second = await world.push(digits=2)
    await settled(world, second)
    back = await world.push(digits=1)
    await settled(world, back)

    assert [first, second, back] == await world.trained()
    await assert_one_story(world)


async def test_content_is_compared_with_the_run_that_is_under_way(
    world, operator, gate
):
    await world.apply(trigger=EARLIEST)
    data = {"wait_for": str(gate)}
    first = await world.push(**data)
    await gate.reached()
    same = [await world.push(**data) for _ in range(2)]
    await world.shows(pendingCommits=3)
    gate.open()
    await settled(world, same[-1])

    assert [
        (first, "Published"),
        *((each, "ContentUnchanged") for each in same),
    ] == await decisions(world)
    await assert_one_story(world)


async def test_content_whose_run_fails_is_tried_with_the_next_commit_that_has_it(
    world, operator, gate, tmp_path
):
    await world.apply(trigger=EARLIEST)
    data = {"wait_for": str(gate), "exit": 1, "unless": str(tmp_path / "repaired")}
    first = await world.push(**data)
    await gate.reached()
    same = await world.push(**data)
    await world.shows(pendingCommits=2)
    gate.open()
    await settled(world, same, "TrainingFailed")

    assert [(first, "TrainerFailed"), (same, "TrainerFailed")] == await decisions(world)
    await assert_one_story(world)


async def test_the_newest_of_a_burst_with_the_models_content_trains_nothing(
    world, operator, gate
):
    await world.apply(trigger=EARLIEST | {"mode": "LatestOnly"})
    data = {"wait_for": str(gate)}
    first = await world.push(**data)
    await gate.reached()
    other, back = await world.push(digits=2), await world.push(**data)
    await world.shows(pendingCommits=3)
    gate.open()
    await settled(world, back)

    assert [
        (first, "Published"),
        (other, "Superseded"),
        (back, "ContentUnchanged"),
    ] == await decisions(world)
    await assert_one_story(world)


async def test_content_is_known_again_after_a_restart_and_a_new_training(world):
    async with InProcess(world):
        first = await once_trained(world)
    missed = await world.push(digits=1)
    async with InProcess(world):
        await settled(world, missed)
        await world.delete()
    last = await world.push(digits=1)
    async with InProcess(world):
        await world.apply(trigger=EARLIEST)
        await settled(world, last)

    assert [first] == await world.trained()
    assert ["Published", "ContentUnchanged", "ContentUnchanged"] == [
        reason for _, reason in await decisions(world)
    ]


async def test_what_cannot_be_compared_any_more_is_trained_again(world, pachctl):
    async with InProcess(world):
        plain = {"provenance": "Metadata"}  # Else pachd would refuse to drop it.
        first = await once_trained(world, output=plain)
    await pachctl.drop(first)
    again = await world.push(digits=1)

    async with InProcess(world):
        await settled(world, again)
        await assert_one_story(world)

    assert [first, again] == await world.trained()


async def test_it_is_begun_once_while_pachd_takes_long_to_finish_it(world, operator):
    """Though its content is known early: another one waits to be compared with it."""
    both = {"concurrencyPolicy": "Allow", "maxParallel": 2}
    first = await once_trained(world, **both)
    world.cluster.pachd.hold_finishing(INPUT.repo.name)
    same = await push_slowly(world, first, DATA_PATH)
    more = await push_slowly(world, first, "/more.txt")
    await until(lambda: attempts_for(world, more), "an attempt for the second one")
    await world.shows("WaitingForCommit")
    world.cluster.pachd.hold_finishing(None)
    await settled(world, more)

    assert [first, more] == await world.trained()
    assert "ContentUnchanged" == (await world.decision(same)).reason
    assert ["Unchanged"] == await attempts_for(world, same)


async def push_slowly(world, first, path):
    """The first commit's data once more, at some path; pachd has still to finish it."""
    client, repo = world.pachyderm, INPUT.repo
    content = await client.read(repo, first, DATA_PATH)
    commit = await client.start_commit(INPUT, description="")
    await client.modify(repo, commit, [PutFile(path, content)])
    await client.finish_commit(repo, commit)
    return commit


async def attempts_for(world, commit):
    """What became of each."""
    slots = (Branch(RUNS, f"team_mnist_{slot}") for slot in range(2))
    staged = [each for slot in slots for each in await world.commits(slot)]
    found = [each for each in map(read_attempt, staged) if each is not None]
    ends = [each.outcome for each in found if each.commit == commit]
    return [end.reason if end else "" for end in ends]
