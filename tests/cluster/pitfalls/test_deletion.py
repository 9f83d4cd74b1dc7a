"""kubectl delete, with the operator there and without it."""

import asyncio
import re
import shlex
import subprocess

import pytest

from cluster.pitfalls.scenes import running
from integration.operators import InProcess
from integration.world import ROOT, until

DOCUMENTED = re.compile(r"^kubectl (patch mt mnist .+finalizers.+)$", re.MULTILINE)


async def test_a_training_in_the_middle_of_a_run_can_be_deleted(world, operator, gate):
    await running(world, gate)

    words = ("delete", "mt", "mnist", "--timeout=60s", "-n", world.namespace)
    told = await asyncio.to_thread(world.plane.kubectl, *words)

    assert '"mnist" deleted' in told
    assert [] == await world.models()


async def test_without_an_operator_a_delete_waits_for_the_documented_patch(world, gate):
    async with InProcess(world):
        commit = await running(world, gate)
    where = ("-n", world.namespace)
    kubectl = world.plane.kubectl
    with pytest.raises(subprocess.CalledProcessError) as waiting:
        kubectl("delete", "mt", "mnist", "--timeout=1s", *where)
    (command,) = DOCUMENTED.findall((ROOT / "docs" / "operations.md").read_text())
    kubectl(*shlex.split(command), *where)
    await until(lambda: world._is_gone("mnist"), "the end of the MnistTraining")
    gate.touch()
    async with InProcess(world):
        await world.apply(trigger={"startFrom": "Earliest"})
        await world.model_of(commit)

    assert "timed out waiting" in waiting.value.stderr
    assert [commit] == await world.trained()
