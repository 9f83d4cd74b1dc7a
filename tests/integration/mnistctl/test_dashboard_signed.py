"""The page with --key, beside an operator that signs: by which key, and by whose.

The operator's key is replaced after the first model. Of the third somebody who may
write to the repos makes another record, under the signature of the true one.
"""

import json
import re
import shutil
from contextlib import asynccontextmanager

import aiohttp
import pytest
import pytest_asyncio

from integration.mnistctl_world import Running
from integration.operators import InProcess
from integration.pushes import until
from integration.signed import SigningWorld, where_is, write_keys
from integration.stories import settled
from integration.world import OUTPUT, RUNS
from mnist_operator.cli.dashboard.keyring import Keyring
from mnist_operator.commits import Branch
from mnist_operator.ledger import LEDGER_FILE
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.pachyderm import CopyFile, DeletePath, PutFile
from mnist_operator.runs import canonical
from unit import mnistctl_records as records

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEDGER = Branch(RUNS, "team_mnist_ledger")
HOLDS, HOLDS_NOT = "✓ Holds", "✕ Does not hold"


@pytest_asyncio.fixture(name="signing", scope="module", loop_scope="module")
async def _signing(tmp_path_factory):
    """The world, and the runs of its three models."""
    folder = tmp_path_factory.mktemp("signing")
    write_keys(folder)
    async with SigningWorld(folder) as world:
        async with InProcess(world):
            await world.create_repo()
            await world.apply()
            await world.reason("WaitingForData")
            models = [await _train(world, 1)]
            shutil.move(folder / "cosign.pub", folder / "old.pub")
            write_keys(folder)
            models += [await _train(world, each) for each in (2, 3)]
        shutil.move(folder / "cosign.pub", folder / "new.pub")
        await _falsify(world.pachyderm, models[-1].commit)
        yield world, [each.run for each in models]


async def _train(world, digits):
    commit = await world.push(digits=digits)
    model = await world.model_of(commit)
    await settled(world, commit)
    return model


async def _falsify(client, true):
    """A better accuracy for a model, in a commit that the ledger names in its place."""
    repo = OUTPUT.repo
    value = json.loads(await client.read(repo, true, LINEAGE_FILE))
    byproducts = value["predicate"]["runDetails"]["byproducts"]
    metrics = next(each for each in byproducts if each["name"] == "metrics")
    metrics["annotations"]["accuracy"] = 1.0
    content = canonical(value)
    described = json.loads((await client.commit(repo, true)).description)
    described |= {"lineageSha256": records.sha256(content), "accuracy": 1.0}
    files = [
        CopyFile(each.path, repo, true, each.path)
        for each in await client.files(repo, true)
        if each.path != LINEAGE_FILE
    ]
    files.append(PutFile(LINEAGE_FILE, content))
    false = await _write(client, OUTPUT, canonical(described).decode(), files)
    head = await client.branch_head_id(LEDGER)
    lines = await client.read(RUNS, head, LEDGER_FILE)
    lines = lines.replace(true.encode(), false.encode())
    await _write(client, LEDGER, "", [PutFile(LEDGER_FILE, lines)])


async def _write(client, branch, description, files):
    commit = await client.start_commit(branch, description=description)
    await client.modify(branch.repo, commit, [DeletePath("/"), *files])
    await client.finish_commit(branch.repo, commit)
    await client.commit(branch.repo, commit, wait_finished=True)
    return commit


@asynccontextmanager
async def _dashboard(world, *keys):
    """mnistctl dashboard with these keys; gives back who asks what it says of a run."""
    words = ("dashboard", "-A", "--port", "0", *(f"--key={each}" for each in keys))
    async with Running(*words, folder=world.folder, **where_is(world)) as process:
        line = await process.line("The page is at")
        address = re.search(r"http://\S+", line)[0]
        async with aiohttp.ClientSession(address) as session:

            async def ask(run):
                async def known():
                    async with session.get(f"/trainings/team/mnist/runs/{run}") as page:
                        text = await page.text()
                    part = text.partition('id="verdict"')[2].partition("</section>")[0]
                    told = " ".join(re.sub(r"<[^>]+>", " ", part).split())
                    return told if re.search("Checked|could not be", told) else ""

                return await until(known, "the verdict")

            yield ask


def _signature(told):
    """What the check of the signature says."""
    return re.search(r"(✓ ok|✕ failed|\? unknown) signature (.*?) [✓✕?] ", told)


async def test_a_record_that_holds_says_by_which_key_it_is_signed(signing):
    world, (first, second, _) = signing
    old, new = Keyring([world.folder / "old.pub", world.folder / "new.pub"]).read()
    async with _dashboard(world, "old.pub", "new.pub") as ask:
        told = [await ask(each) for each in (first, second)]

    for each, key in zip(told, (old, new), strict=True):
        assert HOLDS in each
        assert ("✓ ok", f"valid, with key {key.hint}") == _signature(each).groups()
        for named in (old, new):
            assert f"{named.name} , which is key {named.hint}" in each
        assert "--key old.pub --key new.pub" in each


async def test_a_model_that_another_key_signed_does_not_hold(signing):
    world, (first, second, _) = signing
    [old] = Keyring([world.folder / "old.pub"]).read()
    [new] = Keyring([world.folder / "new.pub"]).read()
    async with _dashboard(world, "old.pub") as ask:
        ours, theirs = await ask(first), await ask(second)

    assert HOLDS in ours
    assert HOLDS_NOT in theirs
    result, said = _signature(theirs).groups()
    assert "✕ failed" == result
    assert f"made with key {new.hint}; this key is {old.hint}" in said
    assert "do not use this model before you know who signed it" in said


async def test_a_record_that_was_altered_after_it_was_signed_does_not_hold(signing):
    world, (_, _, third) = signing
    async with _dashboard(world, "old.pub", "new.pub") as ask:
        told = await ask(third)

    assert HOLDS_NOT in told
    result, said = _signature(told).groups()
    assert "✕ failed" == result
    assert "what was signed is another record than lineage.json" in said


async def test_without_a_key_the_page_says_that_nobody_checked(signing):
    world, (first, *_) = signing
    async with _dashboard(world) as ask:
        told = await ask(first)

    assert HOLDS in told
    result, said = _signature(told).groups()
    assert "? unknown" == result
    assert "name its public key with --key to check that" in said
    assert "Signatures are checked with" not in told


async def test_a_key_that_comes_into_the_folder_counts_without_a_restart(signing):
    world, (_, second, _) = signing
    keys = world.folder / "keys"
    keys.mkdir()
    shutil.copy(world.folder / "old.pub", keys)
    async with _dashboard(world, "keys") as ask:
        before = await ask(second)
        shutil.copy(world.folder / "new.pub", keys)
        after = await ask(second)
        (keys / "broken.pub").write_text("no key")
        broken = await ask(second)

    assert HOLDS_NOT in before
    assert HOLDS in after
    assert "It could not be checked: --key keys/broken.pub: is none in PEM" in broken
