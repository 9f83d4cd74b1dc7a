"""mnistctl verify, and somebody who may write to the output repo and knows it well.

His commit names a run that is true and a lineage.json that is nearly so.
"""

import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from integration.mnistctl_verification import failed, push, told_by
from integration.mnistctl_world import OUTPUT, TRAINING
from mnist_operator.commits import Branch, Repo
from mnist_operator.decisions import to_lines
from mnist_operator.evidence import BUNDLE_FILE
from mnist_operator.ledger import LEDGER_FILE
from mnist_operator.lineage import LINEAGE_FILE, publication_of, read_model
from mnist_operator.pachyderm import CopyFile, DeletePath, PutFile
from mnist_operator.places import ledger_branch
from mnist_operator.runs import canonical
from mnist_operator.signing import sign_statement
from unit import mnistctl_records as records


@pytest.fixture(name="model")
async def _model(world):
    return await world.publish(input_commit=await push(world))


@pytest.fixture(name="adopted")
def _adopted(world, model):
    """His commit has a line in the ledger, as if the operator had taken it on."""

    async def _run(change, write=canonical, branch=OUTPUT, sign=None):
        client, repo = world.client, OUTPUT.repo
        original = await client.commit(repo, model.output)
        value = json.loads(await client.read(repo, model.output, LINEAGE_FILE))
        change(value)
        content = write(value)
        described = json.loads(original.description)
        described["lineageSha256"] = records.sha256(content)
        described = {k: v for k, v in described.items() if k in _IDENTITY}
        commit = await client.start_commit(
            branch, description=canonical(described).decode()
        )
        files = [
            CopyFile(each.path, repo, model.output, each.path)
            for each in await client.files(repo, model.output)
            if each.path != LINEAGE_FILE
        ]
        files.append(PutFile(LINEAGE_FILE, content))
        if sign is not None:
            files.append(PutFile(BUNDLE_FILE, sign(content)))
        await client.modify(branch.repo, commit, [DeletePath("/"), *files])
        await client.finish_commit(branch.repo, commit)
        done = await client.commit(branch.repo, commit, wait_finished=True)
        line = to_lines([publication_of(done, read_model(done))])
        await client.append(ledger_branch(TRAINING), LEDGER_FILE, line)
        return commit

    return _run


_IDENTITY = {
    "kind",
    "version",
    "training",
    "inputRepo",
    "inputBranch",
    "inputCommit",
    "run",
    "attempt",
    "tfjob",
    "image",
    "specSha256",
    "lineageSha256",
}


def _byproducts(value):
    return value["predicate"]["runDetails"]["byproducts"]


def _twice(value):
    metrics = next(each for each in _byproducts(value) if each["name"] == "metrics")
    better = metrics | {"annotations": {"accuracy": 0.9999, "loss": 0.0}}
    _byproducts(value).insert(0, better)


def _less(value):
    definition = value["predicate"]["buildDefinition"]
    definition["internalParameters"].pop("recordVersion")


def _same(value):
    pass


def _doubled(value):
    text = canonical(value).decode()
    return text.replace('"attempt":1', '"attempt":7,"attempt":1', 1).encode()


@pytest.mark.parametrize(
    ("change", "write", "told"),
    [
        pytest.param(_twice, canonical, "2 items named metrics", id="said-twice"),
        pytest.param(_less, canonical, "leaves out what", id="left-out"),
        pytest.param(_same, _doubled, "byte for byte", id="a-key-twice"),
    ],
)
async def test_a_record_that_is_nearly_true_is_told(ask, adopted, change, write, told):
    commit = await adopted(change, write)

    answer = await ask("verify", commit, "-o", "json")

    assert 4 == answer.status
    assert "run" in failed(answer.json)
    assert told in told_by(answer.json, "run")


async def test_a_head_that_ended_with_an_error_has_files_all_the_same(
    world, ask, model
):
    client = world.client
    evil = await client.start_commit(OUTPUT, description="")
    await client.modify(OUTPUT.repo, evil, [PutFile("/my_model.h5", b"evil")])
    await client.finish_commit(OUTPUT.repo, evil, error="given up: oops")
    await client.commit(OUTPUT.repo, evil, wait_finished=True)

    by_branch = await ask("verify", "outputrepo@master", "-o", "json")
    everything = await ask("verify", "--all")

    assert (4, ["branch"]) == (by_branch.status, failed(by_branch.json))
    assert f"gets the files of {evil} (errored)" in told_by(by_branch.json, "branch")
    assert 4 == everything.status
    assert f"gets the files of {evil}" in everything.out


async def test_a_model_of_another_repo_is_not_this_ones(world, ask, adopted):
    other = Branch(Repo("default", "victim"), "master")
    await world.client.create_repo(other.repo)
    commit = await adopted(_same, branch=other)

    answer = await ask("verify", f"victim@{commit}", "--repo", "victim", "-o", "json")

    assert 4 == answer.status
    assert "place" in failed(answer.json)
    assert "for default/outputrepo, not for default/victim" in told_by(
        answer.json, "place"
    )


async def test_what_is_unsigned_above_a_signed_model_is_told(
    tmp_path, world, ask, adopted
):
    key, pem = Ed25519PrivateKey.generate(), serialization.Encoding.PEM
    secret = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = tmp_path / "operator.pub"
    public.write_bytes(
        key.public_key().public_bytes(
            pem, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    await adopted(_same, sign=lambda content: sign_statement(content, secret))
    above = await adopted(_same)

    answer = await ask("verify", "--all", "--key", str(public), "-o", "json")

    by_commit = {
        each["model"].rpartition("@")[2]: each for each in answer.json["models"]
    }
    assert 4 == answer.status
    assert "though older models of this branch are" in told_by(
        by_commit[above], "signature"
    )


async def test_a_number_that_is_no_accuracy_breaks_no_command(ask, adopted):
    def huge(value):
        for each in _byproducts(value):
            if each["name"] == "metrics":
                each["annotations"]["accuracy"] = 10**400

    commit = await adopted(huge)

    for question in (["verify", "--all"], ["lineage", commit], ["verify", commit]):
        answer = await ask(*question)
        assert "Traceback" not in answer.err
        assert answer.status in {0, 4}
