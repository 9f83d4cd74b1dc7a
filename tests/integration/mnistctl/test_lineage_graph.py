"""mnistctl lineage --up and --down: what is told, and what is not believed."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mnist_operator import places
from mnist_operator.commits import Branch, Repo
from mnist_operator.decisions import Decision, Entry, Start
from mnist_operator.lineage import LINEAGE_FILE
from mnist_operator.pachyderm import PutFile


def models(report):
    return [n["id"].rpartition("@")[2] for n in report["nodes"] if n["kind"] == "model"]


def lines_of(answer):
    return [line.lstrip(" │├└─") for line in answer.out.splitlines()]


@pytest.mark.parametrize("native", [True, False], ids=["native", "metadata"])
async def test_a_chain_of_models_is_told_up_and_down(make, ask, native):
    """Two input commits; the second model began from the first, the third anew."""
    world = await make(native=native, warm=True)
    old, new = await world.push(), await world.push()
    first = await world.publish(old)
    second = await world.publish(new, begins_from=first.output)
    third = await world.publish(new)

    up, down, bare, of_model, drawn = await asyncio.gather(
        ask("lineage", f"outputrepo@{second.output}", "--up"),
        ask("lineage", "inputrepo@master^", "--down", "-o", "json"),
        ask("lineage", new[:12], "--down", "-o", "json"),
        ask("lineage", f"tfjob/{first.tfjob}", "--down", "-o", "json"),
        ask("lineage", "outputrepo@master", "-o", "dot"),
    )

    told = lines_of(up)
    assert (0, "") == (up.status, up.err)
    assert told[0].startswith(f"model default/outputrepo@{second.output} of default/")
    assert told[1].startswith(f"made by run default/outputrepo_runs@{second.run}")
    assert told[2].startswith(f"learned from commit default/inputrepo@{new}")
    assert native == told[2].endswith(", as pachd's provenance says, too")
    assert told[3].startswith(f"began from model default/outputrepo@{first.output}")
    assert f"learned from commit default/inputrepo@{old}" in told[5]
    assert {first.output, second.output} == set(models(down.json))
    assert {second.output, third.output} == set(models(bare.json))
    assert f"default/inputrepo@{new}" == bare.json["root"]
    assert {first.output, second.output} == set(models(of_model.json))
    assert all(each.json["agrees"] for each in (down, bare, of_model))
    assert drawn.out.startswith("digraph lineage {\n")
    assert f'"default/outputrepo@{third.output}"' in drawn.out


async def test_depth_says_what_it_leaves_out(make, ask):
    world = await make(warm=True)
    data = await world.push()
    first = await world.publish(data)
    second = await world.publish(data, begins_from=first.output)

    up = await ask("lineage", "--up", "--depth", "1", "-o", "json")
    down = await ask("lineage", first.output, "--down", "--depth", "1", "-o", "json")

    assert not up.json["complete"]
    assert f"more above default/outputrepo@{first.output}" in up.json["notes"][0]
    assert (True, [first.output, second.output]) == (
        down.json["complete"],
        models(down.json),
    )


async def test_a_model_is_found_behind_more_than_a_thousand_others(make, ask):
    world = await make(warm=True)
    data = await world.push()
    first = await world.publish(data)
    last = await world.publish(data, begins_from=first.output)
    begun = await world.client.commit(world.output.repo, first.output)
    dropped = [
        replace(last, output=f"{n:032x}", time=begun.finished) for n in range(1, 1101)
    ]
    await world.remember(*dropped)

    down = await ask("lineage", first.output, "--down", "-o", "json")

    assert [first.output, last.output] == models(down.json)
    assert down.json["complete"]


async def test_without_a_ledger_the_branch_is_looked_at_and_that_is_said(make, ask):
    world = await make()
    data = await world.push()
    model = await world.publish(data, remember=False)

    down = await ask("lineage", f"inputrepo@{data}", "--down")
    job = await ask("lineage", f"tfjob/default/{model.tfjob}")

    assert (0, "") == (down.status, down.err)
    assert [line for line in lines_of(down) if f"@{model.output} of" in line]
    assert "Note: no ledger knows default/outputrepo@master: all of its 1" in down.out
    assert "Note: no ledger has it yet" in job.out


async def test_a_model_that_the_ledger_does_not_have_yet_is_found(make, ask):
    world = await make()
    data = await world.push()
    known = await world.publish(data)
    fresh = await world.publish(data, remember=False)

    answer = await ask("lineage", "inputrepo@master", "--down", "-o", "json")

    assert {known.output, fresh.output} == set(models(answer.json))
    assert [] == answer.json["notes"]


async def test_a_ledger_that_lies_is_told_and_not_believed(make, ask):
    world = await make()
    bad, good = await world.push(), await world.push()
    model = await world.publish(good, remember=False)
    gone = replace(model, output="9" * 32, run="8" * 32)
    await world.remember(replace(model, commit=bad), replace(gone, commit=bad))

    answer = await ask("lineage", f"inputrepo@{bad}", "--down")
    walked = await ask("lineage", f"inputrepo@{good}", "--down", "--walk", "-o", "json")

    assert 4 == answer.status
    assert f"@{model.output} learned from {bad}, its description says" in answer.err
    assert model.output not in answer.out
    assert f"{gone.output} accuracy 0.9933 GONE: squashed or dropped" in answer.out
    assert "only the ledger still says so" in answer.out
    assert [model.output] == models(walked.json)


async def test_a_description_that_denies_pachds_provenance_is_told(make, ask):
    """Somebody finishes the commit that pachd opened, with another one's record."""
    world = await make(native=True)
    data, other = await world.push(), await world.push()
    model = await world.publish(data)
    repo = world.output.repo
    content = await world.client.read(repo, model.output, LINEAGE_FILE)
    description = (await world.client.commit(repo, model.output)).description
    await world.client.create_branch(places.pin_branch(world.training), other)
    forged = await world.client.branch_head_id(places.staged_branch(world.training))
    await world.client.modify(repo, forged, [PutFile(LINEAGE_FILE, content)])
    await world.client.finish_commit(repo, forged, description=description)
    await world.client.commit(repo, forged, wait_finished=True)

    await world.client.create_branch(world.output, forged)

    alone, up, down = await asyncio.gather(
        ask("lineage", forged),
        ask("lineage", forged, "--up"),
        ask("lineage", f"inputrepo@{other}", "--down"),
    )

    said = f"learned from default/inputrepo@{data}, pachd: default/inputrepo@{other}"
    assert [4, 4, 4] == [each.status for each in (alone, up, down)]
    assert said in alone.err
    assert f"led to model default/outputrepo@{forged}" in down.out
    assert f"DISAGREES: the description says it {said}" in up.out
    assert f"came of commit default/inputrepo@{other}" in up.out
    assert f"learned from commit default/inputrepo@{data}" in up.out


