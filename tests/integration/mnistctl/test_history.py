"""mnistctl history: decisions, models that the ledger misses, and nothing at all."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import yaml

from integration.mnistctl_world import INPUT
from mnist_operator.decisions import Decision, Entry, Start


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


async def test_the_limit_says_what_it_leaves_out(world, ask):
    day = datetime(2026, 1, 1, tzinfo=UTC)
    entry = Entry(day, Decision.SKIPPED, commit="c" * 32, reason="CommitErrored")
    await world.remember(
        *(replace(entry, time=day + timedelta(days=n)) for n in range(15))
    )

    answer = await ask("history", "mnist", "--limit", "12")

    assert "2026-01-15T00:00:00Z" in answer.out
    assert "2026-01-04T00:00:00Z" in answer.out
    assert "3 older ones: ask with --limit" in answer.out


async def test_a_training_that_never_was_is_said(world, ask):
    answer = await ask("history", "other")

    assert (1, "", 1) == (answer.status, answer.out, answer.err.count("\n"))
    assert "knows nothing of a MnistTraining default/other" in answer.err
