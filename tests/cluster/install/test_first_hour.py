"""The first hour of the page, from installing to taking away, with what it prints.

Nothing is left behind but the models. The trainer that refuses a wrong parameter is the
real one; the one that learns is tiny.
"""

import json
import re
import shlex

import pytest
import yaml

from cluster.install.reader import TRAININGS, is_as_before, is_served
from cluster.rig.tfjob_controller import TFJobController, read_tfjob_crd
from cluster.worlds import RealWorld
from documents.blocks import masked, read_blocks, transcript
from documents.registry import blocks_of
from integration.operators import InProcess
from integration.world import IMAGE, IMAGES, REAL_IMAGE
from local_cluster.node import Image

TEST = "cluster/install/test_first_hour.py::test_it_goes_as_the_page_says"
TEAM = "team-a"
WHERE = re.compile(r" from [\w-]+ namespace$", re.MULTILINE)
"""Newer versions of kubectl say it."""
OTHER_EACH_TIME = re.compile(r"\b((\d+[hms])+|0\.99\d\d)$|\b0\.99\d\d\b")
"""Ages and accuracies."""


def _trainer():
    """The real one where it is to refuse a parameter, and else the tiny one."""
    real = IMAGES[REAL_IMAGE]
    refusing, learning = (shlex.join(IMAGES[e].entrypoint) for e in (REAL_IMAGE, IMAGE))
    which = f'case "$TRAINER_PARAMETERS" in *learningRate*) exec {refusing} "$@";; esac'
    return Image(("sh", "-c", f"{which}; exec {learning}", "sh"), real.env)


@pytest.fixture(name="world")
async def _world(newcomer, terminal, tmp_path):
    """What the page installs, and a team; pachd, a node and Kubeflow's controller."""
    newcomer.plane.install(read_tfjob_crd())
    newcomer.kubectl("create", "namespace", TEAM)
    enforced = "pod-security.kubernetes.io/enforce=restricted"
    newcomer.kubectl("label", "namespace", TEAM, enforced)
    with TFJobController(newcomer.plane, tmp_path / "tfjobs"):
        # The node comes with the world, and says so.
        before = {*newcomer.everything(), "Node /local"}
        [(install, printed)] = transcript(blocks_of(TEST)[0])
        assert printed.strip() == await terminal.run(install)
        await is_served(newcomer)
        account = newcomer.plane.account_token("mnist-operator", "mnist-operator")
        async with RealWorld(tmp_path, newcomer.plane, TEAM, account) as world:
            world.cluster.node.images = {**IMAGES, IMAGE: _trainer()}
            world.before = before
            await world.create_repo()
            yield world


async def test_it_goes_as_the_page_says(newcomer, world, terminal, checkout):
    _, refused, looked, mended, uninstall = map(transcript, blocks_of(TEST))
    [(trainings, let_go), (rest, deleted)] = uninstall
    async with InProcess(world):
        commit = await _fail(world, terminal, checkout, refused)
        await _same(terminal, looked[:1])
        await _tells(terminal, looked[1])
        _write(checkout, learningRate=None)
        await _same(terminal, mended)
        model = await world.model_of(commit)
        told = await terminal.run(trainings)
    newcomer.collect()
    gone = await terminal.run(rest)

    await is_as_before(newcomer, world.before)
    assert let_go.strip() == WHERE.sub("", told)
    assert deleted.strip() == WHERE.sub("", gone)
    assert model.commit in [each.id for each in await world.commits()]


async def _fail(world, terminal, checkout, refused):
    """Two wrong values: the API server refuses one, and the trainer the other."""
    [(line, words)] = refused
    _write(checkout, trigger={"startFrom": "Newest"})
    assert words.strip() == await terminal.run(line, status=1)
    _write(checkout)
    assert f"{TRAININGS.partition('s.')[0]}" in await terminal.run(line)
    commit = await world.push(accuracy=0.9903)
    await world.reason("TrainingFailed")
    return commit


def _write(folder, *, trigger=None, **parameters):
    """mnist.yaml: the page's, with what is put right in it."""
    [text] = [b.text for b in read_blocks("yaml") if "startFrom: Newest" in b.text]
    body = yaml.safe_load(text)
    body["spec"]["trigger"] = trigger or {"startFrom": "Earliest"}
    given = body["spec"]["trainer"]["parameters"] | parameters
    kept = {key: value for key, value in given.items() if value is not None}
    body["spec"]["trainer"]["parameters"] = kept
    (folder / "mnist.yaml").write_text(json.dumps(body))


async def _same(terminal, told):
    for line, printed in told:
        assert _words(printed) == _words(await terminal.run(line)), line


async def _tells(terminal, told):
    """What stands between two ellipses."""
    line, printed = told
    [lines] = [each for each in printed.split("…") if each.strip()]
    said = {" ".join(each) for each in _words(await terminal.run(line))}
    assert [] == [each for each in map(" ".join, _words(lines)) if each not in said]


def _words(text):
    """The words of each line, without what is another each time."""
    return [
        [OTHER_EACH_TIME.sub("N", word) for word in line.split()]
        for line in masked(text).splitlines()
    ]
