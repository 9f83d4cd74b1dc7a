"""pachd's answers are wrong for a while, and a training goes on as if none had been.

While they are, its conditions say what is wrong; nobody else's training is held up.
"""

import asyncio
from contextlib import suppress
from functools import partial

import pytest
from python_pachyderm.proto.v2.pfs import pfs_pb2

from integration.world import EARLIEST, INPUT, OUTPUT, RUNS, until
from mnist_operator.commits import Branch, Repo
from mnist_operator.errors import OperatorError
from mnist_operator.pachyderm import PutFile

pytestmark = pytest.mark.asyncio(loop_scope="module")

_OTHERS = Branch(Repo("default", "otherrepo"), "master")
_FAR = 253_402_300_799
"""The last second of the year 9999."""


def _edited(kind, edit):
    def lie(truth):
        message = getattr(pfs_pb2, kind).FromString(truth)
        edit(message)
        return message.SerializeToString()

    return lie


def _set(kind, path, value):
    *way, last = path.split(".")

    def edit(message):
        for part in way:
            message = getattr(message, part)
        setattr(message, last, value)

    return _edited(kind, edit)


_commit = partial(_set, "CommitInfo")
_LIES = {
    "no-branch": ("InspectBranch", lambda _: b"<html>502</html>"),
    "a-head-that-is-no-id": ("InspectBranch", _set("BranchInfo", "head.id", "Z;Z")),
    "no-commit": ("InspectCommit", lambda truth: truth[: len(truth) // 2]),
    "no-id": ("InspectCommit", _commit("commit.id", "")),
    "another-id": ("InspectCommit", _commit("commit.id", "0" * 32)),
    "a-time-far-ahead": ("InspectCommit", _commit("started.seconds", _FAR)),
    "a-time-before-all": ("InspectCommit", _commit("finished.seconds", -(2**60))),
    "a-map-of-numbers": ("InspectCommit", lambda truth: truth + b"\x70\x05"),
    "no-files": ("WalkFile", lambda _: b"\xff\xff\xff"),
    "a-size-below-nothing": ("InspectFile", _set("FileInfo", "size_bytes", -5)),
    "no-bytes": ("GetFile", lambda _: b"\x0a\x7f"),
    "a-staging-commit-without-id": ("StartCommit", lambda _: b""),
}


@pytest.mark.parametrize(("call", "lie"), _LIES.values(), ids=_LIES)
async def test_an_answer_that_is_wrong_is_told_and_nothing_is_lost(
    operated, liar, call, lie
):
    world = operated
    await _begun(world)
    about = b"outputrepo_runs" if call == "StartCommit" else b""
    liar.lie(call, lie, about=about)
    pushing = asyncio.create_task(world.push(lie=call, told=str(id(lie))))
    reasons = await _reasons(world, liar)
    liar.repent()
    with suppress(OperatorError):
        await pushing
    commit = await _head(world)
    await world.model_of(commit)
    await world.reason("UpToDate")

    assert "InternalError" not in reasons
    trained = await world.trained()
    assert len(trained) == len(set(trained))
    assert len(trained) == len(await world.commits(OUTPUT))


async def _begun(world):
    """One training, and one model of it, are there."""
    if "mnist" not in await _names(world):
        await world.apply(trigger=EARLIEST)
        await world.model_of(await world.push(first=1))


async def _names(world):
    found = await world.kube.call("GET", world.trainings)
    return [each["metadata"]["name"] for each in found["items"]]


async def _reasons(world, liar):
    """What the conditions say until some lies have been told."""
    reasons = set()

    async def look():
        reasons.add((await world.condition())["reason"])
        return liar.told >= 3

    await until(look, "three lies")
    await until(look, "one more look")
    return reasons


async def _head(world):
    """The last commit that was pushed, finished here where a lie kept that back."""
    head = await world.pachyderm.head(INPUT)
    if head.finishing is None and head.finished is None:
        await world.pachyderm.finish_commit(INPUT.repo, head.id)
    return head.id


async def test_lies_about_one_repo_hold_up_nobody_else(operated, liar):
    world = operated
    await _begun(world)
    await world.create_repo(_OTHERS)
    await world.apply(
        "other",
        trigger=EARLIEST,
        input={"repo": _OTHERS.repo.name},
        output={"repo": "otheroutput"},
    )
    liar.lie("InspectBranch", lambda _: b"\xff", about=b"inputrepo")
    ready = await world.reason("SourceUnreachable")
    pushed = await world.push(_OTHERS, digits=1)
    output = Branch(Repo("default", "otheroutput"), "master")

    async def others():
        return [model.input_commit for model in await world.models(output)]

    found = await until(others, "the model of somebody else")
    liar.repent()
    await world.reason("UpToDate")
    await world.kube.call("DELETE", f"{world.trainings}/other")

    assert [pushed] == found
    assert "pachd: InspectBranch: what came is no answer" in ready["message"]


@pytest.mark.parametrize("where", ["input", "output"])
async def test_descriptions_of_10_mb_are_nobodys_record(operated, where):
    world = operated
    await _begun(world)
    branch = {"input": INPUT, "output": OUTPUT}[where]
    large = '{"kind": "mnist-operator/model", "training": "' + "x" * 10_000_000 + '"}'
    commit = await world.pachyderm.start_commit(branch, description=large)
    await world.pachyderm.modify(
        branch.repo, commit, [PutFile("/data/mnist.npz", b'{"x": 1}')]
    )
    await world.pachyderm.finish_commit(branch.repo, commit)
    last = commit if where == "input" else await world.push(after=where)
    model = await world.model_of(last)

    assert last == model.input_commit


async def test_a_stranger_on_a_branch_of_ours_is_told_of_and_waited_for(operated):
    """In the run repo, where an attempt would begin: nobody knows whose that is."""
    world = operated
    await _begun(world)
    await world.reason("UpToDate")
    slot = Branch(RUNS, "team_mnist_0")
    stranger = await world.pachyderm.start_commit(slot, description="mine" * 2_000_000)
    commit = await world.push(digits=9)
    ready = await world.reason("OutputBusy")
    await world.pachyderm.finish_commit(RUNS, stranger)
    await world.model_of(commit)

    told = f"commit {stranger} on default/outputrepo_runs@team_mnist_0 is held open"
    assert told in ready["message"]
