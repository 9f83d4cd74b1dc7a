"""What the pages do with kubectl to a MnistTraining, done to one that trains.

The blocks are run as they stand, one after the other, in a namespace with one training;
a commit that a page made up is a true one here.
"""

import asyncio
import re
import sys
from datetime import UTC, datetime, timedelta

import pytest

from documents.blocks import ROOT
from documents.registry import blocks_of
from documents.terminal import Terminal, write_program
from integration.world import until
from mnist_operator.resource import REQUESTED_AT

TEST = "cluster/pages/test_kubectl.py::test_each_block_does_what_its_page_says"
COMMIT = re.compile(r"\b[0-9a-f]{32}\b")


@pytest.fixture(name="terminal")
async def _terminal(world, plane, checkout, programs, tmp_path):
    """kubectl, whose context names the namespace, and mnistctl."""
    python = (sys.executable, "-m", "mnist_operator.cli")
    write_program(programs, "mnistctl", *python, PYTHONPATH=str(ROOT / "operator"))
    config = tmp_path / "config"
    plane.write_kubeconfig(config, plane.token, namespace=world.namespace)
    where = {"KUBECONFIG": str(config), "PACHD_ADDRESS": world.cluster.pachd_address}
    async with Terminal(checkout, programs, **where) as terminal:
        yield terminal


@pytest.fixture(name="say")
def _say(world, terminal):
    """Type a block, with a true commit and with the namespace that there is."""

    async def say(block, commit=""):
        text = COMMIT.sub(commit, block.text) if commit else block.text
        text = re.sub(r"\bteam\b", world.namespace, text)
        return await terminal.run(text)

    return say


async def test_each_block_does_what_its_page_says(world, operator, say):
    release, ask, finalizer, *pages, why = blocks_of(TEST)
    look, ready, trained, again, old, forget, hold, change, go_on, anew = pages
    await world.apply()
    await world.reason("WaitingForData")
    first = await world.push(digits=1)
    await models(world, [first])
    await world.shows("UpToDate", lastTrainedCommit=first)
    await _looked_at(world, say, first, look, ready, trained, why)
    second = await world.push(digits=2)
    await models(world, [first, second])
    await say(again)
    await models(world, [first, second, second])
    await _another_second(world)
    await say(old, first)
    await models(world, [first, second, second, first])
    await world.shows("UpToDate", pendingCommits=0, active=[])
    assert "annotated" in await say(forget)
    assert 2 == (await say(hold)).count("patched")
    await say(change)
    await models(world, [first, second, second, first, second])
    await world.shows("UpToDate", pendingCommits=0, active=[])
    for block in (go_on, ask):
        assert "annotated" in await say(block)
    assert 2 == (await say(release, second)).count("annotated")
    assert re.search(r'"mnist" deleted(.|\n)*mnist created', await say(anew))
    assert "patched" in await say(finalizer)


async def _another_second(world):
    """The page asks by the time in seconds, and the same value is the same request."""
    training = await world.kube.call("GET", f"{world.trainings}/mnist")
    asked = training["metadata"]["annotations"][REQUESTED_AT]
    while datetime.now(UTC) < datetime.fromisoformat(asked) + timedelta(seconds=1):
        await asyncio.sleep(0.05)


async def _looked_at(world, say, commit, look, ready, trained, why):
    """Asking changes nothing, and tells of the one model."""
    [model] = await world.models()
    seen, told = await say(look), await say(why)

    assert f"{commit} Published" in seen
    assert "mnist condition met" in await say(ready)
    assert "mnist condition met" in await say(trained, commit)
    assert f"made model {model.commit}, accuracy 0.9900" in told


async def models(world, commits):
    """Wait until there are models of these input commits, in this order."""

    async def look():
        return commits == await world.trained()

    await until(look, f"models of {commits}")
