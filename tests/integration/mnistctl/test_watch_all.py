"""mnistctl watch for all of a namespace, and for programs."""

import json

import pytest

from integration.mnistctl_world import INPUT, Running
from local_cluster.faults import Fault
from unit.mnistctl_records import status_of

UP_TO_DATE = status_of(published=INPUT)


def _cut(cluster):
    cluster.server.cut_watches()


def _expire(cluster):
    cluster.server.expire()


def _fail(cluster):
    cluster.faults.add(Fault("kube.watch.mnisttrainings", error=(500, "{}")))
    cluster.server.cut_watches()


@pytest.fixture(name="watch")
def _watch(cluster):
    def _start(*arguments):
        return Running("watch", *arguments, KUBECONFIG=str(cluster.kubeconfig))

    return _start


async def test_all_of_a_namespace_are_followed_whoever_comes_and_goes(cluster, watch):
    await cluster.create("first", status=UP_TO_DATE)

    async with watch() as process:
        await process.line("default/first  UpToDate")
        await cluster.create("second")
        await process.line("default/second  Unknown")
        await cluster.tell("first", UP_TO_DATE | {"pendingCommits": 1})
        await process.line("default/first  Pending         1 commit")
        await cluster.delete("second")
        await process.line("default/second  Deleted")
        process.interrupt()
        answer = await process.end()

    assert (130, "") == (answer.status, answer.err)


@pytest.mark.parametrize(
    "accident",
    [
        pytest.param(_cut, id="its-time-is-over"),
        pytest.param(_expire, id="410"),
        pytest.param(_fail, id="500"),
    ],
)
async def test_a_watch_of_all_that_ends_is_begun_anew_and_repeats_nothing(
    cluster, watch, accident
):
    await cluster.create("mnist", status=UP_TO_DATE)

    async with watch("--all-namespaces") as process:
        await process.line("UpToDate")
        accident(cluster)
        await cluster.tell("mnist", UP_TO_DATE | {"pendingCommits": 3})
        await process.line("Pending         3 commits")
        process.interrupt()
        answer = await process.end()

    assert ["UpToDate", "Pending"] == [
        each.split()[2] for each in answer.out.splitlines()
    ]


async def test_programs_get_an_object_in_a_line_for_every_change(cluster, watch):
    run = {"commit": INPUT, "attempt": 1, "run": "7" * 32, "tfjob": "mnist-77"}
    run |= {"state": "Running", "since": "2026-03-31T12:00:00Z", "request": ""}
    await cluster.create("mnist", status=status_of("Training", "Unknown"))

    async with watch("mnist", "--until-ready", "--output", "json") as process:
        await process.line('"what": "Training"')
        for step in (1, 2):
            told = {"epoch": 1, "epochs": 1, "step": step, "steps": 9, "metrics": {}}
            active = [run | {"progress": told}]
            training = status_of("Training", "Unknown", active=active)
            await cluster.tell("mnist", training)
            await process.line(f'"step": {step}')
        await cluster.tell("mnist", UP_TO_DATE | {"active": []})
        answer = await process.end()

    told = [json.loads(line) for line in answer.out.splitlines()]
    assert 0 == answer.status
    assert [[], [1], [2], []] == [
        [active["progress"]["step"] for active in each["status"].get("active", [])]
        for each in told
    ]
    assert ["Running", "Progress"] == [each["what"] for each in told[1]["happened"]]
    assert {("default", "mnist")} == {
        (each["namespace"], each["name"]) for each in told
    }


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        pytest.param(["nobody"], 3, "there is no MnistTraining nobody", id="nobody"),
        pytest.param(["--until-ready"], 2, "name it", id="ready-without-a-name"),
        pytest.param(["mnist", "-A"], 2, "exclude each other", id="one-of-all"),
    ],
)
async def test_what_cannot_be_watched_is_refused(
    cluster, watch, arguments, status, said
):
    await cluster.create("mnist")

    async with watch(*arguments) as process:
        answer = await process.end()

    assert (status, "") == (answer.status, answer.out)
    assert said in answer.err
