"""kill -9 of the operator between an attempt's opening and its TFJob, with warmStart.

Meanwhile a user moves the output branch: a choice that was made anew would be another.
"""

import pytest

from integration.crash.deaths import die_while
from integration.crash.forked import ForkedProcess
from integration.crash.holds import EITHER, cases
from integration.world import EARLIEST, OUTPUT, environment
from mnist_operator.lineage import LINEAGE_FILE


@pytest.mark.parametrize(
    ("fate", "words"), cases(("it creates the TFJob", EITHER, ("POST", "/tfjobs")))
)
async def test_the_run_begins_from_the_model_that_was_chosen_at_its_opening(
    world, fate, words
):
    await world.apply(trigger=EARLIEST, trainer={"warmStart": True})
    older, newer = await two_models(world)
    commit = await world.push(digits=3)
    await die_while(world, fate, *words)
    await world.pachyderm.create_branch(OUTPUT, older)
    async with ForkedProcess(world):
        model = await world.model_of(commit)

    [*_, job] = await world.jobs()
    record = await world.content(OUTPUT.repo, model.commit, LINEAGE_FILE)
    definition = record["predicate"]["buildDefinition"]
    told = environment(job)
    assert 3 == len(await world.jobs())
    assert f"{newer}.master.outputrepo" == told["WARM_START_BUCKET"]["value"]
    assert {"offered": newer, "from": newer} == (
        definition["internalParameters"]["warmStart"]
    )
    assert older == (await world.commits())[-2].id


async def two_models(world):
    """A training at rest, with two models; returns their commits."""
    models = []
    async with ForkedProcess(world):
        for digits in (1, 2):
            commit = await world.push(digits=digits)
            models.append((await world.model_of(commit)).commit)
        await world.shows("UpToDate", active=[], pendingCommits=0)
    return models
