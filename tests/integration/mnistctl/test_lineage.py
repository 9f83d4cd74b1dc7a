"""mnistctl lineage: every way to ask, and what is said where there is no answer."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from integration.mnistctl_world import DEADLINE_SECONDS, INPUT, OUTPUT
from mnist_operator.lineage import LINEAGE_FILE


async def test_a_branch_means_its_newest_model(world, ask):
    await world.publish(accuracy=0.9)
    newest = await world.publish(input_commit="6" * 32, accuracy=0.95)

    answer = await ask("lineage", "outputrepo@master")

    assert (0, "") == (answer.status, answer.err)
    assert f"Model {newest.output} of default/mnist\n" in answer.out
    assert f"default/inputrepo@master={'6' * 32}\n" in answer.out
    assert "0.9500\n" in answer.out
    assert "lineage.json, description and metadata map agree\n" in answer.out
    assert "\x1b" not in answer.out


async def test_every_way_to_name_a_model_finds_the_same(world, ask):
    model = (await world.publish()).output
    newer = (await world.publish(input_commit="6" * 32)).output
    ways = [
        [model],
        [model[:13].upper()],
        [f"outputrepo@{model}"],
        [f"default/outputrepo@{model[:6]}"],
    ]
    current = [["default/outputrepo@master"], ["--at", "2999-01-01"]]

    answers = await asyncio.gather(
        *(ask("lineage", *way, "-o", "json") for way in [*ways, *current])
    )

    assert [model] * len(ways) + [newer] * len(current) == [
        answer.json["model"]["commit"] for answer in answers
    ]


async def test_a_time_means_the_model_that_was_current_then(world, ask):
    first = await world.publish()
    between = await _wait_for_the_next_second(first.time)
    second = await world.publish(input_commit="6" * 32)

    answer = await ask("lineage", "--at", between.isoformat(), "-o", "json")
    before = await ask("lineage", "outputrepo@master", "--at", "2020-01-01")

    assert first.output == answer.json["model"]["commit"] != second.output
    assert f"{between:%Y-%m-%dT%H:%M:%SZ}" == answer.json["asked"]["at"]
    assert (3, "") == (before.status, before.out)
    assert "no model was current at 2020-01-01T00:00:00Z" in before.err
    assert first.output in before.err


async def test_json_and_yaml_hold_the_same(world, ask):
    entry = await world.publish()

    as_json = await ask("lineage", "-o", "json")
    as_yaml = await ask("lineage", "-o", "yaml")

    assert as_json.json == yaml.safe_load(as_yaml.out)
    assert entry.run == as_json.json["run"]["commit"]


async def test_an_open_head_is_passed_and_said(world, ask):
    model = await world.publish()
    opened = await world.client.start_commit(OUTPUT, description="somebody's")

    answer = await ask("lineage", "outputrepo@master")
    refused = await ask("lineage", opened)

    assert 0 == answer.status
    assert f"Model {model.output} " in answer.out
    assert f"no finished model: {opened} (open)" in answer.out
    assert (3, 1) == (refused.status, refused.err.count("\n"))
    assert "is not a model" in refused.err


async def test_an_ambiguous_beginning_lists_the_candidates(world, ask):
    ids: set[str] = set()
    while len({each[0] for each in ids}) == len(ids):
        ids.add(await world.write("no model"))
    digits = [each[0] for each in ids]
    shared = next(digit for digit in digits if digits.count(digit) > 1)

    answer = await ask("lineage", f"outputrepo@{shared}")

    assert (3, "") == (answer.status, answer.out)
    assert f"{shared} is the beginning of 2 commits" in answer.err
    assert all(each in answer.err for each in ids if each[0] == shared)


async def test_a_record_that_was_changed_is_told_by_status_and_warning(world, ask):
    good = await world.publish()
    commit = await world.client.commit(OUTPUT.repo, good.output)
    content = await world.client.read(OUTPUT.repo, good.output, LINEAGE_FILE)
    forged = await world.write(
        commit.description, content.replace(INPUT.encode(), b"6" * 32)
    )

    answer = await ask("lineage", forged)
    as_json = await ask("lineage", forged, "-o", "json")

    assert (4, 4) == (answer.status, as_json.status)
    assert "THE COPIES DISAGREE" in answer.out
    assert "Warning: the copies of the record disagree" in answer.err
    assert not as_json.json["record"]["agrees"]
    told = "\n".join(as_json.json["record"]["disagreements"])
    assert "/lineage.json is not the one that the description names" in told
    assert f"inputCommit: the description says {INPUT}" in told


async def test_an_index_that_somebody_edited_is_told(world, ask):
    model = await world.publish()
    wrong = {"input.commit": "6" * 32}
    await world.client.edit_metadata(OUTPUT.repo, model.output, wrong)

    answer = await ask("lineage")

    assert 4 == answer.status
    assert "input.commit: the metadata map, which anyone may edit," in answer.err


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        pytest.param("f" * 32, "has no commit", id="unknown-commit"),
        pytest.param("outputrepo@fff", "neither a branch nor", id="unknown-prefix"),
        pytest.param("fff", "is no commit on", id="unknown-bare-prefix"),
        pytest.param("outputrepo@dev", "there is no default/outputrepo@dev",
                     id="unknown-branch"),
        pytest.param("nowhere@master", "there is no repo default/nowhere",
                     id="unknown-repo"),
        pytest.param("outputrepo@master", "no finished model", id="no-model-yet"),
    ],
)  # fmt: skip
async def test_what_is_not_there_is_said_in_one_line(world, ask, reference, said):
    await world.client.create_branch(OUTPUT)

    answer = await ask("lineage", reference)

    assert (3, "", 1) == (answer.status, answer.out, answer.err.count("\n"))
    assert said in answer.err


async def _wait_for_the_next_second(moment):
    """Times are compared to the second: the next commit must be in another one."""
    following = moment.replace(microsecond=0) + timedelta(seconds=1)
    async with asyncio.timeout(DEADLINE_SECONDS):
        while datetime.now(UTC) < following:
            await asyncio.sleep(0.05)
    return following - timedelta(microseconds=1)
