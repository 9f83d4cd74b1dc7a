"""All that the operator ever asks Kubernetes for, made to happen in one story."""

import json
from typing import Any

from integration.crash.holds import reached
from integration.world import EARLIEST, RUNS, until
from mnist_operator.runs import LOG_FILE

__all__ = ["live"]

SECRET = "pachyderm"


async def live(world: Any, token: str) -> bytes:
    """Train, fail, let go, hand over, run late, be deleted; the log of the failure."""
    secret = {"metadata": {"name": SECRET}, "stringData": {"token": token}}
    await world.kube.call("POST", world.core("secrets"), secret)
    await world.apply(
        pachyderm={"secretRef": {"name": SECRET}},
        trigger=EARLIEST,
        attempts={"limit": 1},
        successfulRunsHistoryLimit=1,
    )
    await world.model_of(await world.push(digits=1))
    failed = await world.decision(await world.push(exit=1, say="no such digit"))
    await _hand_over(world)
    await until(lambda: _are(world, 2), "the end of the oldest TFJob")
    await _run_late(world)
    await world.delete()
    return await world.pachyderm.read(RUNS, failed.run, LOG_FILE) or b""


async def _hand_over(world: Any) -> None:
    """A run that is to outlive its MnistTraining has no owner any more."""
    gate = world.folder / "gate"
    commit = await world.push(digits=2, wait_for=str(gate))
    await reached(gate)
    await world.change(deletionPolicy="Orphan")

    async def is_free() -> bool:
        jobs = await world.jobs()
        return any(not job["metadata"].get("ownerReferences") for job in jobs)

    await until(is_free, "a TFJob without an owner")
    gate.touch()
    await world.model_of(commit)


async def _are(world: Any, count: int) -> bool:
    return len(await world.jobs()) == count


async def _run_late(world: Any) -> None:
    await world.change(activeDeadlineSeconds=1)
    late = await world.push(wait_for=str(world.folder / "never"))
    entry = await world.decision(late)
    assert entry.reason == "DeadlineExceeded", json.dumps(entry.message)
