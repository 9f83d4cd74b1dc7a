"""How the stories of these tests end: what is recorded, and that it goes on."""

from typing import Any

from cluster.tfjobs.hands import Hands
from cluster.tfjobs.pods import Pod
from cluster.worlds import RealWorld
from integration.stories import assert_one_story, decisions, settled
from integration.world import RUNS, until
from mnist_operator.tfjob import ATTEMPT_LABEL, COMMIT_LABEL

__all__ = ["AT_ONCE", "goes_on", "is_gone", "is_tried_again", "names"]

AT_ONCE = {"attempts": {"backoffSeconds": 0}}


async def names(world: RealWorld) -> dict[tuple[str, int], str]:
    """The TFJobs that are there, by commit and attempt."""
    labels = [job["metadata"] for job in await world.jobs()]
    return {
        (each["labels"][COMMIT_LABEL], int(each["labels"][ATTEMPT_LABEL])): each["name"]
        for each in labels
    }


async def is_tried_again(
    world: RealWorld, hands: Hands, commit: str, first: Pod
) -> dict[str, Any]:
    """Train the second attempt; what is written down about the first."""
    second = await hands.train(commit, 2)
    await settled(world, commit)

    (model,) = await world.models()
    assert (commit, 2, second.job) == (model.input_commit, model.attempt, model.tfjob)
    assert first.job != second.job
    assert [(commit, "Published")] == await decisions(world)
    assert 1 == len(await world.told("AttemptFailed"))
    run = await world.pachyderm.commit(RUNS, model.run)
    kept = await world.content(RUNS, run.parent, "/record.json")
    assert ("Failed", True, first.job) == (
        kept["verdict"],
        kept["retryable"],
        kept["tfjob"],
    )
    return dict(kept)


async def goes_on(
    world: RealWorld, hands: Hands, *, with_jobs: bool = True
) -> dict[tuple[str, int], str]:
    """The next commit is trained, and all tell the same; the TFJobs that are left."""
    before = await world.trained()
    commit = await world.push(digits=99)
    await hands.train(commit)
    await settled(world, commit)

    assert [*before, commit] == await world.trained()
    await assert_one_story(world, with_jobs=with_jobs)
    return await names(world)


async def is_gone(world: RealWorld, job: str) -> None:
    """Wait until there is no such TFJob."""

    async def look() -> bool:
        return job not in (await names(world)).values()

    await until(look, f"the end of {job}")
