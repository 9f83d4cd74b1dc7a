"""What may become of the input: late, moved, broken, left open, squashed, missed."""

import grpc.aio
import pytest

from integration.operators import InProcess
from integration.world import EARLIEST, INPUT, OUTPUT, until
from mnist_operator.commits import Branch, CommitState, Repo
from mnist_operator.decisions import Decision

PLAIN = {"output": {"provenance": "Metadata"}}
SIDE = Branch(INPUT.repo, "side")


async def held_up(world, gate, **spec):
    """A training that is busy with its first commit until the gate opens."""
    await world.apply(**spec)
    commit = await world.push(digits=1, wait_for=str(gate))
    await gate.reached()
    return commit


async def test_a_repo_may_come_later(world, operator):
    later = Branch(Repo("default", "later"), "master")
    await world.apply(input={"repo": "later"})
    await world.reason("WaitingForData")

    await world.create_repo(later)
    commit = await world.push(later, digits=1)

    assert commit == (await world.model_of(commit)).input_commit


async def test_a_branch_may_come_later(world, operator):
    other = await world.push(digits=1)
    await world.apply(input={"branch": "later"})
    await world.reason("WaitingForData")

    commit = await world.push(Branch(INPUT.repo, "later"), digits=2)
    await world.model_of(commit)

    assert other not in await world.trained()


async def test_a_branch_moved_back_asks_for_the_older_commit(world, operator):
    older, newer = await world.push(digits=1), await world.push(digits=2)
    await world.apply()
    await world.model_of(newer)

    await world.pachyderm.create_branch(INPUT, older)
    await world.model_of(older)
    again = await world.push(digits=3)
    await world.model_of(again)

    assert [newer, older, again] == await world.trained()


async def test_a_branch_moved_back_to_what_is_trained_repeats_nothing(world, operator):
    await world.apply(trigger=EARLIEST)
    older, newer = await world.push(digits=1), await world.push(digits=2)
    await world.model_of(newer)

    await world.pachyderm.create_branch(INPUT, older)

    async def seen():
        return (await world.status()).get("head") == older

    await until(seen, "the moved head")
    after = await world.push(digits=3)
    await world.model_of(after)

    assert [older, newer, after] == await world.trained()


async def test_a_branch_moved_onto_another_line_is_followed_there(world, operator):
    await world.apply()
    first = await world.push(digits=1)
    await world.model_of(first)
    other = await world.push(SIDE, digits=2)

    await world.pachyderm.create_branch(INPUT, other)
    await world.model_of(other)
    following = await world.push(digits=3)
    await world.model_of(following)

    assert [first, other, following] == await world.trained()


async def test_a_commit_with_an_error_is_skipped_on_the_record(world, operator):
    await world.apply(trigger=EARLIEST)
    broken = await world.push(error="the upload broke off")
    sound = await world.push(digits=2)

    await world.model_of(sound)
    entry = await world.decision(broken)
    await world.reason("UpToDate")
    told = [event["reason"] for event in await world.events()]

    assert (Decision.SKIPPED, "InputErrored") == (entry.decision, entry.reason)
    assert "the upload broke off" in entry.message
    assert 1 == told.count("CommitSkipped")
    assert [sound] == await world.trained()


async def test_an_open_commit_is_waited_for_and_trained_when_it_is_finished(
    world, operator
):
    await world.apply()
    commit = await world.open_commit(digits=1)
    ready = await world.reason("WaitingForCommit")
    status = await world.status()

    await world.pachyderm.finish_commit(INPUT.repo, commit)
    await world.model_of(commit)

    assert commit in ready["message"]
    assert [{"commit": commit, "state": "Open"}] == status["queue"]
    assert [commit] == await world.trained()


async def test_an_open_commit_that_is_dropped_is_skipped_on_the_record(
    world, operator, pachctl
):
    await world.apply()
    first = await world.push(digits=1)
    await world.model_of(first)
    commit = await world.open_commit(digits=2)
    await world.reason("WaitingForCommit")

    await pachctl.drop(commit)
    await world.reason("UpToDate")
    third = await world.push(digits=3)
    await world.model_of(third)

    assert [first, third] == await world.trained()


async def test_a_waiting_commit_that_is_squashed_is_skipped_on_the_record(
    world, operator, pachctl, gate
):
    first = await held_up(world, gate)
    squashed, last = await world.push(digits=2), await world.push(digits=3)

    async def queued():
        return (await world.status())["pendingCommits"] == 3

    await until(queued, "three commits in the queue")
    await pachctl.squash(squashed)
    gate.open()
    await world.model_of(last)
    entry = await world.decision(squashed)

    assert (Decision.SKIPPED, "InputGone") == (entry.decision, entry.reason)
    assert [first, last] == await world.trained()


