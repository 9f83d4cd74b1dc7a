"""mnistctl get: the overview, the story of one, and clusters that give no answer."""

import json
import re

import pytest
import yaml

from integration.mnistctl_world import INPUT, run_mnistctl
from local_cluster.faults import Fault
from local_cluster.kube import KubeServer
from unit.mnistctl_records import status_of


async def test_the_overview_has_a_line_for_each_of_the_namespace(cluster, get):
    await cluster.create("mnist", status=status_of(published=INPUT))
    await cluster.create("new")
    await cluster.create("other", namespace="team")

    answer = await get()
    everywhere = await get("-A")
    elsewhere = await get("-n", "team")

    assert (0, "") == (answer.status, answer.err)
    header, first, second = answer.out.splitlines()
    assert [
        *("NAME", "READY", "REASON", "INPUT", "MODEL"),
        *("ACCURACY", "PENDING", "ACTIVE", "AGE"),
    ] == header.split()
    row = (
        rf"mnist  True   UpToDate  {INPUT[:12]}  {INPUT[:-13:-1]}  0.9933    0  +0  +\d"
    )
    assert re.match(row, first)
    assert ["new", "-", "-", "-", "-", "-", "-", "0"] == second.split()[:-1]
    assert ["default", "default", "team"] == [
        line.split()[0] for line in everywhere.out.splitlines()[1:]
    ]
    assert ["other"] == [line.split()[0] for line in elsewhere.out.splitlines()[1:]]


async def test_the_story_of_one_says_what_is_under_way_and_what_was_decided(
    cluster, get
):
    run = {
        "commit": "6" * 32,
        "attempt": 2,
        "state": "Running",
        "tfjob": "mnist-233f354619c8",
        "run": "7" * 32,
        "since": "2026-03-31T12:00:00Z",
    }
    status = status_of("Training", "Unknown", published=INPUT, active=[run])
    await cluster.create("mnist", status=status)

    answer = await get("mnist")
    other = await get("default/mnist", "-n", "team")

    assert (0, "") == (answer.status, answer.err)
    assert answer.out.startswith("MnistTraining default/mnist\n")
    assert "input       default/inputrepo@master, data/mnist.npz\n" in answer.out
    assert "trigger     EveryCommit from Latest\n" in answer.out
    assert f"commit      {'6' * 32}\n  attempt     2\n" in answer.out
    assert re.search(rf"Published  {INPUT}  \w{{32}}  0.9933", answer.out)
    assert "Next" not in answer.out
    assert 0 == other.status


async def test_programs_get_the_objects_as_kubernetes_has_them(cluster, get):
    created = await cluster.create("mnist", status=status_of(published=INPUT))

    one = await get("mnist", "-o", "json")
    as_yaml = await get("mnist", "-o", "yaml")
    every = await get("-o", "json")
    none = await get("-n", "team", "-o", "json")

    assert created["spec"] == one.json["spec"]
    assert INPUT == one.json["status"]["lastTrainedCommit"]
    assert one.json == yaml.safe_load(as_yaml.out)
    assert ("List", [one.json]) == (every.json["kind"], every.json["items"])
    assert [] == none.json["items"]


DOWN = {
    "conditions": [
        {
            "type": "Available",
            "status": "False",
            "lastTransitionTime": "2026-03-31T12:00:00Z",
        }
    ]
}


async def test_an_operator_that_is_dead_is_told_beside_the_answer(cluster, get):
    await cluster.create("mnist", status=status_of(published=INPUT))
    await cluster.deploy(DOWN)

    overview, one = await get(), await get("mnist")
    for_programs = [await get("-o", "json"), await get("mnist", "-o", "yaml")]

    assert "mnist  True   UpToDate" in overview.out
    assert one.out.startswith("MnistTraining default/mnist\n")
    assert overview.err == one.err
    assert 1 == one.err.count("\n")
    assert (
        "Warning: no pod of operator team/mnist-operator has been at work since"
        " 2026-03-31T12:00:00Z" in one.err
    )
    assert [(0, ""), (0, "")] == [(each.status, each.err) for each in for_programs]


@pytest.mark.parametrize("status", [DOWN, {"availableReplicas": 1}])
async def test_nothing_is_told_of_an_operator_that_works_or_may_not_be_looked_for(
    cluster, get, status
):
    await cluster.create("mnist", status=status_of(published=INPUT))
    await cluster.deploy(status)
    if status is DOWN:
        cluster.faults.add(Fault("kube.list.deployments", (403, "no"), times=None))

    answers = [await get(), await get("mnist")]

    assert [(0, ""), (0, "")] == [(each.status, each.err) for each in answers]


async def test_what_is_not_there_is_said_with_what_is(cluster, get):
    nothing = await get()
    await cluster.create("mnist")

    answer = await get("mnits")
    elsewhere = await get("mnist", "-n", "team")

    assert (0, "", 1) == (nothing.status, nothing.out, nothing.err.count("\n"))
    assert "no MnistTraining in namespace default; --all-namespaces" in nothing.err
    assert (3, "", 1) == (answer.status, answer.out, answer.err.count("\n"))
    assert "no MnistTraining mnits in namespace default, there are mnist" in answer.err
    assert "in namespace team, there is none at all" in elsewhere.err


async def test_a_cluster_without_the_crd_is_told_how_to_get_it(tmp_path, home):
    async with KubeServer(tmp_path / "kube") as server:
        environment = home(server)

        listed = await run_mnistctl("get", **environment)
        one = await run_mnistctl("get", "mnist", **environment)
        watched = await run_mnistctl("watch", "mnist", **environment)

    for each in (listed, one, watched):
        assert (1, "", 1) == (each.status, each.out, each.err.count("\n"))
        assert "kubectl apply -f crds/mnisttraining.yaml" in each.err


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        pytest.param((403, "no"), "whoever runs the cluster for get, list and watch",
                     id="forbidden"),
        pytest.param((401, "who?"), "log in again", id="unknown"),
        pytest.param((503, "later"), "ask again", id="overloaded"),
        pytest.param((200, "<html>"), "does a proxy stand", id="something-else"),
    ],
)  # fmt: skip
async def test_a_refusal_is_one_line_with_a_remedy(cluster, get, error, remedy):
    code, message = error
    body = json.dumps({"message": message}) if code != 200 else message
    cluster.faults.add(Fault("kube.list.mnisttrainings", error=(code, body)))

    answer = await get()

    assert (1, "", 1) == (answer.status, answer.out, answer.err.count("\n"))
    assert remedy in answer.err


async def test_a_cluster_that_is_gone_is_one_line_too(tmp_path, home):
    async with KubeServer(tmp_path / "kube") as server:
        environment = home(server)

    answer = await run_mnistctl("get", **environment)

    assert (1, "", 1) == (answer.status, answer.out, answer.err.count("\n"))
    assert f"API server at {server.url} does not answer" in answer.err


async def test_a_context_can_be_chosen_and_brings_its_namespace(cluster, get):
    await cluster.create("mnist", namespace="team")
    config = json.loads(cluster.kubeconfig.read_text())
    context = {"cluster": "local", "user": "local", "namespace": "team"}
    config["contexts"].append({"name": "theirs", "context": context})
    cluster.kubeconfig.write_text(json.dumps(config))

    theirs = await get("--context", "theirs")
    ours = await get()
    nobodys = await get("--context", "nobodys")

    assert "\nmnist " in theirs.out
    assert "" == ours.out
    assert (2, "") == (nobodys.status, nobodys.out)
    assert f"{cluster.kubeconfig} cannot be used" in nobodys.err
    assert "nobodys" in nobodys.err
