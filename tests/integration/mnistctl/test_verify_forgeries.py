"""mnistctl verify: every way in which a record can be wrong, or its witnesses gone."""

import asyncio
import json
from datetime import UTC, datetime

import pytest

from integration.mnistctl_verification import failed, push, told_by
from integration.mnistctl_world import OUTPUT, TRAINING
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.pachyderm import CopyFile, DeletePath, PutFile
from mnist_operator.publisher import Publisher
from mnist_operator.resource import MnistTraining, Output, Spec
from mnist_operator.runs import canonical
from unit import mnistctl_records as records


@pytest.fixture(name="model")
async def _model(world):
    """A model as the operator publishes it."""
    return await world.publish(input_commit=await push(world))


@pytest.fixture(name="forge")
def _forge(world):
    """A commit that says of itself what the model's says, with some of it changed."""

    async def _run(entry, *, change=None, describe=None, files=()):
        client, repo = world.client, OUTPUT.repo
        original = await client.commit(repo, entry.output)
        content = await client.read(repo, entry.output, LINEAGE_FILE)
        if change is not None:
            value = json.loads(content)
            change(value)
            content = canonical(value)
        described = json.loads(original.description) | (describe or {})
        described["lineageSha256"] = records.sha256(content)
        commit = await client.start_commit(
            OUTPUT, description=canonical(described).decode()
        )
        copies = [
            CopyFile(each.path, repo, entry.output, each.path)
            for each in await client.files(repo, entry.output)
            if each.path != LINEAGE_FILE
        ]
        record = PutFile(LINEAGE_FILE, content)
        await client.modify(repo, commit, [DeletePath("/"), *copies, record, *files])
        await client.finish_commit(repo, commit)
        await client.commit(repo, commit, wait_finished=True)
        return commit

    return _run


# --- what was changed -----------------------------------------------------------------


async def test_an_index_that_somebody_edited_is_told(world, model, ask):
    wrong = {"input.commit": "6" * 32, "code.image": "images.example.org/other:1"}
    await world.client.edit_metadata(OUTPUT.repo, model.output, wrong)

    answer = await ask("verify", model.output)

    assert 4 == answer.status
    assert (
        f"input.commit: the metadata map, which anyone may edit, says {'6' * 32}"
        in (answer.out)
    )
    assert "code.image: the metadata map, which anyone may edit, says" in answer.out
    assert "What to do: believe the other two, which nobody can change" in answer.out
    assert "FAILED: copies; not known: signature" == answer.out.splitlines()[-1]


async def test_a_commit_that_nobody_described_stands_above_the_model(world, model, ask):
    foreign = await world.write("somebody's", b"{}")

    by_branch, by_id, everything = await asyncio.gather(
        ask("verify", "outputrepo@master", "-o", "json"),
        ask("verify", model.output),
        ask("verify", "--all"),
    )

    assert (4, ["branch"]) == (by_branch.status, failed(by_branch.json))
    for answer in (told_by(by_branch.json, "branch"), everything.out):
        assert f"{foreign}, finished " in answer
        assert ', 1 file: /lineage.json, described "somebody\'s"' in answer
    assert foreign in told_by(by_branch.json, "branch")
    assert 0 == by_id.status
    assert 4 == everything.status
    lines = everything.out.splitlines()
    assert f"default/outputrepo@{foreign}  FAILED  -" == lines[0]
    assert "mnist-operator did not write this commit" in lines[1]
    assert "1 model; 1 FAILED" in lines


async def put_back(world, model):
    await world.write("somebody's", b"{}")
    await world.client.create_branch(OUTPUT, model.output)


async def leave(world, _):
    await world.write("somebody's", b"{}")


@pytest.mark.parametrize("provenance", ["Metadata", "Native"])
@pytest.mark.parametrize("act", [put_back, leave])
async def test_the_next_model_is_published_whether_the_branch_was_put_back_or_not(
    world, ask, act, provenance
):
    spec = Spec(output=Output(provenance=provenance))
    publisher = Publisher(world.client, TRAINING.model_copy(update={"spec": spec}))
    first = await world.train(input_commit=await push(world))
    model = await publisher.publish(first, world.ledger, now=datetime.now(UTC))
    await world.remember(model)
    await act(world, model)

    attempt = await world.train(input_commit=await push(world))
    after = await publisher.publish(attempt, world.ledger, now=datetime.now(UTC))
    await world.remember(after)
    current, everything = await asyncio.gather(
        ask("verify", "outputrepo@master", "-o", "json"), ask("verify", "--all")
    )
    files = [each.path for each in await world.client.files(OUTPUT.repo, after.output)]

    assert (0, []) == (current.status, failed(current.json)), current.out
    assert "it is the newest commit of" in told_by(current.json, "branch")
    assert after.output in current.json["model"]
    assert "/my_model.h5" in files
    # A stranger's commit that was left there stays in the history, and is told of.
    assert (4 if act is leave else 0) == everything.status


async def test_what_was_there_before_the_operator_is_no_fault(world, ask):
    await world.write("of another time", b"{}")
    await world.publish(input_commit=await push(world))

    answer = await ask("verify", "--all")

    assert 0 == answer.status
    assert "1 model, none failed" in answer.out


def _definition(value):
    return value["predicate"]["buildDefinition"]


def _byproduct(value, name):
    found = value["predicate"]["runDetails"]["byproducts"]
    return next(each["annotations"] for each in found if each["name"] == name)


