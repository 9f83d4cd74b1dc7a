"""mnistctl verify: a record that is whole, its signature, and a downloaded folder."""

import asyncio

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from integration import mnistctl_world
from integration.mnistctl_verification import failed, push, results_of, told_by
from integration.mnistctl_world import OUTPUT, TRAINING
from mnist_operator.errors import SigningKeyError
from mnist_operator.evidence import BUNDLE_FILE
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.publisher import Publisher


@pytest.fixture(name="model")
async def _model(world):
    """A model as the operator publishes it."""
    return await world.publish(input_commit=await push(world))


# --- what is whole --------------------------------------------------------------------


async def test_a_record_as_the_operator_left_it_is_valid(model, ask):
    plain, as_json, as_yaml, deep = await asyncio.gather(
        ask("verify", "outputrepo@master"),
        ask("verify", "-o", "json"),
        ask("verify", "-o", "yaml"),
        ask("verify", model.output, "--deep", "-o", "json"),
    )

    assert [(0, "")] * 3 == [(a.status, a.err) for a in (plain, as_json, deep)]
    lines = plain.out.splitlines()
    assert f"Model default/outputrepo@{model.output} of default/mnist" == lines[0]
    run = f"default/outputrepo_runs@{model.run}, attempt 1, says the same"
    copies = "lineage.json, description and metadata map say the same"
    assert {
        f"  copies      ok      {copies}",
        f"  run         ok      {run}",
        "  ledger      ok      it names this commit as the run's model",
    } <= set(lines)
    assert "FAILED" not in plain.out
    assert "\x1b" not in plain.out
    assert as_json.json == yaml.safe_load(as_yaml.out)
    assert f"default/outputrepo@{model.output}" == as_json.json["model"]
    assert as_json.json["valid"]
    assert "2 files: those of the run, by pachd's own hashes; --deep reads them" == (
        told_by(as_json.json, "files")
    )
    assert "2 files: read, each has its digest" == told_by(deep.json, "files")
    assert "1 file: read, each has its digest" in told_by(deep.json, "input")


async def test_what_cannot_be_answered_ends_with_a_status_of_its_own(world, ask):
    answers = await asyncio.gather(
        ask("verify", "f" * 32),
        ask("verify", "--all"),
        ask("verify", "--require-signature"),
        ask("verify", "--key", __file__),
        ask("verify", "--all", "f" * 32),
    )

    assert [3, 3, 2, 2, 2] == [each.status for each in answers]
    assert [""] * 5 == [each.out for each in answers]
    for told, answer in zip(
        (
            "has no commit",
            "there is no default/outputrepo@master",
            "needs --key",
            "is none in PEM",
            "branch",
        ),
        answers,
        strict=True,
    ):
        assert told in answer.err.splitlines()[-1]


# --- signatures -----------------------------------------------------------------------


@pytest.fixture(name="keys")
def _keys(tmp_path):
    """Files with a private and a public key of each kind."""
    folder = tmp_path / "keys"
    folder.mkdir()
    for kind, key in {
        "ed25519": ed25519.Ed25519PrivateKey.generate(),
        "p256": ec.generate_private_key(ec.SECP256R1()),
    }.items():
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public = key.public_key().public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )
        (folder / f"{kind}.pem").write_bytes(private)
        (folder / f"{kind}.pub").write_bytes(public)
    return folder


async def _sign(world, key_file):
    """A model of an operator that signs."""
    attempt = await world.train(await push(world))
    publisher = Publisher(world.client, TRAINING, key_file=key_file)
    entry = await publisher.publish(attempt, world.ledger, now=attempt.opened)
    await world.remember(entry)
    return entry


async def test_a_model_waits_for_a_key_and_is_never_published_unsigned(
    world, keys, ask
):
    attempt = await world.train(await push(world))
    key = keys / "operator.pem"
    publisher = Publisher(world.client, TRAINING, key_file=key)

    with pytest.raises(SigningKeyError, match="No such file"):
        await publisher.publish(attempt, world.ledger, now=attempt.opened)
    nothing = await ask("verify", "--all")
    key.write_bytes((keys / "ed25519.pem").read_bytes())
    await publisher.publish(attempt, world.ledger, now=attempt.opened)
    signed = await ask("verify", f"--key={keys / 'ed25519.pub'}", "-o", "json")

    assert (3, "") == (nothing.status, nothing.out)
    assert (0, "ok") == (signed.status, results_of(signed.json)["signature"])


