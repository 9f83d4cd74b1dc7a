"""Somebody edits one training again and again, rightly and wrongly, while it works."""

from random import Random

import pytest

from integration.world import EARLIEST, until
from local_cluster.kube.client import ClientError
from simulation.walks.admission import admit, stored
from simulation.walks.edits import edits, merge
from simulation.walks.mistakes import is_named, mistakes

_EDITS = 18
_FIELDS = (
    "spec.trigger.mode",
    "spec.trigger.unchanged",
    "spec.trigger.minCommits",
    "spec.trigger.debounceSeconds",
    "spec.trigger.paths",
    "spec.concurrencyPolicy",
    "spec.maxParallel",
    "spec.suspend",
    "spec.attempts",
    "spec.stopAfterFailures",
    "spec.onSpecChange",
    "spec.successfulRuns",
    "spec.failedRuns",
    "spec.deletionPolicy",
    "spec.output.provenance",
    "spec.trainer.warmStart",
    "spec.trainer.parameters",
    "spec.trainer.job.labels",
)
"""What decides; without what only takes hours, or starts no pod on this machine."""
_LAST = {"trigger": EARLIEST, "attempts": {"limit": 3, "backoffSeconds": 0}}


def choose(seed):
    """Edits in the order in which they are tried; every third one is wrong."""
    draw = Random(seed)  # noqa: S311 (the same for each seed)
    able = [e for e in edits() if not e.fresh and e.field.startswith(_FIELDS)]
    wrong = [e for e in mistakes() if e.field.startswith(_FIELDS)]
    pools = (able, able, wrong)
    return [draw.choice(pools[number % 3]) for number in range(_EDITS)], draw


async def patch(world, change):
    """Edit it as `kubectl patch` does; what is said against it."""
    path = f"{world.trainings}/mnist?fieldValidation=Strict"
    try:
        await world.kube.call("PATCH", path, {"spec": change})
    except ClientError as error:
        return [str(error)]
    return []


async def settles(world):
    """Wait until the status is of the present spec, and nothing is under way."""

    async def look():
        found = await world.kube.call("GET", f"{world.trainings}/mnist")
        status = found.get("status", {})
        flags = {c["type"]: c["status"] for c in status.get("conditions", ())}
        present = status.get("observedGeneration") == found["metadata"]["generation"]
        at_rest = flags.get("Reconciling") == "False" and not status["pendingCommits"]
        seen[:] = [status]
        return status if present and at_rest else None

    seen = []
    try:
        return await until(look, seconds=240.0)
    except AssertionError:
        raise AssertionError(f"it does not settle: {seen}") from None


@pytest.mark.parametrize("seed", [2])
async def test_edits_at_any_time_end_where_the_last_spec_leads(world, log, seed):
    await world.apply(**_LAST)
    chosen, draw = choose(seed)
    spec, pushed = stored(_LAST), [await world.push(digits=0)]
    for number, edit in enumerate(chosen, 1):
        if draw.random() < 0.5:
            pushed.append(await world.push(digits=number))
        expected = admit(merge(spec, edit.patch), spec)
        told = await patch(world, edit.patch)

        assert bool(expected) == bool(told), (str(edit), expected, told)
        if told and edit in mistakes():
            assert is_named(edit.field, told), (str(edit), told)
        spec = spec if told else stored(merge(spec, edit.patch))
    body = await world.kube.call("GET", f"{world.trainings}/mnist")
    stored_at_last = body["spec"]
    await world.kube.call("PUT", f"{world.trainings}/mnist", body | {"spec": _LAST})
    last = await world.push(digits=99)
    status = await settles(world)
    decided = [each for each in await world.entries() if not each.request]

    assert spec == stored_at_last
    assert [*pushed, last] == [each.commit for each in decided]
    assert "Published" == status["history"][0]["decision"]
    assert "Traceback" not in log.read_text()
    assert "internal error" not in log.read_text()
