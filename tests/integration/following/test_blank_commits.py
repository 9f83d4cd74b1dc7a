"""The empty commits that pachd makes by itself, for branches without a head."""

import pytest

from integration.stories import assert_one_story, decisions, settled
from integration.world import INPUT


@pytest.fixture
async def made(world):
    """Make the branch before anything is pushed, as `pachctl create branch` does."""
    await world.pachyderm.create_branch(INPUT)
    return await world.pachyderm.branch_head_id(INPUT)


@pytest.mark.parametrize("start", ["Latest", "Earliest"])
async def test_a_branch_that_was_made_before_the_first_push_is_followed_from_that(
    world, operator, watch, made, start
):
    await world.apply(trigger={"startFrom": start})
    await world.shows("UpToDate", head=made, pendingCommits=0)
    commit = await world.push(digits=1)
    await settled(world, commit)

    assert [commit] == watch.commits
    assert [(made, "InputBlank"), (commit, "Published")] == await decisions(world)
    await assert_one_story(world)


async def test_whoever_starts_with_the_next_commit_hears_nothing_of_it(
    world, operator, watch, made
):
    await world.apply(trigger={"startFrom": "Next"})
    await world.shows("WaitingForData", head=made)
    commit = await world.push(digits=1)
    await settled(world, commit)

    assert [commit] == watch.commits
    assert [(commit, "Published")] == await decisions(world)


async def test_what_is_left_of_a_branch_whose_only_commit_is_dropped_is_not_trained(
    world, operator, watch, pachctl
):
    await world.apply(output={"provenance": "Metadata"})
    only = await world.push(digits=1)
    await settled(world, only)
    await pachctl.drop(only)
    left = await world.pachyderm.branch_head_id(INPUT)
    await settled(world, left)

    assert (left, "InputBlank") == (await decisions(world))[-1]
    assert [only] == watch.commits
