"""mnistctl on records that strangers wrote: an answer or one line, never a traceback.

Nothing that comes out of it moves a cursor, whoever wrote what it shows.
"""

import json

import pytest

from integration.mnistctl_world import OUTPUT, TRAINING, World, fork_mnistctl
from local_cluster.pachd import Pachd
from mnist_operator import places
from mnist_operator.cli.failures import ExitStatus
from mnist_operator.commits import Branch
from mnist_operator.ledger import LEDGER_FILE
from mnist_operator.pachyderm import Connection, Pachyderm, PutFile
from unit.hostile import JUNK, MANY, NASTY

_EVIL = "\x1b[2J\x1b]0;owned\x07[bold red]x[/] \u202e\x00"
_DESCRIPTION = {
    "kind": "mnist-operator/model",
    "version": 1,
    "training": "default/mnist",
    "inputRepo": _EVIL,
    "inputBranch": _EVIL,
    "inputCommit": "5" * 32,
    "run": _EVIL,
    "attempt": 1,
    "tfjob": _EVIL,
    "image": _EVIL,
    "specSha256": _EVIL,
    "accuracy": _EVIL,
    "request": _EVIL,
}
_RECORDS = [
    *JUNK,
    *(text for text in NASTY if text.isascii()),
    json.dumps({"subject": [{"name": _EVIL}], "predicate": {"buildDefinition": _EVIL}}),
    json.dumps({"predicate": {"runDetails": {"byproducts": [7, {"name": "metrics"}]}}}),
]
_QUESTIONS = [
    ("history", "default/mnist"),
    ("history", "default/mnist", "-o", "json"),
    ("runs", "default/mnist"),
    ("runs", "default/mnist", "-o", "yaml"),
    ("explain", "default/mnist", "5" * 32),
    ("ledger", "rebuild", "default/mnist", "--dry-run"),
]
_ABOUT = [
    ("lineage",),
    ("lineage", "-o", "json"),
    ("verify",),
    ("export", "--format", "model-card"),
]


@pytest.fixture(name="asked")
async def _asked(tmp_path):
    async with Pachd(tmp_path / "pachd", finish_seconds=0.01) as server:
        client = Pachyderm(Connection(server.address))
        world = World(client)
        await world.start()

        async def ask(*arguments):
            answer = await fork_mnistctl(*arguments, PACHD_ADDRESS=server.address)
            assert "Traceback" not in answer.err, (arguments, answer.err)
            assert answer.status in set(ExitStatus), (arguments, answer)
            for text in (answer.out, answer.err):
                assert "\x1b" not in text
                assert "\x07" not in text
            return answer

        yield world, ask
        await client.close()


async def _commit(world, branch, description, files):
    client = world.client
    commit = await client.start_commit(branch, description=description)
    changes = [PutFile(path, content) for path, content in files.items()]
    await client.modify(branch.repo, commit, changes)
    await client.finish_commit(branch.repo, commit)
    await client.commit(branch.repo, commit, wait_finished=True)
    return commit


async def test_a_ledger_and_models_of_strangers_are_answered_about(asked):
    world, ask = asked
    await world.publish()
    lines = [
        *JUNK,
        json.dumps(
            {
                "time": "2026-01-01T00:00:00Z",
                "decision": "Failed",
                "commit": "5" * 32,
                "reason": _EVIL,
                "message": _EVIL,
                "tfjob": _EVIL,
            }
        ),
    ]
    content = "\n".join(lines).encode(errors="replace")
    await world.client.append(places.ledger_branch(TRAINING), LEDGER_FILE, content)
    await _commit(world, OUTPUT, json.dumps(_DESCRIPTION), {"/my_model.h5": b"x"})
    slot = Branch(places.run_repo(TRAINING), places.slot_branch(TRAINING).name)
    claim = {"kind": "mnist-operator/attempt", "training": "default/mnist"}
    for text in (json.dumps(claim), json.dumps(claim)[:-3], _EVIL.replace("\x00", "")):
        await _commit(world, slot, text, {"/log.txt": _EVIL.encode()})

    for question in _QUESTIONS:
        await ask(*question)


async def test_records_that_are_none_are_answered_about(asked):
    world, ask = asked
    for record in _RECORDS if MANY else _RECORDS[6::5]:
        content = record.encode(errors="replace")
        commit = await _commit(
            world,
            OUTPUT,
            json.dumps(_DESCRIPTION),
            {"/lineage.json": content, "/my_model.h5": b"x", "/run.json": content},
        )
        for name, *options in _ABOUT:
            await ask(name, f"outputrepo@{commit}", *options)