def _material(value, name):
    found = _definition(value)["resolvedDependencies"]
    return next(each for each in found if each["name"] == name)


def _no_run(value):
    _definition(value)["internalParameters"]["run"] = "6" * 32


def _branch_as_run(value):
    _definition(value)["internalParameters"]["run"] = "default_mnist_0"


def _image(value):
    _material(value, "image")["digest"]["sha256"] = "6" * 64


def _data(value):
    _material(value, "input")["annotations"]["commit"] = "6" * 32
    _material(value, "input")["uri"] = f"pachyderm://default/inputrepo@{'6' * 32}"


def _metrics(value):
    _byproduct(value, "metrics")["accuracy"] = 0.9999


def _node(value):
    _byproduct(value, "pod")["node"] = "another"


def _more(value):
    _definition(value)["internalParameters"]["approvedBy"] = "nobody"


def _other_past(value):
    _definition(value)["internalParameters"]["previousModelCommit"] = ""


def _model_digest(value):
    value["subject"][0]["digest"]["sha256"] = records.sha256(b"model 0.9934")


TAG = "images.example.org/trainer:2"
BYTES = [PutFile("/my_model.h5", b"model 0.9934")]
FORGERIES = [
    ({}, "ledger", "as the model of run"),
    ({"files": BYTES}, "files", "my_model.h5 has sha256"),
    ({"files": BYTES, "change": _model_digest}, "run", "does not agree with the files"),
    ({"files": [PutFile("/notes.txt", b"!")]}, "files", "/notes.txt is not in"),
    ({"change": _no_run, "describe": {"run": "6" * 32}}, "run", "is not there"),
    ({"change": _branch_as_run, "describe": {"run": "default_mnist_0"}}, "run",
     "default/outputrepo_runs@default_mnist_0 is not there"),
    ({"change": _image, "describe": {"imageSha256": "6" * 64}}, "image", "6" * 64),
    ({"change": _data, "describe": {"inputCommit": "6" * 32}}, "run", "6" * 32),
    ({"change": _metrics, "describe": {"accuracy": "0.9999"}}, "run", "0.9999"),
    ({"change": _node}, "run", "pod.annotations.node: lineage.json says another"),
    ({"change": _more}, "run", "approvedBy: lineage.json says nobody, the run says"),
    ({"change": _other_past, "describe": {"previousModel": ""}}, "previous",
     "previousModelCommit is empty, and the newest model of default/mnist below this"),
    ({"describe": {"image": TAG}}, "copies", f"image: the description says {TAG}"),
    ({"describe": {"attempt": 2}}, "run", "attempt: the description says 2"),
]  # fmt: skip
"""What is forged, which check names it, and in which words; the run is a real one."""


async def test_every_forgery_of_a_commit_is_named(model, forge, ask):
    forged = [await forge(model, **forgery) for forgery, _, _ in FORGERIES]

    answer = await ask("verify", "--all", "-o", "json")

    assert 4 == answer.status
    newest_first = [*reversed(forged), model.output]
    assert newest_first == [
        each["model"].rpartition("@")[2] for each in answer.json["models"]
    ]
    assert {"models": len(forged) + 1, "failed": len(forged)} == {
        key: answer.json["summary"][key] for key in ("models", "failed")
    }
    reports = {each["model"].rpartition("@")[2]: each for each in answer.json["models"]}
    for commit, (forgery, check, told) in zip(forged, FORGERIES, strict=True):
        assert told in told_by(reports[commit], check), forgery
        assert check in failed(reports[commit]), forgery
    assert [] == failed(reports[model.output])


# --- what is gone ---------------------------------------------------------------------


async def test_what_is_gone_is_told_and_the_model_cannot_be_made_again(world, ask):
    other = await world.publish(input_commit=await push(world, b"atad"))
    lost = await world.publish(input_commit="6" * 32)

    shallow, deep = await asyncio.gather(
        ask("verify", "--all"), ask("verify", other.output, "--deep", "-o", "json")
    )

    assert 4 == shallow.status
    lines = shallow.out.splitlines()
    commit = f"default/outputrepo@{lost.output}"
    unsigned = "not known: signature  cannot be made again:"
    assert lines[0].startswith(f"{commit}  FAILED  default/mnist  {unsigned}")
    assert "its input commit was squashed or dropped" in lines[0]
    assert f"default/inputrepo@{'6' * 32} is not there" in lines[1]
    assert "2 models; 1 FAILED" in lines
    assert "1 cannot be made again: its input commit was squashed or dropped" in lines
    assert (4, ["input"]) == (deep.status, failed(deep.json))
    assert "/data/mnist.npz has sha256" in told_by(deep.json, "input")
    [note] = deep.json["notes"]
    assert "as it is with spec.output.provenance: Metadata" in note


# --- what pachd itself says -----------------------------------------------------------

NATIVE = MnistTraining(
    namespace="default",
    name="mnist",
    uid="uid-1",
    spec=Spec(output=Output(provenance="Native")),
)


async def test_pachds_own_provenance_must_name_the_same_data(world, ask):
    attempt = await world.train(await push(world))
    publisher = Publisher(world.client, NATIVE)
    await world.remember(
        await publisher.publish(attempt, world.ledger, now=attempt.opened)
    )

    answer = await ask("verify", "-o", "json")

    assert 0 == answer.status
    assert [] == answer.json["notes"]
    assert f"pachd says default/inputrepo@{attempt.commit}, too" == (
        told_by(answer.json, "provenance")
    )
