"""mnistctl history: decisions, models that the ledger misses, and nothing at all."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import yaml

from integration.mnistctl_world import INPUT, Running
from mnist_operator.decisions import Decision, Entry, Start

OTHER = "6" * 32


def skipped(commit, **values):
    now = values.pop("time", datetime.now(UTC))
    commit = commit * (32 // len(commit))
    return Entry(now, Decision.SKIPPED, commit, "InputErrored", **values)


async def test_decisions_come_newest_first_with_their_reasons(world, ask):
    now = datetime.now(UTC) - timedelta(days=1)
    started = Entry(now, Decision.STARTED, start=Start("Latest", INPUT))
    failed = Entry(
        now,
        Decision.FAILED,
        commit="a" * 32,
        reason="DataInvalid",
        message="x_train is missing",
        attempt=2,
        run="b" * 32,
    )
    await world.remember(started, failed)
    published = await world.publish()

    answer = await ask("history", "mnist")
    as_json = await ask("history", "default/mnist", "-o", "json")
    as_yaml = await ask("history", "mnist", "-n", "default", "-o", "yaml")

    assert (0, "") == (answer.status, answer.err)
    lines = answer.out.splitlines()
    assert re.match(r"TIME +DECISION +INPUT +MODEL +ACCURACY", lines[0])
    assert f"Published  {INPUT}  {published.output}  0.9933" in lines[1]
    assert f"Failed     {'a' * 32}  -" in lines[2]
    assert "  DataInvalid: x_train is missing" == lines[3]
    assert as_json.json == yaml.safe_load(as_yaml.out)
    assert ["Published", "Failed"] == [
        each["decision"] for each in as_json.json["decisions"]
    ]


async def test_a_model_that_the_ledger_misses_is_shown(world, ask):
    known = await world.publish()
    missed = await world.publish(input_commit="6" * 32, remember=False)

    answer = await ask("history", "mnist", "-o", "json")

    assert [(missed.output, "output"), (known.output, "ledger")] == [
        (each["modelCommit"], each["source"]) for each in answer.json["decisions"]
    ]
    assert "1 model is on default/outputrepo@master" in answer.json["notes"][0]


async def test_below_a_model_stands_what_changed_since_the_one_before(world, ask):
    first = await world.publish(accuracy=0.9921)
    await world.remember(skipped("a"))
    second = await world.publish(input_commit=OTHER, accuracy=0.9933)

    answer = await ask("history", "mnist")
    as_json = await ask("history", "mnist", "-o", "json", "--models")

    _, newest, changes, _, _, oldest = answer.out.splitlines()
    assert f"{second.output}  0.9933    +0.12 %p" in newest
    assert "  data: another commit, the same files" == changes
    assert f"{first.output}  0.9921    -" in oldest
    [found, before] = as_json.json["decisions"]
    assert (first.output, "+0.0012", True) == (
        found["previousModelCommit"],
        found["accuracyChange"],
        found["dataEqual"],
    )
    assert [
        {"part": "data", "key": "commit", "before": INPUT, "after": OTHER}
    ] == found["changes"]
    assert before["changes"] is None


async def test_only_models_are_shown_and_counted_if_asked(world, ask):
    for number in range(3):
        await world.remember(skipped(f"{number}"))
        await world.publish(input_commit=f"{number}" * 32)

    answer = await ask("history", "mnist", "--models", "--limit", "2")

    assert 2 == answer.out.count("Published")
    assert "Skipped" not in answer.out
    assert "1 older ones: ask with --limit" in answer.out


async def test_a_model_whose_commit_is_gone_is_told_by_the_ledger(world, ask):
    day = datetime(2026, 1, 1, tzinfo=UTC)
    gone = Entry(
        day, Decision.PUBLISHED, commit=OTHER, run="b" * 32, output="d" * 32, attempt=1
    )
    await world.remember(gone)
    await world.publish()

    answer = await ask("history", "mnist", "-o", "json")

    [newest, oldest] = answer.json["decisions"]
    assert (True, False) == (newest["recordRead"], oldest["recordRead"])
    assert {"commit", "sha256"} == {each["key"] for each in newest["changes"]}


async def test_two_models_are_shown_side_by_side(world, ask):
    first = await world.publish(accuracy=0.9921)
    second = await world.publish(input_commit=OTHER, accuracy=0.9933)

    answer = await ask("history", "mnist", "--diff", "^1", "^0")
    as_json = await ask(
        "history", "mnist", "--diff", first.output[:9], "outputrepo@master", "-ojson"
    )

    assert (0, "") == (answer.status, answer.err)
    assert f"  A           {first.output}, finished" in answer.out
    assert f"  B           {second.output}, finished" in answer.out
    assert re.search(rf"\ndata +commit +{INPUT} +{OTHER}\n", answer.out)
    assert re.search(r"\nmetrics +accuracy +0\.9921 +0\.9933\n", answer.out)
    assert (first.output, second.output, "+0.0012") == (
        as_json.json["before"]["modelCommit"],
        as_json.json["after"]["modelCommit"],
        as_json.json["accuracyChange"],
    )
    assert "my_model.h5" in {
        each["key"] for each in as_json.json["differences"] if each["part"] == "output"
    }


async def test_what_is_no_model_of_it_cannot_be_compared(world, ask):
    await world.publish()

    foreign = await ask("history", "other", "--diff", "^0", "^0")
    unknown = await ask("history", "mnist", "--diff", "0123456789abcdef", "^0")
    first = await ask("history", "mnist", "--diff", "^1", "^0")
    wrong = await ask("history", "mnist", "--diff", "what?", "^0")

    assert [3, 3, 3, 2] == [each.status for each in (foreign, unknown, first, wrong)]
    assert "is a model of default/mnist, not of default/other" in foreign.err
    assert "^N alone is the Nth before the newest" in wrong.err


async def test_who_stops_reading_ends_it_quietly(world, pachd):
    day = datetime(2026, 1, 1, tzinfo=UTC)
    entries = (skipped(f"{n:032x}", time=day, message="x" * 400) for n in range(2000))
    await world.remember(*entries)

    for kind in ([], ["-o", "json"], ["-o", "yaml"]):
        arguments = "history", "mnist", "--limit", "2000", *kind
        async with Running(*arguments, PACHD_ADDRESS=pachd.address) as process:
            await process.line("2026" if not kind else "Skipped")
            process.stop_reading()
            answer = await process.end()

        assert (0, "") == (answer.status, answer.err)


async def test_a_list_that_is_empty_is_whole(world, ask):
    now = datetime.now(UTC)
    await world.remember(Entry(now, Decision.STARTED, start=Start("Next")))

    as_json = await ask("history", "mnist", "-o", "json")
    as_yaml = await ask("history", "mnist", "-o", "yaml")

    assert ([], 0, "Next") == (
        as_json.json["decisions"],
        as_json.json["total"],
        as_json.json["start"]["asked"],
    )
    assert as_json.json == yaml.safe_load(as_yaml.out)


async def test_the_limit_says_what_it_leaves_out(world, ask):
    day = datetime(2026, 1, 1, tzinfo=UTC)
    entry = Entry(day, Decision.SKIPPED, reason="InputErrored")
    await world.remember(
        *(
            replace(entry, time=day + timedelta(days=n), commit=f"{n:x}" * 32)
            for n in range(15)
        )
    )

    answer = await ask("history", "mnist", "--limit", "12")

    assert "2026-01-15T00:00:00Z" in answer.out
    assert "2026-01-04T00:00:00Z" in answer.out
    assert "3 older ones: ask with --limit" in answer.out


async def test_a_training_that_never_was_is_said(world, ask):
    answer = await ask("history", "other")

    assert (3, "", 1) == (answer.status, answer.out, answer.err.count("\n"))
    assert "knows nothing of a MnistTraining default/other" in answer.err