async def test_a_signature_is_checked_with_the_operators_key(world, keys, ask):
    unsigned = await world.publish(input_commit=await push(world))
    first = await _sign(world, keys / "ed25519.pem")
    second = await _sign(world, keys / "p256.pem")
    old, new = (f"--key={keys / name}.pub" for name in ("ed25519", "p256"))

    answers = await asyncio.gather(
        ask("verify", first.output, old, "-o", "json"),
        ask("verify", second.output, new, "-o", "json"),
        ask("verify", first.output, "-o", "json"),
        ask("verify", first.output, new, "-o", "json"),
        ask("verify", unsigned.output, new, "-o", "json"),
    )
    after_a_change, strict = await asyncio.gather(
        ask("verify", "--all", old, new),
        ask("verify", "--all", old, new, "--require-signature", "-o", "json"),
    )

    assert [0, 0, 0, 4, 4] == [each.status for each in answers]
    assert ["ok", "ok", "unknown", "failed", "failed"] == [
        results_of(each.json)["signature"] for each in answers
    ]
    assert "name its public key with --key" in told_by(answers[2].json, "signature")
    assert "the bundle was made with key" in told_by(answers[3].json, "signature")
    assert "it is not signed" == told_by(answers[4].json, "signature")
    assert 0 == after_a_change.status
    assert "3 models, none failed" in after_a_change.out
    assert (4, 1) == (strict.status, strict.json["summary"]["failed"])


# --- a folder -------------------------------------------------------------------------


@pytest.fixture(name="folder")
async def _folder(world, keys, tmp_path):
    """A signed model, downloaded."""
    entry = await _sign(world, keys / "ed25519.pem")
    folder = tmp_path / "downloaded"
    for each in await world.client.files(OUTPUT.repo, entry.output):
        path = folder / each.path.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(await world.client.read(OUTPUT.repo, entry.output, each.path))
    return folder


async def test_a_folder_needs_nobody_to_ask(folder, keys):
    nowhere = {"PACHD_ADDRESS": "localhost:1"}
    key = f"--key={keys / 'ed25519.pub'}"

    async def verify(*options):
        words = ("verify", str(folder), key, *options)
        return await mnistctl_world.fork_mnistctl(*words, **nowhere)

    plain, whole = await asyncio.gather(verify(), verify("-o", "json"))
    (folder / "notes.txt").write_text("mine")
    (folder / "my_model.h5").write_bytes(b"model 0.9934")
    (folder / "run.json").unlink()
    changed = await verify("-o", "json")
    (folder / BUNDLE_FILE.lstrip("/")).unlink()
    (folder / LINEAGE_FILE.lstrip("/")).write_text("{}")
    emptied = await verify("-o", "json")
    (folder / LINEAGE_FILE.lstrip("/")).unlink()
    bare = await verify()
    (folder / LINEAGE_FILE.lstrip("/")).write_text("{}")
    (folder / "run.json").symlink_to(folder / "nowhere")
    dangling = await verify()

    assert (0, {"signature": "ok", "files": "ok"}) == (
        whole.status,
        {key: results_of(whole.json)[key] for key in ("signature", "files")},
    )
    assert "Valid; not known: copies, pachyderm" == plain.out.splitlines()[-1]
    assert (4, ["files"]) == (changed.status, failed(changed.json))
    told = told_by(changed.json, "files")
    assert "/run.json is in /lineage.json only" in told
    assert "/notes.txt is not in /lineage.json" in told
    assert "my_model.h5 has sha256" in told
    assert (4, {"copies", "signature", "files"}) == (
        emptied.status,
        set(failed(emptied.json)),
    )
    assert (3, "") == (bare.status, bare.out)
    assert "has no lineage.json" in bare.err
    assert (4, "", 1) == (dangling.status, dangling.out, dangling.err.count("\n"))
    assert "run.json is neither a file nor a folder" in dangling.err
