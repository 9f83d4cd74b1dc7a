"""mnistctl plan: the operator's own decisions and its exact TFJob, and nothing done."""

import asyncio
import base64
import json
from functools import partial

import pytest
import yaml

from integration.mnistctl_world import fork_mnistctl
from integration.operators import InProcess
from integration.world import EARLIEST, IMAGE, OUTPUT, World, environment, until
from local_cluster.faults import Fault


@pytest.fixture(name="world")
async def _world(tmp_path):
    async with World(tmp_path) as world:
        await world.create_repo()
        yield world


@pytest.fixture(name="plan")
def _plan(world):
    async def _run(*options, **environment):
        settings = world.settings
        return await fork_mnistctl(
            *("plan", "team/mnist", *options),
            **{
                "KUBECONFIG": str(settings.kubeconfig),
                "PACHD_ADDRESS": settings.pachd_address,
                "S3_ENDPOINT": settings.s3_endpoint,
                "TRAINER_IMAGE": IMAGE,
                **environment,
            },
        )

    return _run


async def test_it_shows_the_tfjobs_that_the_operator_creates_next(world, plan):
    commits = [await world.push(digits=each) for each in (1, 2)]
    await world.apply(trigger=EARLIEST, trainer={"parameters": {"epochs": 1}})

    told = await plan("-o", "json")
    shown = await plan("-o", "yaml")

    assert [
        (commits[0], "Train", "now"),
        (commits[1], "Train", f"after {commits[0]}"),
    ] == [(c["commit"], c["decision"], c["when"]) for c in told.json["commits"]]
    assert ["The operator has not looked at this spec yet: is it running?"] == (
        told.json["notes"]
    )
    bodies = list(yaml.safe_load_all(shown.out))
    assert bodies == [each["tfjob"] for each in told.json["tfjobs"]]
    async with InProcess(world):
        await world.model_of(commits[1])
        created = await world.jobs()
    assert [as_asked(each) for each in bodies] == [as_asked(each) for each in created]


def as_asked(tfjob):
    """A TFJob without what the server adds, whatever its staging commit is called."""
    meta = tfjob["metadata"]
    run = meta["labels"]["mnist-operator.dev/run"]
    kept = ("name", "namespace", "labels", "annotations", "ownerReferences")
    spec = {**tfjob["spec"], "runPolicy": {**tfjob["spec"]["runPolicy"]}}
    spec["runPolicy"].pop("suspend", None)
    body = {"metadata": {k: meta[k] for k in kept if k in meta}, "spec": spec}
    text = json.dumps(body, sort_keys=True)
    return text.replace(run, "RUN").replace(run[:12], "RUN")


async def test_looking_makes_nothing_neither_repos_nor_branches(world, plan):
    await world.push(digits=1)
    await world.apply(trigger=EARLIEST)
    before = world.marks()

    answers = [await plan(), await plan("-o", "json"), await plan("-o", "yaml")]

    assert [0, 0, 0] == [each.status for each in answers]
    assert before == world.marks()
    assert not await world.pachyderm.repo_exists(OUTPUT.repo)


async def test_with_nothing_to_do_it_says_how_things_stand(world, plan):
    await world.apply(trigger=EARLIEST)

    people, kubectl = await plan(), await plan("-o", "yaml")

    said = "Waiting for the first commit on default/inputrepo@master."
    assert people.out.startswith(f"Nothing to do. {said}\n")
    assert f"# team/mnist: no TFJob. {said}\n" == kubectl.out


async def test_while_a_run_is_under_way_the_rest_waits_for_it(world, plan):
    gate, reached = (world.folder / each for each in ("gate", "gate.reached"))
    await world.apply(trigger=EARLIEST)
    async with InProcess(world):
        first = await world.push(wait_for=str(gate))
        await until(partial(asyncio.to_thread, reached.exists), "the run")
        second = await world.push(digits=2)
        await world.shows(pendingCommits=2)
        answer = await plan(TRAINER_IMAGE="", S3_ENDPOINT="")
        await world.change(suspend=True)
        held = await plan()
        gate.touch()
        await world.change(suspend=False)
        await world.model_of(second)

    # Image and S3 gateway are read off the TFJob that is there.
    assert "Note" not in answer.out
    header, under_way, message, waits, tfjob = answer.out.splitlines()
    assert ["COMMIT", "DECISION", "WHEN"] == header.split()
    assert [first, "UnderWay", "now"] == under_way.split()
    assert message.startswith("  attempt 1, TFJob mnist-")
    assert [second, "Train", "after", first] == waits.split()
    assert tfjob.startswith(f"TFJob for {second}: mnist-0000")
    assert f"{second}  Wait      -\n  Suspended: spec.suspend is true" in held.out


