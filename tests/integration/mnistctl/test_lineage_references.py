"""References that lead to a model by another way than its branch or its ID."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from mnist_operator.decisions import Decision, Entry
from mnist_operator.lineage import LINEAGE_FILE


async def test_steps_back_count_models(make, ask):
    world = await make()
    data = await world.push()
    first = await world.publish(data)
    await world.write(world.output, "a stranger's")
    second = await world.publish(data)
    await world.publish(data)

    one, two, many = await asyncio.gather(
        ask("lineage", "outputrepo@master^", "-o", "json"),
        ask("lineage", "outputrepo@master^2", "-o", "json"),
        ask("lineage", "outputrepo@master^3"),
    )

    assert [second.output, first.output] == [
        each.json["model"]["commit"] for each in (one, two)
    ]
    assert (3, 1) == (many.status, many.err.count("\n"))
    assert "there are no 3 models before" in many.err


async def test_a_tfjob_without_a_model_says_what_became_of_it(make, ask):
    world = await make()
    data = await world.push()
    failed = await world.fail(data, "TrainerKilled")
    lost = await world.fail(data, "DataInvalid")
    entry = Entry(
        datetime.now(UTC),
        Decision.FAILED,
        commit=data,
        run=failed.staging,
        reason="TrainerKilled",
        message="Exit code 137.",
        tfjob=f"mnist-{failed.staging[:12]}",
        attempt=1,
    )
    await world.remember(entry)

    decided, unrecorded, unknown = await asyncio.gather(
        ask("lineage", f"tfjob/{entry.tfjob}"),
        ask("lineage", f"tfjob/mnist-{lost.staging[:12]}"),
        ask("lineage", "tfjob/mnist-0123456789ab"),
    )

    assert [3, 3, 3] == [each.status for each in (decided, unrecorded, unknown)]
    assert "made no model: failed, TrainerKilled: Exit code 137." in decided.err
    assert "made no model: it failed, DataInvalid: It broke." in unrecorded.err
    assert "no run of a TFJob mnist-0123456789ab is known" in unknown.err


async def test_a_folder_is_enough_to_ask(make, ask, tmp_path):
    world = await make()
    model = await world.publish(await world.push())
    repo = world.output.repo
    content = await world.client.read(repo, model.output, LINEAGE_FILE)
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "lineage.json").write_bytes(content)
    (folder / "my_model.h5").write_bytes(b"model")

    alone = await ask("lineage", str(folder), "-o", "json", "--address", "127.0.0.1:1")
    shown = await ask("lineage", str(folder))
    whole = await ask("lineage", "-o", "intoto")

    assert content.decode() == whole.out
    assert (0, model.commit) == (alone.status, alone.json["input"]["commit"])
    assert (None, "default/mnist") == (
        alone.json["record"]["agrees"],
        alone.json["training"]["name"],
    )
    assert "not compared: there is one copy\n" in shown.out


async def test_a_time_is_found_without_a_ledger_too(make, ask):
    world = await make()
    data = await world.push()
    first = await world.publish(data)
    moment = datetime.now(UTC).isoformat()
    forged = replace(first, time=datetime(2999, 1, 1, tzinfo=UTC), output="9" * 32)
    await world.remember(forged, replace(forged, output=first.output, run="7" * 32))

    answer = await ask("lineage", "--at", moment, "-o", "json")

    assert first.output == answer.json["model"]["commit"]


async def test_a_model_that_the_branch_has_lost_is_named(make, ask):
    world = await make()
    data = await world.push()
    kept, lost = await world.publish(data), await world.publish(data)
    await world.client.create_branch(world.output, kept.output)

    answer = await ask("lineage", "--at", "2999-01-01", "-o", "json")

    assert kept.output == answer.json["model"]["commit"]
    [note] = answer.json["notes"]
    assert f"default/outputrepo@{lost.output} is newer, was finished by then" in note


async def test_an_id_that_no_ledger_knows_is_looked_for_and_that_is_said(make, ask):
    world = await make()
    model = await world.publish(await world.push(), remember=False)
    for _ in range(6):
        await world.write(world.output, "a stranger's")

    answer = await ask("lineage", model.output[:12], "-o", "json")

    assert model.output == answer.json["model"]["commit"]
    [note] = answer.json["notes"]
    assert (
        f"no ledger knows {model.output[:12]} (there is none to read): 7 commits"
        in note
    )


async def test_what_cannot_be_asked_together_is_a_usage_error(ask, tmp_path):
    answers = await asyncio.gather(
        ask("lineage", "--up", "-o", "intoto"),
        ask("lineage", "--up", "--walk"),
        ask("lineage", str(tmp_path), "--at", "1d"),
        ask("lineage", "tfjob/mnist"),
    )

    assert [2, 2, 2, 2] == [each.status for each in answers]
    assert "names no TFJob of a run" in answers[-1].err
