"""The operator is exchanged for another release while a run is under way.

Manifests, CRD included, are applied first and the process is exchanged then, as
`kubectl apply -k` and a Deployment with the strategy Recreate do it.
"""

import pytest

from integration.operators import Process
from integration.stories import assert_one_story, decisions
from integration.world import EARLIEST, OUTPUT
from mnist_operator.lineage import LINEAGE_FILE


class Released(Process):
    """The operator of one release, for the namespace of a test."""

    def __init__(self, world, release):
        super().__init__(world)
        self._release = release

    @property
    def environment(self):
        return super().environment | {
            "PYTHONPATH": str(self._release.program),
            "MNIST_OPERATOR_NAMESPACES": self._world.namespace,
        }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("earlier", "present", id="upgrade"),
        pytest.param("present", "earlier", id="rollback"),
    ],
)
async def test_a_run_under_way_is_taken_over_and_nothing_is_lost_or_repeated(
    world, releases, install, gate, before, after
):
    before, after = getattr(releases, before), getattr(releases, after)
    await install(before)
    async with Released(world, before):
        await world.apply(trigger=EARLIEST)
        done = await world.push(digits=0)
        await world.model_of(done)
        under_way = await world.push(wait_for=str(gate))
        await gate.reached()
        held = [ordered(each) for each in await world.jobs()]
        waiting = await world.push(digits=1)
        await install(after)
        in_between = await world.push(digits=2)
        await world.shows(pendingCommits=3)
    late = await world.push(digits=3)
    async with Released(world, after):
        status = await world.shows("Training", pendingCommits=4)
        assert held == [ordered(each) for each in await world.jobs()]
        gate.open()
        await world.shows("UpToDate", lastTrainedCommit=late, pendingCommits=0)

        pushed = [done, under_way, waiting, in_between, late]
        assert [done] == [each["commit"] for each in status["history"]]
        assert [(each, "Published") for each in pushed] == await decisions(world)
        assert len(pushed) == len(await world.jobs())
        await assert_one_story(world)
        await _assert_lineage(world)
    assert "internal error" not in (world.folder / "operator.log").read_text()


def ordered(job):
    """What an operator makes of a TFJob; its controller tells how far that is."""
    meta = job["metadata"]
    kept = {key: meta[key] for key in ("name", "uid", "generation", "labels")}
    return kept | {"owners": meta["ownerReferences"], "spec": job["spec"]}


async def _assert_lineage(world):
    """Each record names the data of its own model, and the run that made it."""
    jobs = {
        each["metadata"]["name"]: each["metadata"]["uid"] for each in await world.jobs()
    }
    for model in await world.models():
        record = await world.content(OUTPUT.repo, model.commit, LINEAGE_FILE)
        build, run = (
            record["predicate"][part] for part in ("buildDefinition", "runDetails")
        )
        data = next(
            each for each in build["resolvedDependencies"] if each["name"] == "input"
        )
        pod = next(each for each in run["byproducts"] if each["name"] == "pod")

        assert model.input_commit == data["annotations"]["commit"]
        assert jobs[model.tfjob] == pod["annotations"]["tfjobUid"]


async def test_an_operator_older_than_its_crd_names_the_field_and_loses_nothing(
    world, operator, plane, newer_definition, gate
):
    await world.apply()
    commit = await world.push(wait_for=str(gate))
    await gate.reached()
    with newer_definition("future", {"type": "string", "default": "unknown here"}):
        ready = await world.reason("InvalidSpec")
        gate.open()
    model = await world.model_of(commit)
    await world.shows("UpToDate", lastTrainedCommit=commit)

    assert "spec.future" in ready["message"]
    assert "unknown here" in ready["message"]
    assert 1 == model.attempt
    assert 1 == len(await world.jobs())
