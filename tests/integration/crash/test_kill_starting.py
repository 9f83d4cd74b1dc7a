"""kill -9 of the operator on the way from a commit to its TFJob."""

import pytest

from integration.crash.deaths import expect_all_well, survive
from integration.crash.holds import ANY, EITHER, cases

CASES = cases(
    ("it makes the output repo", EITHER, ("CreateRepo", 'name: "outputrepo"')),
    ("it makes the run repo", EITHER, ("CreateRepo", 'name: "outputrepo_runs"')),
    ("it records the starting point", ANY, ("ModifyFile", "ledger.jsonl", "Started")),
    ("it opens the staging commit", ANY, ("StartCommit", "mnist-operator/attempt")),
    ("it clears the staging commit", ANY, ("ModifyFile", "/attempt.json")),
    ("it creates the TFJob", ANY, ("POST", "/tfjobs")),
    ("it tells that the run started", EITHER, ("POST", "/events", "RunStarted")),
)


@pytest.mark.parametrize(("fate", "words"), CASES)
async def test_one_model_for_each_commit_when_killed_while(world, fate, words):
    commits = await survive(world, fate, *words)

    await expect_all_well(world, *commits)