async def test_the_data_of_a_run_may_be_squashed_under_it(
    world, operator, pachctl, gate
):
    first = await held_up(world, gate, **PLAIN)
    second = await world.push(digits=2)

    await pachctl.squash(first)
    gate.open()
    await world.model_of(second)

    assert [first, second] == await world.trained()


async def test_without_its_data_a_model_is_not_published_where_pachd_is_to_know_it(
    world, operator, pachctl, gate
):
    first = await held_up(world, gate)
    second = await world.push(digits=2)

    await pachctl.squash(first)
    gate.open()
    await world.model_of(second)
    entry = await world.decision(first)

    assert [second] == await world.trained()
    assert (Decision.FAILED, "InputGone") == (entry.decision, entry.reason)
    assert first in entry.message


async def test_the_data_of_a_model_can_no_longer_be_taken_away(
    world, operator, pachctl
):
    await world.apply(trigger=EARLIEST)
    first, second = await world.push(digits=1), await world.push(digits=2)
    await world.model_of(second)

    for take in (pachctl.squash, pachctl.drop):
        with pytest.raises(grpc.aio.AioRpcError, match="subvenant commit sets"):
            await take(first)


async def test_the_last_trained_commit_may_be_squashed_while_nobody_looks(
    world, pachctl
):
    async with InProcess(world):
        await world.apply(trigger=EARLIEST, **PLAIN)
        first, second = await world.push(digits=1), await world.push(digits=2)
        await world.model_of(second)
        await world.reason("UpToDate")
    third = await world.push(digits=3)
    await pachctl.squash(second)

    async with InProcess(world):
        await world.model_of(third)
        await world.reason("UpToDate")

    assert [first, second, third] == await world.trained()


async def test_deleting_another_branch_of_the_repo_stops_nothing(
    world, operator, pachctl
):
    await world.apply()
    await world.push(SIDE, digits=1)
    first = await world.push(digits=2)
    await world.model_of(first)

    await pachctl.delete_branch(SIDE)
    second = await world.push(digits=3)
    await world.model_of(second)

    assert [first, second] == await world.trained()


@pytest.mark.parametrize(
    ("start", "taken"),
    [
        pytest.param("Earliest", [0, 1, 2, 3], id="the-whole-history"),
        pytest.param("Latest", [2, 3], id="the-head-and-what-follows"),
        pytest.param("Next", [3], id="only-what-follows"),
        pytest.param(1, [1, 2, 3], id="a-commit-and-what-follows"),
    ],
)
async def test_training_starts_where_the_spec_says(world, operator, start, taken):
    pushed = [await world.push(digits=digits) for digits in range(3)]
    asked = start if isinstance(start, str) else pushed[start]
    await world.apply(trigger={"startFrom": asked})

    async def started():
        return (await world.ledger()).start

    await until(started, "a starting point")
    pushed.append(await world.push(digits=3))
    await world.model_of(pushed[3])

    assert [pushed[place] for place in taken] == await world.trained()


async def test_a_start_that_is_no_commit_is_stalled_until_the_spec_is_repaired(
    world, operator
):
    commit = await world.push(digits=1)
    await world.apply(trigger={"startFrom": "0" * 32})
    ready = await world.reason("InvalidSpec")
    stalled = await world.condition("Stalled")

    await world.change(trigger=EARLIEST)
    await world.model_of(commit)
    await world.reason("UpToDate")

    assert "True" == stalled["status"]
    assert "spec.trigger.startFrom" in ready["message"]
    assert "False" == (await world.condition("Stalled"))["status"]


async def test_what_is_pushed_while_the_operator_is_down_is_trained_in_order(world):
    async with InProcess(world):
        await world.apply()
        first = await world.push(digits=0)
        await world.model_of(first)
    missed = [await world.push(digits=digits) for digits in range(1, 5)]

    async with InProcess(world):
        await world.model_of(missed[-1])

    assert [first, *missed] == await world.trained()
    assert len(missed) + 1 == len(await world.commits(OUTPUT))


async def test_dropping_the_only_model_makes_way_for_the_next(world, operator, pachctl):
    await world.apply()
    model = await world.model_of(await world.push(digits=1))
    await pachctl.drop(model.commit)

    following = await world.model_of(await world.push(digits=2))
    await world.reason("UpToDate")
    shown = await world.pachyderm.head(OUTPUT)

    assert (following.commit, CommitState.FINISHED) == (shown.id, shown.state)
