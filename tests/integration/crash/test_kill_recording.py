"""kill -9 of the operator while it records that a commit gets no model."""

import pytest

from integration.crash.deaths import die_while, expect_all_well, live_again
from integration.crash.forked import ForkedProcess
from integration.crash.holds import ANY, EITHER, Fate, cases
from mnist_operator.decisions import Decision

_ATTEMPT = "mnist-operator/attempt"
_SECOND = _ATTEMPT, r"attempt\":2"
_FAILED = "ledger.jsonl", "Failed"
FAILING = cases(
    ("it closes the failed attempt", ANY, ("FinishCommit", _ATTEMPT, "Failed")),
    ("it tells of the attempt", EITHER, ("POST", "/events", "AttemptFailed")),
    ("it records the failure", ANY, ("ModifyFile", *_FAILED)),
    ("it tells of the failure", EITHER, ("POST", "/events", "TrainingFailed")),
    ("it shows the failure", EITHER, ("PATCH", "/status", "TrainingFailed")),
)
RETRYING = cases(
    ("it closes the first attempt", EITHER, ("FinishCommit", _ATTEMPT, "Failed")),
    ("it waits for the second attempt", EITHER, ("PATCH", "/status", "Retrying")),
    ("it opens the second attempt", ANY, ("StartCommit", *_SECOND)),
    ("it closes the second attempt", EITHER, ("FinishCommit", *_SECOND, "Failed")),
)


@pytest.mark.parametrize(("fate", "words"), FAILING)
async def test_one_failure_and_no_model_when_killed_while(world, fate, words):
    await world.apply()
    first = await world.push(exit=1, reason="DataInvalid", say="no digits")
    hold = await die_while(world, fate, *words)
    async with ForkedProcess(world):
        second = await live_again(world, first, hold)

    await expect_all_well(world, second, undone=[first], jobs=2)
    failure = (await world.ledger()).recent[-1]
    assert (Decision.FAILED, "DataInvalid") == (failure.decision, failure.reason)


@pytest.mark.parametrize(("fate", "words"), RETRYING)
async def test_no_attempt_too_many_when_killed_while(world, fate, words):
    await world.apply(attempts={"limit": 2, "backoffSeconds": 1})
    first = await world.push(exit=200)
    hold = await die_while(world, fate, *words)
    async with ForkedProcess(world):
        second = await live_again(world, first, hold)

    await expect_all_well(world, second, undone=[first], jobs=3)
    assert 2 == (await world.ledger()).recent[-1].attempt


async def test_an_attempt_that_follows_a_death_can_succeed(world):
    await world.apply(attempts={"limit": 2, "backoffSeconds": 0})
    mended = world.folder / "mended"
    first = await world.push(exit=200, unless=str(mended))
    await die_while(world, Fate.DONE, "FinishCommit", _ATTEMPT, "Failed")
    mended.touch()
    async with ForkedProcess(world):
        second = await live_again(world, first)

    await expect_all_well(world, first, second, jobs=3)


@pytest.mark.parametrize(
    ("fate", "words"),
    cases(
        ("it closes the late attempt", ANY, ("FinishCommit", "DeadlineExceeded")),
        ("it deletes the late job", EITHER, ("DELETE", "/tfjobs/")),
    ),
)
async def test_a_job_that_is_too_late_is_stopped_when_killed_while(world, fate, words):
    await world.apply(activeDeadlineSeconds=1)
    first = await world.push(wait_for=str(world.folder / "never"))
    hold = await die_while(world, fate, *words)
    async with ForkedProcess(world):
        second = await live_again(world, first, hold, activeDeadlineSeconds=3600)

    await expect_all_well(world, second, undone=[first], jobs=1)


@pytest.mark.parametrize(
    ("fate", "words"),
    cases(
        ("it records the skip", ANY, ("ModifyFile", "ledger.jsonl", "Skipped")),
        ("it tells of the skip", EITHER, ("POST", "/events", "CommitSkipped")),
    ),
)
async def test_a_commit_with_an_error_is_skipped_once_when_killed_while(
    world, fate, words
):
    await world.apply()
    first = await world.push(error="half of the digits are missing")
    hold = await die_while(world, fate, *words)
    async with ForkedProcess(world):
        second = await live_again(world, first, hold)

    await expect_all_well(world, second, undone=[first])
    assert Decision.SKIPPED is (await world.ledger()).recent[-1].decision