async def test_what_cannot_be_known_is_said(world, plan):
    await world.push(digits=1)
    await world.apply(trigger=EARLIEST)

    answer = await plan(TRAINER_IMAGE="", S3_ENDPOINT="")

    assert "setting TRAINER_IMAGE is not known here" in answer.out
    assert "setting S3_ENDPOINT is not known here" in answer.out
    assert "--trainer-image names another" in answer.out


async def test_a_secret_that_may_be_read_opens_the_door(tmp_path):
    secret = {"metadata": {"name": "pachyderm"}, "data": {"token": encode("hush")}}
    async with World(tmp_path, token="hush") as world:
        await world.create_repo()
        commit = await world.push(digits=1)
        address = world.settings.pachd_address
        place = {"address": address, "secretRef": {"name": "pachyderm"}}
        await world.apply(trigger=EARLIEST, pachyderm=place)
        where = {"KUBECONFIG": str(world.settings.kubeconfig)}

        missing = await fork_mnistctl("plan", "team/mnist", **where)
        await world.kube.call("POST", world.core("secrets"), secret)
        theirs = await fork_mnistctl("plan", "team/mnist", "-o", "json", **where)
        refused = (403, json.dumps({"message": "no"}))
        for _ in range(2):
            world.faults.add(Fault("kube.get.secrets", error=refused))
        denied = await fork_mnistctl("plan", "team/mnist", **where)
        own = await fork_mnistctl(
            *("plan", "team/mnist", "-o", "json"),
            **{**where, "PACHD_ADDRESS": address, "PACHYDERM_TOKEN": "hush"},
        )

    assert (1, True) == (missing.status, "does not exist" in missing.err)
    assert [commit] == [each["commit"] for each in theirs.json["commits"]]
    assert (1, True) == (denied.status, "may not be read: ask whoever" in denied.err)
    assert [commit] == [each["commit"] for each in own.json["commits"]]
    assert "may not be read: the TFJobs are shown as with" in "".join(own.json["notes"])
    assert ["pachyderm"] * 2 == [
        used_secret(each.json["tfjobs"][0]["tfjob"]) for each in (theirs, own)
    ]
    for each in (missing, theirs, denied, own):
        assert "hush" not in each.out + each.err


def encode(text):
    return base64.b64encode(text.encode()).decode()


def used_secret(tfjob):
    """Of which Secret the trainer's S3 key is."""
    key = environment(tfjob)["AWS_ACCESS_KEY_ID"]
    return key["valueFrom"]["secretKeyRef"]["name"]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        pytest.param("127.0.0.1:1", "pachd at 127.0.0.1:1 does not answer", id="gone"),
        pytest.param("nowhere", "does not answer", id="no-such-host"),
    ],
)
async def test_a_pachd_that_is_not_there_is_one_line(world, plan, address, said):
    await world.apply(trigger=EARLIEST)

    answer = await plan(PACHD_ADDRESS=address)

    assert (1, "", 1) == (answer.status, answer.out, answer.err.count("\n"))
    assert said in answer.err


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        pytest.param("kube.list.tfjobs", 403, "for list on tfjobs.kubeflow.org",
                     id="no-right"),
        pytest.param("kube.list.tfjobs", 404, "install Kubeflow's training operator",
                     id="no-tfjobs"),
    ],
)  # fmt: skip
async def test_what_kubernetes_refuses_is_named(world, plan, fault, error, said):
    await world.apply(trigger=EARLIEST)
    message = json.dumps({"message": "no"})
    world.faults.add(Fault(fault, error=(error, message)))

    answer = await plan()

    assert (1, "", 1) == (answer.status, answer.out, answer.err.count("\n"))
    assert said in answer.err


async def test_a_training_that_is_not_there_has_no_plan(world, plan):
    nobody = await plan()
    await world.apply()
    patch = {"metadata": {"finalizers": ["example.org/wait"]}}
    mine = f"{world.trainings}/mnist"
    await world.kube.call("PATCH", mine, patch)
    await world.kube.call("DELETE", mine)
    going = await plan()

    assert [3, 1] == [nobody.status, going.status]
    assert "mnist is being deleted" in going.err
