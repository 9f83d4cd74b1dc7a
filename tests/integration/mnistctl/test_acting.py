"""mnistctl retrain, suspend and resume: what is asked, and what is said of its end."""

import json
from functools import partial

import pytest

from integration.mnistctl_world import INPUT, Running, fork_mnistctl
from integration.operators import InProcess
from integration.world import EARLIEST, World
from local_cluster.faults import Fault
from mnist_operator.cli.act.commits import find_commit
from mnist_operator.cli.failures import NoAnswerError, NotThereError
from mnist_operator.commits import Branch, Repo
from mnist_operator.pachyderm import Connection, Pachyderm
from mnist_operator.resource import REQUESTED_AT, REQUESTED_COMMIT
from unit.mnistctl_records import decision, status_of

OTHER = "6" * 32
COMMITS = Branch(Repo("default", "inputrepo"), "master")


@pytest.fixture(name="run")
def _run(cluster):
    async def _ask(*arguments, **environment):
        kubeconfig = str(cluster.kubeconfig)
        return await fork_mnistctl(*arguments, KUBECONFIG=kubeconfig, **environment)

    return _ask


@pytest.fixture(name="body")
def _body(cluster):
    return partial(cluster.read, "mnist")


async def annotations(body):
    return (await body())["metadata"].get("annotations", {})


async def test_a_run_is_requested_by_annotations(cluster, run, body):
    await cluster.create("mnist", status=status_of(published=INPUT))

    newest = await run("retrain", "mnist")
    first = await annotations(body)
    named = await run("retrain", "default/mnist", "--commit", INPUT[:12])
    second = await annotations(body)
    again = await run("retrain", "mnist")

    assert [0, 0, 0] == [each.status for each in (newest, named, again)]
    assert "on the newest finished input commit, as 20" in newest.out
    assert "mnistctl watch default/mnist" in newest.out
    assert REQUESTED_COMMIT not in first
    assert f"on input commit {INPUT}, as {second[REQUESTED_AT]}\n" in named.out
    assert INPUT == second[REQUESTED_COMMIT]
    assert first[REQUESTED_AT] != second[REQUESTED_AT]
    assert REQUESTED_COMMIT not in await annotations(body)


@pytest.mark.parametrize(
    ("kind", "values", "expected", "said"),
    [
        pytest.param("Published", {}, 0, f"Published       {INPUT} attempt 1, model",
                     id="published"),
        pytest.param("Failed", {"reason": "TrainerKilled", "message": "too big"}, 5,
                     "failed in attempt 1: TrainerKilled: too big", id="failed"),
        pytest.param("Skipped", {"reason": "RequestRefused", "message": "none there"},
                     1, "no run was started: RequestRefused: none there",
                     id="refused"),
    ],
)  # fmt: skip
async def test_with_wait_it_ends_as_this_very_request_does(
    cluster, body, kind, values, expected, said
):
    await cluster.create("mnist", status=status_of(published=OTHER))

    async with start(cluster, "retrain", "mnist", "--wait") as process:
        await process.line("Requested a run")
        asked = (await annotations(body))[REQUESTED_AT]
        another = decision(OTHER, "Failed", request="somebody else's")
        await cluster.tell("mnist", status_of(history=[another]))
        run = {"commit": INPUT, "attempt": 1, "run": "7" * 32, "request": asked}
        since = "2026-03-31T12:00:00Z"
        job = {"state": "Running", "tfjob": "mnist-77", "since": since}
        running = [run | job]
        await cluster.tell("mnist", status_of(active=running, history=[another]))
        await process.line(f"Running         {INPUT} attempt 1, TFJob mnist-77")
        end = decision(INPUT, kind, request=asked, **values)
        await cluster.tell("mnist", status_of(history=[end, another]))
        answer = await process.end()

    assert expected == answer.status
    assert said in (answer.err if expected else answer.out)
    assert "somebody" not in answer.out + answer.err


def start(cluster, *arguments):
    return Running(*arguments, KUBECONFIG=str(cluster.kubeconfig))


async def test_it_waits_no_longer_than_asked(cluster, run):
    await cluster.create("mnist", status=status_of(published=INPUT))

    answer = await run("retrain", "mnist", "--wait", "--timeout", "0.2")

    assert 6 == answer.status
    assert "it is not over after 0.2 seconds: mnistctl watch" in answer.err


async def test_ctrl_c_ends_the_waiting_and_not_the_request(cluster, body):
    await cluster.create("mnist", status=status_of(published=INPUT))

    async with start(cluster, "retrain", "mnist", "--wait") as process:
        await process.line("Requested a run")
        process.interrupt()
        answer = await process.end()

    assert (130, "") == (answer.status, answer.err)
    assert REQUESTED_AT in await annotations(body)


async def test_a_training_that_is_deleted_meanwhile_is_said(cluster):
    await cluster.create("mnist", status=status_of(published=INPUT))

    async with start(cluster, "retrain", "mnist", "--wait") as process:
        await process.line("Requested a run")
        await cluster.delete("mnist")
        answer = await process.end()

    assert (1, "Error: the MnistTraining was deleted\n") == (answer.status, answer.err)


