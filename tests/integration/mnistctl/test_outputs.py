"""Where mnistctl looks for the records of a training that publishes elsewhere."""

from datetime import UTC, datetime

import pytest

from integration.mnistctl_world import INPUT, TRAINING
from mnist_operator import places
from mnist_operator.commits import Repo
from mnist_operator.decisions import SUPERSEDED, Decision, Entry, to_lines
from mnist_operator.ledger import LEDGER_FILE
from mnist_operator.resource import Output, Spec

ELSEWHERE = {"repo": "digits-models", "branch": "main", "runRepo": "digits-attempts"}
asking = pytest.mark.parametrize("words", ["explain", "history", "ledger show"])


@pytest.fixture(name="elsewhere")
async def _elsewhere(world, cluster):
    """A training with a decision, neither of them in the repos of the defaults."""
    await cluster.create("mnist", spec={"output": ELSEWHERE})
    spec = Spec(output=Output.model_validate(ELSEWHERE))
    training = TRAINING.model_copy(update={"spec": spec})
    for repo in (training.spec.output.repo, places.run_repo(training).name):
        await world.client.create_repo(Repo("default", repo))
    skip = Entry(datetime.now(UTC), Decision.SKIPPED, INPUT, SUPERSEDED, "Newer.")
    ledger = places.ledger_branch(training)
    await world.client.append(ledger, LEDGER_FILE, to_lines([skip]))
    return {"KUBECONFIG": str(cluster.kubeconfig)}


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