@pytest.mark.parametrize(
    "how",
    [{"native": True}, {"run_repo": "outputrepo_runs"}],
    ids=["pachd-names-it", "its-run-names-it"],
)
async def test_models_in_another_output_repo_are_found(make, ask, how):
    world = await make(repo="models", **how)
    model = await world.publish(await world.push())

    answer = await ask("lineage", "inputrepo@master", "--down")

    assert (0, "") == (answer.status, answer.err)
    assert f"made model default/models@{model.output} of default/mnist" in answer.out
    assert "Note" not in answer.out


async def test_data_that_was_dropped_stays_in_the_answer(make, ask):
    world = await make()
    data = await world.push()
    await world.publish(data)
    await world.client.drop_commit(world.input.repo, data)

    answer = await ask("lineage", "--up")

    assert 0 == answer.status
    assert f"commit default/inputrepo@{data} GONE: squashed or dropped" in answer.out


async def test_what_pachd_made_the_data_from_is_part_of_it(make, ask):
    """As where a pipeline makes the data from what somebody pushes."""
    world = await make()
    raw = Branch(Repo("default", "raw"), "master")
    await world.client.create_repo(raw.repo)
    await world.client.create_branch(world.input, provenance=[raw])
    first = await world.client.branch_head_id(world.input)
    await world.client.finish_commit(world.input.repo, first)
    pushed = await world.write(raw, "")
    await world.client.finish_commit(world.input.repo, pushed)
    await world.client.commit(world.input.repo, pushed, wait_finished=True)
    model = await world.publish(pushed)

    up = await ask("lineage", "--up")
    down = await ask("lineage", "raw@master", "--down")

    told = lines_of(up)
    assert told[2].startswith(f"learned from commit default/inputrepo@{pushed}")
    assert told[3].startswith(f"came of commit default/raw@{pushed}")
    below = lines_of(down)
    assert below[0].startswith(f"commit default/raw@{pushed}")
    assert below[1].startswith(f"led to commit default/inputrepo@{pushed}")
    assert below[3].startswith(f"made model default/outputrepo@{model.output}")


async def test_an_input_commit_that_nothing_learned_from_is_an_answer(make, ask):
    world = await make()
    data = await world.push()
    now = datetime.now(UTC)
    source = Start("Latest", source="default/inputrepo@master")
    skipped = Entry(now, Decision.SKIPPED, commit=data, reason="CommitErrored")
    await world.remember(Entry(now, Decision.STARTED, start=source), skipped)

    answer = await ask("lineage", data[:8], "--down")

    assert (0, "") == (answer.status, answer.err)
    assert answer.out.startswith(f"commit default/inputrepo@{data}")
    assert "nothing is known to have come of it\n" in answer.out
