"""Pushes of real archives, and what a data gate makes of them."""

from integration.stories import settled
from integration.world import DATA_PATH, INPUT, OUTPUT
from mnist_operator.evidence import LINEAGE_FILE
from mnist_operator.pachyderm import DeletePath, PutFile
from mnist_operator.tfjob import COMMIT_LABEL
from unit.data_archives import dataset

GATE = {"maxRelabelled": "0.1", "maxDropped": "0.2"}


async def push(world, labels, *, more=0, content=None):
    """One finished commit: an image for each label, and some more at the end."""
    samples = [*enumerate(labels), *((1000 + n, 0) for n in range(more))]
    archive = content or dataset(samples).getvalue()
    commit = await world.pachyderm.start_commit(INPUT, description="")
    changes = [DeletePath(DATA_PATH), PutFile(DATA_PATH, archive)]
    await world.pachyderm.modify(INPUT.repo, commit, changes)
    await world.pachyderm.finish_commit(INPUT.repo, commit)
    await world.pachyderm.commit(INPUT.repo, commit, wait_finished=True)
    return commit


async def annotate(world, name, *commits):
    """Name commits in an annotation of the training."""
    patch = {"metadata": {"annotations": {name: ",".join(commits)}}}
    await world.kube.call("PATCH", f"{world.trainings}/mnist", patch)


async def begin(world, **gate):
    """A training with a model of ten images."""
    await world.apply(dataGate=GATE | gate)
    first = await push(world, [0] * 10)
    await settled(world, first)
    return first


async def held(world, commit):
    """Wait until it is held, and the conditions say so; return the status."""
    return await world.shows("DataGateHeld", head=commit, active=[])


async def gate_in_record(world, commit):
    """What the record of a commit's model says of the gate."""
    model = await world.model_of(commit)
    record = await world.content(OUTPUT.repo, model.commit, LINEAGE_FILE)
    found = record["predicate"]["runDetails"]["byproducts"]
    return {each["name"]: each.get("annotations") for each in found}["dataGate"]


async def lines(world):
    """The ledger, line by line: commit and decision."""
    return [(each.commit, each.decision.value) for each in await world.entries()]


async def jobs_of(world, commit):
    """How many TFJobs there are for an input commit."""
    found = [each["metadata"]["labels"] for each in await world.jobs()]
    return sum(commit == labels[COMMIT_LABEL] for labels in found)
