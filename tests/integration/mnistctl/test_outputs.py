"""Where mnistctl looks for the records of a training that publishes elsewhere."""

from datetime import UTC, datetime

import pytest

from integration.mnistctl_world import INPUT, TRAINING
from mnist_operator import places, runs
from mnist_operator.commits import Repo
from mnist_operator.decisions import SUPERSEDED, Decision, Entry, to_lines
from mnist_operator.ledger import LEDGER_FILE
from mnist_operator.pachyderm import PutFile
from mnist_operator.resource import Output, Spec
from mnist_operator.runs import job_name
from unit import mnistctl_records as records

ELSEWHERE = {"repo": "digits-models", "branch": "main", "runRepo": "digits-attempts"}
asking = pytest.mark.parametrize("words", ["explain", "history", "ledger show"])
THERE = TRAINING.model_copy(
    update={"spec": Spec(output=Output.model_validate(ELSEWHERE))}
)


@pytest.fixture(name="elsewhere")
async def _elsewhere(world, cluster):
    """A training with a decision, neither of them in the repos of the defaults."""
    await cluster.create("mnist", spec={"output": ELSEWHERE})
    for repo in (THERE.spec.output.repo, places.run_repo(THERE).name):
        await world.client.create_repo(Repo("default", repo))
    skip = Entry(datetime.now(UTC), Decision.SKIPPED, INPUT, SUPERSEDED, "Newer.")
    ledger = places.ledger_branch(THERE)
    await world.client.append(ledger, LEDGER_FILE, to_lines([skip]))
    return {"KUBECONFIG": str(cluster.kubeconfig)}


@pytest.fixture(name="failed")
async def _failed(world, elsewhere):
    """The staging commit of an attempt of that training, which failed with a log."""
    client, branch, now = world.client, places.slot_branch(THERE), datetime.now(UTC)
    planned = runs.new_attempt(THERE, INPUT, 1, "2" * 64, opened=now)
    described = runs.describe_attempt(planned)
    staging = await client.start_commit(branch, description=described)
    opened = runs.read_attempt(await client.commit(branch.repo, staging))
    await client.modify(branch.repo, staging, [PutFile(runs.LOG_FILE, b"epoch 1/1\n")])
    facts = records.ended(staging=staging, training=THERE)
    killed = runs.Outcome(runs.Verdict.FAILED, "TrainerKilled", "Exit code 137.")
    ended = runs.describe_outcome(opened, killed, facts)
    await client.finish_commit(branch.repo, staging, description=ended)
    await client.commit(branch.repo, staging, wait_finished=True)
    return staging


async def test_a_log_is_found_by_its_training_or_tfjob_wherever_it_is(
    ask, elsewhere, failed
):
    names = ("mnist", "default/mnist", job_name("mnist", failed))
    answers = [await ask("logs", name, **elsewhere) for name in names]
    away = await ask("logs", "mnist")
    other = await ask("logs", "mnist", "--repo=outputrepo", **elsewhere)

    for answer in answers:
        assert (0, "epoch 1/1\n") == (answer.status, answer.out)
    assert (3, 3) == (away.status, other.status)
    for answer in (away, other):
        assert "its models were looked for on default/outputrepo@master" in answer.err
        assert "name those of its spec.output with --repo" in answer.err


async def test_a_tfjob_that_never_was_is_not_told_as_another_run(
    ask, elsewhere, failed
):
    answer = await ask("logs", "mnist-0123456789ab", **elsewhere)

    assert (3, "") == (answer.status, answer.out)
    assert "digits-attempts has no run 0123456789ab: check the ID" in answer.err


async def test_the_command_below_the_runs_shows_the_log_without_a_cluster(
    ask, elsewhere, failed
):
    answer = await ask("runs", "mnist", **elsewhere)
    hint = answer.out.splitlines()[-1]

    command = f"mnistctl logs {failed} --run-repo digits-attempts"
    assert f"Log of the newest failed one: {command}" == hint
    assert "epoch 1/1\n" == (await ask(*command.split()[1:])).out


@pytest.mark.parametrize("words", ["explain", "history", "runs", "logs", "ledger show"])
async def test_one_that_never_began_is_told_from_one_that_is_not_there(
    ask, world, cluster, words
):
    await cluster.create("mnist", spec={"output": ELSEWHERE})

    there = await ask(*words.split(), "mnist", KUBECONFIG=str(cluster.kubeconfig))
    away = await ask(*words.split(), "mnist")

    assert (3, 3) == (there.status, away.status)
    begun = "has not begun yet: mnistctl get default/mnist says why"
    assert f"that is where its spec.output says, so it {begun}" in there.err
    assert "--repo" not in there.err
    assert "its models were looked for on default/outputrepo@master" in away.err
    assert "or it has never begun: mnistctl get default/mnist says why" in away.err


async def test_plan_says_why_it_takes_no_place(ask):
    answer = await ask("plan", "mnist", "--repo", "digits-models")

    assert 2 == answer.status
    assert "--repo: leave it out; plan asks the cluster" in answer.err


@asking
async def test_the_spec_in_the_cluster_says_where_its_records_are(
    ask, elsewhere, words
):
    answer = await ask(*words.split(), "mnist", **elsewhere)

    assert (0, "") == (answer.status, answer.err)
    assert INPUT in answer.out


@asking
async def test_whoever_names_a_repo_is_believed(ask, elsewhere, words):
    answer = await ask(*words.split(), "mnist", "--repo", "outputrepo", **elsewhere)

    assert 3 == answer.status
    assert "outputrepo_runs" in answer.err or "outputrepo@master" in answer.err


@asking
async def test_without_a_cluster_the_options_say_it_all(ask, elsewhere, words):
    where = ["--repo=digits-models", "--branch=main", "--run-repo=digits-attempts"]

    answer = await ask(*words.split(), "mnist", *where)

    assert (0, "") == (answer.status, answer.err)
    assert INPUT in answer.out


@asking
async def test_a_training_that_was_deleted_is_looked_for_in_the_usual_repos(
    ask, world, cluster, words
):
    await world.publish()

    answer = await ask(*words.split(), "mnist", KUBECONFIG=str(cluster.kubeconfig))

    assert (0, "") == (answer.status, answer.err)
    assert INPUT in answer.out


@asking
async def test_a_cluster_that_is_down_is_told_and_does_not_matter(
    ask, world, cluster, words
):
    await world.publish()
    await cluster.server.stop()

    answer = await ask(*words.split(), "mnist", KUBECONFIG=str(cluster.kubeconfig))

    assert 0 == answer.status
    assert INPUT in answer.out
    assert "default/outputrepo@master, see --repo" in answer.err


async def test_a_kubeconfig_that_is_not_there_is_told(ask, world, tmp_path):
    await world.publish()

    answer = await ask("explain", "mnist", f"--kubeconfig={tmp_path / 'none'}")

    assert 0 == answer.status
    assert "there is no kubeconfig" in answer.err
