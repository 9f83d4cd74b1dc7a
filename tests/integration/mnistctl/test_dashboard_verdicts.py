"""Whether a record holds, as the page of its run tells it: beside it, and later."""

import re

import pytest

from integration.dashboard_site import open_page, read, served
from integration.pushes import until
from mnist_operator.pachyderm import PutFile

KEY = "/trainings/default/mnist"


@pytest.fixture(name="world")
async def _world(tmp_path):
    async with served(tmp_path) as world:
        yield world


@pytest.fixture(name="page")
async def _page(world):
    pachd, cluster, _ = world
    async with open_page(pachd, cluster) as client:
        yield client


async def _verdict(page, run):
    """What the page says of a record, once it knows; in the words of its reader."""

    async def known():
        text = await read(page, f"{KEY}/runs/{run}")
        part = text.partition('id="verdict"')[2].partition("</section>")[0]
        return (
            " ".join(re.sub(r"<[^>]+>", " ", part).split()) if "Checked" in part else ""
        )

    return await until(known, "the verdict")


async def test_a_record_that_holds_is_told_with_every_check(page, world):
    *_, story = world

    told = await _verdict(page, story.entries["third"].run)

    assert "✓ Holds Checked" in told
    assert "each has its digest" in told
    assert f"default/inputrepo@{story.entries['third'].commit}, finished" in told
    assert "it is not signed" in told


async def test_an_input_commit_that_was_dropped_is_found_after_a_while(page, world):
    *_, story = world
    await story.go_on()
    newest = story.entries["fourth"]
    await story.client.drop_commit(story.input.repo, newest.commit)

    told = await _verdict(page, newest.run)

    assert "✕ Does not hold" in told
    assert "is not there: it was squashed or dropped" in told
    assert "retrain on a commit that is there" in told
    assert "It cannot be made again with certainty" in told


async def test_a_strangers_commit_above_the_newest_model_is_found(page, world):
    *_, story = world
    stranger = await story.write(story.output, "mine", PutFile("/theirs", b"1"))

    newest = await _verdict(page, story.entries["third"].run)
    older = await _verdict(page, story.entries["second"].run)

    assert f"newer commits that mnist-operator did not write: {stranger}" in newest
    assert "✕ Does not hold" in newest
    assert "✓ Holds" in older
