"""Names and paths as long as the resource's own schema allows: one of them, end to end.

The limits are read off the schema, so whoever raises one hears of it here.
"""

import re

import pytest

from integration.definition import definition
from integration.world import EARLIEST, World
from mnist_operator.commits import Branch, Repo
from mnist_operator.lineage import read_model
from mnist_operator.pachyderm import PutFile

pytestmark = pytest.mark.asyncio(loop_scope="module")

_LONGEST_NAME = 253
"""Of any object in Kubernetes."""


def _schema():
    [version] = definition()["spec"]["versions"]
    return version["schema"]["openAPIV3Schema"]


def _limit(part, field):
    spec = _schema()["properties"]["spec"]["properties"]
    return spec[part]["properties"][field]["maxLength"]


def _longest_training():
    """The CEL rule about the name states how long it may be."""
    [rule] = [
        each["rule"]
        for each in _schema()["x-kubernetes-validations"]
        if "size(self.metadata.name)" in each["rule"]
    ]
    return int(re.search(r"<= (\d+)", rule).group(1))


def _longest_path(limit, end):
    """Folders of one letter, with every character that a name may have."""
    name = f"_-Az09.{end}"
    return "a/" * ((limit - len(name)) // 2) + "b" * ((limit - len(name)) % 2) + name


async def test_a_training_whose_names_are_as_long_as_can_be_is_trained(operated):
    world: World = operated
    name = "m" * _longest_training()
    repo = {side: f"-{side}_".ljust(_limit(side, "repo"), "R") for side in _SIDES}
    branch = {side: "B" * _limit(side, "branch") for side in _SIDES}
    source = Branch(Repo("default", repo["input"]), branch["input"])
    target = Branch(Repo("default", repo["output"]), branch["output"])
    data = _longest_path(_limit("input", "path"), "npz")
    model = _longest_path(_limit("output", "path"), "h5")
    await world.create_repo(source)
    await world.apply(
        name,
        trigger=EARLIEST,
        input={"repo": repo["input"], "branch": branch["input"], "path": data},
        output={
            "repo": repo["output"],
            "branch": branch["output"],
            "path": model,
            "runRepo": "r" * _limit("output", "runRepo"),
        },
    )
    commit = await world.pachyderm.start_commit(source, description="")
    await world.pachyderm.modify(source.repo, commit, [PutFile(f"/{data}", b"{}")])
    await world.pachyderm.finish_commit(source.repo, commit)
    published = await world.model_of(commit, target)
    ready = await world.reason("UpToDate", name)
    events = (await world.kube.call("GET", world.core("events")))["items"]
    files = await world.paths(target.repo, published.commit)
    [job] = await world.jobs()
    labels = job["metadata"]["labels"].values()

    assert "True" == ready["status"]
    assert f"/{model}" in files
    assert max(len(each["metadata"]["name"]) for each in events) <= _LONGEST_NAME
    assert max(map(len, labels)) <= 63
    assert read_model(await world.pachyderm.commit(target.repo, published.commit))


_SIDES = ("input", "output")