async def test_a_suspended_one_is_told_to_be_resumed(cluster, run):
    await cluster.create("mnist")
    await cluster.change("mnist", suspend=True)

    answer = await run("retrain", "mnist")

    assert 0 == answer.status
    assert "is started after: mnistctl resume default/mnist" in answer.err


async def test_suspending_twice_is_suspending_once(cluster, run, body):
    await cluster.create("mnist", status=status_of(pending=2))

    answers = [await run(verb, "mnist") for verb in ("suspend", "suspend")]
    suspended = (await body())["spec"]["suspend"]
    answers += [await run(verb, "mnist") for verb in ("resume", "resume")]

    assert [0] * 4 == [each.status for each in answers]
    assert [
        "Suspended default/mnist, nothing new is started: 2 commits wait\n",
        "default/mnist is suspended already: 2 commits wait\n",
        "Resumed default/mnist: 2 commits wait\n",
        "default/mnist is not suspended: 2 commits wait\n",
    ] == [each.out for each in answers]
    assert suspended is True
    assert (await body())["spec"]["suspend"] is False


@pytest.mark.parametrize("verb", ["retrain", "suspend"])
async def test_whoever_may_only_look_is_told_what_is_missing(cluster, run, verb):
    await cluster.create("mnist")
    refusal = (403, json.dumps({"message": "no"}))
    cluster.faults.add(Fault("kube.patch.mnisttrainings", error=refusal))

    answer = await run(verb, "mnist")

    assert (1, "") == (answer.status, answer.out)
    assert "for patch on mnisttrainings.mnist-operator.dev" in answer.err


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        pytest.param(["nobody"], 3, "no MnistTraining nobody", id="training"),
        pytest.param(["mnist", "--timeout", "1"], 2, "goes with --wait", id="timeout"),
        pytest.param(["mnist", "--commit", "outputrepo@master"], 2,
                     "comes from default/inputrepo", id="another-repo"),
    ],
)  # fmt: skip
async def test_what_cannot_be_asked_changes_nothing(
    cluster, run, body, arguments, status, said
):
    await cluster.create("mnist")

    answer = await run("retrain", *arguments)

    assert (status, "") == (answer.status, answer.out)
    assert said in answer.err
    assert REQUESTED_AT not in await annotations(body)


@pytest.fixture(name="commits")
async def _commits(pachd):
    """Three commits on the input branch, oldest first."""
    client = Pachyderm(Connection(pachd.address))
    await client.create_repo(COMMITS.repo)
    ids = []
    for _ in range(3):
        ids.append(await client.start_commit(COMMITS, description=""))
        await client.finish_commit(COMMITS.repo, ids[-1])
    await client.close()
    return ids


@pytest.fixture(name="find")
def _find(pachd):
    async def _ask(name, address=pachd.address):
        options = {"address": address, "token_file": None, "ca_file": None}
        return await find_commit({"spec": {}}, name, options)

    return _ask


async def test_a_commit_may_be_named_as_pachyderm_names_it(commits, find):
    names = ("inputrepo@master", "default/inputrepo@master^", "master^2")

    assert commits == [await find(name) for name in reversed(names)]
    assert commits[0] == await find(commits[0][:20])
    assert commits[1] == await find(f"{commits[2][:20]}^")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("inputrepo@master^3", "there are only 2 commits before that",
                     id="before-the-first"),
        pytest.param("inputrepo@other", "neither a branch with commits nor a commit",
                     id="branch"),
        pytest.param("f" * 8, "pachctl list commit default/inputrepo@master shows",
                     id="beginning"),
    ],
)  # fmt: skip
async def test_a_commit_that_is_not_there_is_said(commits, find, name, said):
    with pytest.raises(NotThereError, match=said):
        await find(name)


async def test_a_pachd_that_is_not_there_is_said(find):
    with pytest.raises(NoAnswerError, match=r"pachd at 127\.0\.0\.1:1 does not answer"):
        await find("master^", address="127.0.0.1:1")


async def test_a_real_operator_answers(tmp_path):
    async with World(tmp_path) as world, InProcess(world):
        await world.create_repo()
        await world.apply(trigger=EARLIEST)
        commits = [await world.push(digits=1), await world.push(digits=2)]
        await world.model_of(commits[1])
        where = {
            "KUBECONFIG": str(world.settings.kubeconfig),
            "PACHD_ADDRESS": world.settings.pachd_address,
        }
        again = ("retrain", "team/mnist", "--wait", "--timeout", "60")

        good = await fork_mnistctl(*again, "--commit", "inputrepo@master^", **where)
        none = await fork_mnistctl(*again, "--commit", "f" * 32, **where)
        bad = await world.push(exit=10, reason="DataInvalid", say="no x_train")
        await world.decision(bad)
        failed = await fork_mnistctl(*again, **where)
        trained = await world.trained()

    assert (0, "") == (good.status, good.err)
    assert f"Published       {commits[0]} attempt 1, model " in good.out
    assert [*commits, commits[0]] == trained
    assert (1, True) == (none.status, "RequestRefused" in none.err)
    assert 5 == failed.status
    assert f"the run on {bad} failed in attempt 1: DataInvalid" in failed.err
