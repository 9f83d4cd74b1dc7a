"""Trainers that change, and what each run was asked to do."""

from typing import Any

from integration.world import IMAGE, NEXT_IMAGE, OUTPUT, RUNS, World
from mnist_operator.lineage import LINEAGE_FILE, Model
from mnist_operator.tfjob import RUN_LABEL

__all__ = ["NEW", "OLD", "OTHER", "change", "trainers"]


def _trainer(image: str, epochs: int) -> dict[str, Any]:
    return {"image": image, "parameters": {"epochs": epochs}}


OLD = _trainer(IMAGE, 1)
NEW = _trainer(NEXT_IMAGE, 2)
OTHER = _trainer(NEXT_IMAGE, 3)


async def change(
    world: World, generation: int, trainer: dict[str, Any], **spec: Any
) -> None:
    """Change the trainer, and wait until the operator has taken note of it."""
    await world.change(trainer=trainer, **spec)
    await world.shows(observedGeneration=generation)


async def trainers(world: World) -> list[dict[str, Any]]:
    """Who made each model, oldest first."""
    return [await _asked(world, model) for model in await world.models()]


async def _asked(world: World, model: Model) -> dict[str, Any]:
    """The trainer of a run; attempt.json, TFJob and record tell the same."""
    attempt = await world.content(RUNS, model.run, "/attempt.json")
    record = await world.content(OUTPUT.repo, model.commit, LINEAGE_FILE)
    definition = record["predicate"]["buildDefinition"]
    (pod,) = [
        job["spec"]["tfReplicaSpecs"]["Worker"]["template"]["spec"]
        for job in await world.jobs()
        if job["metadata"]["labels"][RUN_LABEL] == model.run
    ]
    trainer = attempt["spec"]["trainer"]
    assert attempt["spec"] == definition["externalParameters"]["spec"]
    assert trainer["image"] == pod["containers"][0]["image"] == model.image
    assert attempt["specSha256"] == model.spec
    return _trainer(trainer["image"], trainer["parameters"]["epochs"])
