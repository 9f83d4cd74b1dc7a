"""mnistctl explain: why each commit was trained, or why not."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from integration.mnistctl_world import TRAINING
from mnist_operator import places
from mnist_operator.decisions import SUPERSEDED, Decision, Entry, Start, failure_of
from mnist_operator.runs import Outcome, Verdict
from mnist_operator.status import timestamp

INPUT = places.input_branch(TRAINING)
KILLED = Outcome(Verdict.FAILED, "TrainerKilled", "Exit code 137.", True, 137)
GONE = "c" * 32


async def push(world, branch=INPUT):
    """An input commit."""
    commit = await world.client.start_commit(branch, description="new digits")
    await world.client.finish_commit(branch.repo, commit)
    return (await world.client.commit(branch.repo, commit, wait_finished=True)).id


async def begin(world, commit, *, inclusive=True):
    """Let following begin at an input commit."""
    started = (await world.client.commit(INPUT.repo, commit)).started
    start = Start("Latest", commit, inclusive, started, str(INPUT))
    await world.remember(Entry(datetime.now(UTC), Decision.STARTED, start=start))


async def fail(world, commit, number=1):
    return await world.close(await world.open(commit, number), KILLED)


async def remember_failure(world, attempt):
    end = attempt.outcome
    entry = failure_of(attempt, end.reason, end.message, now=datetime.now(UTC))
    await world.remember(entry)


@pytest.fixture(name="pushed")
async def _pushed(world):
    """Five input commits; following began at the second one."""
    await world.client.create_repo(INPUT.repo)
    commits = [await push(world) for _ in range(5)]
    await begin(world, commits[1])
    return commits


async def test_every_commit_is_told_newest_first_with_what_became_of_it(
    world, ask, pushed
):
    _, first, second, third, head = pushed
    model = await world.publish(input_commit=first)
    await fail(world, second)
    await remember_failure(world, await fail(world, second, 2))
    now = datetime.now(UTC)
    await world.remember(Entry(now, Decision.SKIPPED, third, SUPERSEDED, "Newer."))
    await world.open(head)
    newest = await push(world)

    answer = await ask("explain", "mnist")
    as_json = await ask("explain", "default/mnist", "-o", "json", "--limit", "4")
    as_yaml = await ask("explain", "mnist", "-o", "yaml", "--limit", "4")

    assert (0, "") == (answer.status, answer.err)
    start, header, *lines, hint = answer.out.splitlines()
    assert f"default/mnist follows {INPUT}, from Latest, commit {first}" == start
    assert re.match(r"TIME +INPUT +OUTCOME +SPEC +WHY", header)
    assert re.search(f"{newest}  waiting .+ behind 1 older commit, .+ {head}", lines[0])
    assert re.search(rf"{head}  running +[0-9a-f]{{12}}  attempt 1 runs", lines[1])
    assert re.search(f"{third}  superseded  - +Superseded: Newer.", lines[2])
    assert re.search(f"{second}  failed .+  attempt 2: TrainerKilled: Exit", lines[3])
    made = f"attempt 1 made model {model.output}, accuracy 0.9933"
    assert re.search(f"{first}  trained +[0-9a-f]{{12}}  {made}", lines[4])
    assert "mnistctl get default/mnist" in hint
    assert as_json.json == yaml.safe_load(as_yaml.out)
    assert ["waiting", "running", "superseded", "failed"] == [
        each["outcome"] for each in as_json.json["commits"]
    ]
    assert [1, 0, None, None] == [
        each["waitsBehind"] for each in as_json.json["commits"]
    ]
    assert 5 == as_json.json["total"]


async def test_what_waits_behind_failures_may_be_stopped(world, ask, cluster, pushed):
    _, first, second, *_, head = pushed
    for each in (first, second):
        await remember_failure(world, await fail(world, each))
    ready = {
        "type": "Ready",
        "status": "False",
        "reason": "StoppedAfterFailures",
        "message": "2 commits failed in a row.",
        "lastTransitionTime": timestamp(datetime.now(UTC)),
    }
    status = {"head": head, "conditions": [ready]}
    await cluster.create("mnist", status=status)

    by_ledger = await ask("explain", "mnist")
    by_status = await ask("explain", "mnist", KUBECONFIG=str(cluster.kubeconfig))

    waits = "waits; the 2 commits before it failed in a row: perhaps stopped"
    get = "(spec.stopAfterFailures): mnistctl get default/mnist"
    assert f"{waits} {get}" in by_ledger.out
    assert "  StoppedAfterFailures: 2 commits failed in a row." in by_status.out
    for answer in (by_ledger, by_status):
        assert 0 == answer.status
        assert "next" not in answer.out


async def test_a_failed_commit_that_is_trained_again_says_so(world, ask, pushed):
    _, first, *_ = pushed
    await remember_failure(world, await fail(world, first))
    again = await world.open(first, request="once more")

    overview = await ask("explain", "mnist")
    story = await ask("explain", "mnist", first)

    now = f"being trained now, attempt 1 since {timestamp(again.opened)}"
    assert re.search(
        f"{first}  failed .+  {now}; attempt 1: TrainerKilled", overview.out
    )
    assert f"  waits       {now}" in story.out.splitlines()


async def test_one_commit_has_a_story_up_to_the_model_that_came_after(
    world, ask, pushed
):
    _, commit, later, *_ = pushed
    failed = await fail(world, commit)
    model = await world.publish(input_commit=commit)
    after = await world.publish(input_commit=later)

    answer = await ask("explain", "mnist", commit[:9])
    as_json = await ask("explain", "mnist", model.output, "-o", "json")

    assert (0, "") == (answer.status, answer.err)
    lines = answer.out.splitlines()
    happened = lines.index("What happened")
    assert f"Input commit {commit} of {INPUT}" == lines[0]
    assert "  described   new digits" in lines
    assert "  outcome     trained" in lines
    assert f"attempt 1 began: run {failed.staging}" in lines[happened + 1]
    assert "attempt 1 failed after 0s: TrainerKilled: Exit" in lines[happened + 2]
    assert "attempt 1 succeeded after" in lines[happened + 4]
    assert (
        f"decided: trained: attempt 1 made model {model.output}"
        in (lines[happened + 5])
    )
    assert lines[-1].endswith(
        f"model {after.output} of input commit {later} took the place of {model.output}"
    )
    [told] = as_json.json["models"]
    assert (commit, after.output) == (
        as_json.json["inputCommit"],
        told["replacedBy"]["modelCommit"],
    )
    assert {"worker": 1} == as_json.json["attempts"][1]["replicas"]


async def test_a_commit_that_waits_is_told_what_it_waits_behind(world, ask, pushed):
    _, first, second, third, _ = pushed
    await world.publish(input_commit=first)
    await fail(world, second)

    waits = await ask("explain", "mnist", f"{INPUT}^")
    next_one = await ask("explain", "mnist", second, "-o", "json")

    assert f"Input commit {third} of" in waits.out
    assert f"  waits       behind 1 older commit, the oldest is {second}" in waits.out
    assert "nothing yet" in waits.out
    assert "mnistctl get default/mnist" in waits.out
    assert ("retrying", "attempt 1: Failed TrainerKilled: Exit code 137.", 0) == (
        next_one.json["outcome"],
        next_one.json["waits"],
        next_one.json["waitsBehind"],
    )


async def test_a_model_that_the_ledger_misses_counts(world, ask, pushed):
    _, first, second, *_ = pushed
    await world.publish(input_commit=first)
    missed = await world.publish(input_commit=second, remember=False)

    answer = await ask("explain", "mnist", "-o", "json")
    story = await ask("explain", "mnist", second)

    assert ["waiting", "waiting", "trained", "trained"] == [
        each["outcome"] for each in answer.json["commits"]
    ]
    assert f"model {missed.output} is the newest one" in story.out


async def test_a_commit_that_is_gone_is_told_by_the_ledger(world, ask, pushed):
    await world.remember(Entry(datetime.now(UTC), Decision.SKIPPED, GONE, "InputGone"))

    answer = await ask("explain", "mnist", GONE[:12])

    assert (0, "") == (answer.status, answer.err)
    assert "  state       not in the repo any more" in answer.out
    assert "decided: skipped: InputGone" in answer.out


async def test_of_what_nothing_is_known_the_reason_is_said(world, ask, pushed):
    older, first, second, *_ = pushed
    await world.publish(input_commit=second)
    branch = type(INPUT)(INPUT.repo, "other")
    elsewhere = await push(world, branch)

    cases = {
        older: "it is older than where following default/inputrepo@master began",
        first: "commits above it on default/inputrepo@master are decided",
        elsewhere: "it is not on default/inputrepo@master, which is followed",
        "0" * 32: "has no commit 000000000",
    }
    for commit, reason in cases.items():
        answer = await ask("explain", "mnist", commit)

        assert (3, "", 1) == (answer.status, answer.out, answer.err.count("\n"))
        assert reason in answer.err


async def test_a_start_after_a_commit_leaves_it_out(world, ask):
    await world.client.create_repo(INPUT.repo)
    commit = await push(world)
    await begin(world, commit, inclusive=False)

    answer = await ask("explain", "mnist", commit)

    assert 3 == answer.status
    assert "following default/inputrepo@master began after it" in answer.err


async def test_without_a_start_the_newest_model_tells_what_is_followed(world, ask):
    model = await world.publish()

    answer = await ask("explain", "mnist", "-o", "json")

    assert (str(INPUT), None) == (answer.json["branch"], answer.json["start"])
    assert [model.output] == [each["modelCommit"] for each in answer.json["commits"]]


async def test_a_training_that_never_was_is_said(world, ask):
    unknown = await ask("explain", "other")
    foreign = await ask("explain", "mnist", "what?")

    assert (3, "") == (unknown.status, unknown.out)
    assert "knows nothing of a MnistTraining default/other" in unknown.err
    assert 2 == foreign.status


async def test_without_the_input_repo_the_decisions_are_told_all_the_same(world, ask):
    """Years later nothing but the run repo may be left."""
    day = datetime.now(UTC) - timedelta(days=900)
    await world.remember(
        Entry(day, Decision.STARTED, start=Start("Earliest", source=str(INPUT))),
        Entry(day, Decision.SKIPPED, GONE, "ContentUnchanged", "Its files are known."),
    )

    answer = await ask("explain", "mnist")

    assert (0, "") == (answer.status, answer.err)
    assert re.search(f"{GONE}  filtered +- +ContentUnchanged: Its files", answer.out)
    assert f"Note: there is no {INPUT} any more" in answer.out
