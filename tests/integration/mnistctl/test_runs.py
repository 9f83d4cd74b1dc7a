"""mnistctl runs: every attempt of every slot, and what was made of it."""

import re

import yaml

from integration.mnistctl_world import INPUT, OUTPUT, TRAINING
from mnist_operator import places
from mnist_operator.decisions import failure_of
from mnist_operator.runs import Outcome, Verdict

OTHER = "6" * 32


async def fail(world, number=1, *, commit=OTHER, slot=0):
    """One attempt that failed."""
    opened = await world.open(commit, number, slot=slot)
    killed = Outcome(Verdict.FAILED, "TrainerKilled", "Exit code 137.", True, 137)
    return await world.close(opened, killed)


async def test_attempts_come_newest_first_with_what_became_of_them(world, ask):
    model = await world.publish()
    failed = await fail(world)
    again = await world.open(OTHER, 2)

    answer = await ask("runs", "mnist")
    as_json = await ask("runs", "default/mnist", "-o", "json")
    as_yaml = await ask("runs", "mnist", "-n", "default", "-o", "yaml")

    assert (0, "") == (answer.status, answer.err)
    header, first, second, why, third, hint = answer.out.splitlines()
    assert re.match(r"TIME +COMMIT +ATTEMPT +STATE +REASON +DURATION +TFJOB", header)
    assert re.search(rf"{OTHER}  2 +Open +-  .+  mnist-{again.staging[:12]}", first)
    assert re.search(rf"{OTHER}  1 +Failed +TrainerKilled  .+  -$", second)
    assert "  Exit code 137." == why
    assert re.search(rf"{INPUT}  1 +Succeeded .+  {model.output}$", third)
    log = f"mnistctl logs {failed.staging}"
    assert f"Log of the newest failed one: {log}" == hint
    assert as_json.json == yaml.safe_load(as_yaml.out)
    assert [None, None, model.output] == [
        each["modelCommit"] for each in as_json.json["runs"]
    ]


async def test_all_slots_are_merged_by_time(world, ask):
    for number, slot in enumerate([0, 1, 1, 0, 2], 1):
        await fail(world, number, slot=slot)

    answer = await ask("runs", "mnist", "-o", "json")
    newest = await ask("runs", "mnist", "-o", "json", "--limit", "2")

    assert [(5, 2), (4, 0), (3, 1), (2, 1), (1, 0)] == [
        (each["attempt"], each["slot"]) for each in answer.json["runs"]
    ]
    assert (3, False) == (answer.json["slots"], answer.json["more"])
    assert [5, 4] == [each["attempt"] for each in newest.json["runs"]]
    assert newest.json["more"]


async def test_one_input_commit_can_be_asked_for(world, ask):
    await fail(world, 1)
    await world.publish()
    await fail(world, 2)

    answer = await ask("runs", "mnist", "--commit", OTHER[:4], "-o", "json")
    unknown = await ask("runs", "mnist", "--commit", "ABC")

    assert [(OTHER, 2), (OTHER, 1)] == [
        (each["inputCommit"], each["attempt"]) for each in answer.json["runs"]
    ]
    assert (3, "") == (unknown.status, unknown.out)
    assert "no run of default/mnist is on an input commit abc" in unknown.err


async def test_what_was_decided_comes_from_the_ledger(world, ask):
    """Also where the run itself went well, and its result could not be used."""
    trained = await world.train()
    message = "run.json is missing"
    entry = failure_of(trained, "OutputInvalid", message, now=trained.closed)
    await world.remember(entry)

    answer = await ask("runs", "mnist")
    as_json = await ask("runs", "mnist", "-o", "json")

    [run] = as_json.json["runs"]
    assert ("Succeeded", None, None) == (
        run["state"],
        run["reason"],
        run["modelCommit"],
    )
    assert ("Failed", "OutputInvalid", "run.json is missing") == (
        run["decision"]["decision"],
        run["decision"]["reason"],
        run["decision"]["message"],
    )
    assert re.search(
        r"Succeeded  OutputInvalid .+\n  run.json is missing\n", answer.out
    )


async def test_a_model_that_the_ledger_misses_comes_from_the_output_branch(world, ask):
    missed = await world.publish(remember=False)

    answer = await ask("runs", "mnist", "-o", "json")

    [run] = answer.json["runs"]
    assert ("Published", missed.output, "0.9933") == (
        run["decision"]["decision"],
        run["modelCommit"],
        run["accuracy"],
    )


async def test_what_somebody_else_wrote_into_a_slot_is_passed_over(world, ask):
    await fail(world)
    branch = places.slot_branch(TRAINING)
    await world.write("somebody's", branch=branch)

    answer = await ask("runs", "mnist", "-o", "json")

    assert ["Failed"] == [each["state"] for each in answer.json["runs"]]


async def test_a_training_without_runs_is_said_in_one_line(world, ask):
    await world.client.create_branch(OUTPUT)

    answer = await ask("runs", "other")

    assert (3, "", 1) == (answer.status, answer.out, answer.err.count("\n"))
    assert "knows no run of a MnistTraining default/other" in answer.err
    assert "default/outputrepo_runs@default_other_0" in answer.err
