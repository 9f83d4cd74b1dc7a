"""The local node runs a whole pod: what stands beside the trainer, and what it mounts.

Containers are real processes; the API server is a list of what was reported.
"""

import asyncio
import base64

import pytest

from local_cluster.node.images import Image
from local_cluster.node.worker import Patience, PodWorker

_IMAGES = {"sh": Image(("sh", "-c"))}
_PATIENCE = Patience(pull_seconds=0.01, first_restart_seconds=0.01)
_DEADLINE_SECONDS = 20


class Server:
    """Keeps the statuses that a worker reports, and has one secret."""

    def __init__(self):
        self.statuses = []

    async def insist(self, method, path, body=None):
        if method == "GET":
            found = {"data": {"key": base64.b64encode(b"secret\n").decode()}}
            return found if path.endswith("/secrets/known") else None
        self.statuses.append(body["status"])
        return None

    async def tell(self, *_):
        pass


def a_part(name, script, image="sh", **fields):
    return {"name": name, "image": image, "args": [script], **fields}


def a_worker(folder, *containers, inits=(), images=_IMAGES, uid="u1", **spec):
    pod = {
        "metadata": {"name": "mnist-a", "namespace": "team", "uid": uid},
        "spec": {
            "restartPolicy": "Never",
            "containers": list(containers),
            "initContainers": list(inits),
            "terminationGracePeriodSeconds": 10,
            **spec,
        },
    }
    server = Server()
    return PodWorker(server, pod, folder / "pods", images, _PATIENCE), server


async def run(worker):
    await asyncio.wait_for(worker.run(), _DEADLINE_SECONDS)


def exit_codes(status):
    return {
        one["name"]: one["state"]["terminated"]["exitCode"]
        for group in ("initContainerStatuses", "containerStatuses")
        for one in status.get(group, ())
        if "terminated" in one["state"]
    }


def mounted(*names, path="/mine"):
    return [{"name": name, "mountPath": f"{path}/{name}"} for name in names]


async def test_containers_of_a_pod_run_side_by_side_and_share_its_volumes(tmp_path):
    mounts = {"volumeMounts": mounted("shared")}
    wait = "until test -f $(WHERE)/there; do sleep 0.01; done; exit 3"
    where = [{"name": "WHERE", "value": "/mine/shared"}]
    worker, server = a_worker(
        tmp_path,
        a_part("tensorflow", wait, env=where, **mounts),
        a_part("beside", "touch $(WHERE)/there", env=where, **mounts),
        volumes=[{"name": "shared", "emptyDir": {}}],
    )

    await run(worker)

    assert {"tensorflow": 3, "beside": 0} == exit_codes(server.statuses[-1])
    assert "Failed" == server.statuses[-1]["phase"]


async def test_init_containers_come_first_and_one_after_the_other(tmp_path):
    mounts = {
        "volumeMounts": mounted("shared"),
        "env": [{"name": "LOG", "value": "/mine/shared/log"}],
    }
    worker, server = a_worker(
        tmp_path,
        a_part("tensorflow", 'test "$(cat $(LOG))" = ab', **mounts),
        inits=[
            a_part("first", "sleep 0.05; printf a >> $(LOG)", **mounts),
            a_part("second", "printf b >> $(LOG)", **mounts),
        ],
        volumes=[{"name": "shared", "emptyDir": {}}],
    )

    await run(worker)

    assert {"first": 0, "second": 0, "tensorflow": 0} == exit_codes(server.statuses[-1])


async def test_after_an_init_container_that_failed_nothing_runs(tmp_path):
    worker, server = a_worker(
        tmp_path, a_part("tensorflow", "true"), inits=[a_part("fetch", "exit 4")]
    )

    await run(worker)

    assert {"fetch": 4} == exit_codes(server.statuses[-1])
    assert "Failed" == server.statuses[-1]["phase"]


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("exec sleep 60", id="polite"),
        pytest.param("exit 1", id="always-started-anew"),
    ],
)
async def test_a_sidecar_ends_when_the_trainer_has_and_does_not_count(tmp_path, script):
    worker, server = a_worker(
        tmp_path,
        a_part("tensorflow", "sleep 0.2"),
        inits=[a_part("proxy", script, restartPolicy="Always")],
    )

    await run(worker)

    assert "Succeeded" == server.statuses[-1]["phase"]
    assert 0 == exit_codes(server.statuses[-1])["tensorflow"]


async def test_a_sidecar_that_will_not_end_is_killed(tmp_path):
    deaf = "trap '' TERM; touch $(WHERE)/deaf; sleep 60"
    wait = "until test -f $(WHERE)/deaf; do sleep 0.01; done"
    fields = {
        "volumeMounts": mounted("shared"),
        "env": [{"name": "WHERE", "value": "/mine/shared"}],
    }
    worker, server = a_worker(
        tmp_path,
        a_part("tensorflow", wait, **fields),
        inits=[a_part("proxy", deaf, restartPolicy="Always", **fields)],
        volumes=[{"name": "shared", "emptyDir": {}}],
        terminationGracePeriodSeconds=0.1,
    )

    await run(worker)

    assert 137 == exit_codes(server.statuses[-1])["proxy"]
    assert "Succeeded" == server.statuses[-1]["phase"]


@pytest.mark.parametrize("grace", [600, 0])
async def test_a_pod_that_is_deleted_as_it_starts_ends_at_once(tmp_path, grace):
    worker, server = a_worker(tmp_path, a_part("tensorflow", "sleep 600"))
    pulled, deleted = asyncio.Event(), asyncio.Event()

    async def tell(_pod, _kind, reason, _message):
        if reason == "Pulled":
            pulled.set()
            await deleted.wait()

    server.tell = tell
    running = asyncio.create_task(worker.run())
    await pulled.wait()
    ending = asyncio.create_task(worker.end(grace, running))
    for _ in range(10):  # Turns of the loop, in which all that is there is told.
        await asyncio.sleep(0)
    deleted.set()

    async with asyncio.timeout(_DEADLINE_SECONDS):
        await ending


async def test_an_image_that_is_not_there_keeps_its_container_alone(tmp_path):
    images = dict(_IMAGES)
    worker, server = a_worker(
        tmp_path,
        a_part("tensorflow", "true"),
        a_part("beside", "true", image="later"),
        images=images,
    )
    running = asyncio.create_task(run(worker))

    async with asyncio.timeout(_DEADLINE_SECONDS):
        while not (server.statuses and exit_codes(server.statuses[-1])):
            await asyncio.sleep(0.01)
    seen = server.statuses[-1]
    images["later"] = Image(("sh", "-c"))
    await running

    waiting = [one["state"].get("waiting") for one in seen["containerStatuses"]]
    assert ({"tensorflow": 0}, "Pending") == (exit_codes(seen), seen["phase"])
    assert waiting[1]["reason"] in {"ErrImagePull", "ImagePullBackOff"}
    assert "later" in waiting[1]["message"]
    assert "Succeeded" == server.statuses[-1]["phase"]


async def test_a_secret_can_be_mounted_by_two_containers(tmp_path):
    read = 'test "$(cat $(WHERE)/key)" = secret'
    one = {
        "volumeMounts": mounted("keys"),
        "env": [{"name": "WHERE", "value": "/mine/keys"}],
    }
    worker, server = a_worker(
        tmp_path,
        a_part("tensorflow", read, **one),
        inits=[a_part("first", read, **one)],
        volumes=[{"name": "keys", "secret": {"secretName": "known"}}],
    )

    await run(worker)

    assert {"first": 0, "tensorflow": 0} == exit_codes(server.statuses[-1])


async def test_what_is_written_to_a_claim_outlives_the_pod(tmp_path):
    fields = {
        "volumeMounts": mounted("data"),
        "env": [{"name": "WHERE", "value": "/mine/data"}],
    }
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "images"}}
    for uid, script in (("u1", "touch $(WHERE)/kept"), ("u2", "test -f $(WHERE)/kept")):
        part = a_part("tensorflow", script, **fields)
        worker, server = a_worker(tmp_path, part, volumes=[volume], uid=uid)

        await run(worker)

        assert {"tensorflow": 0} == exit_codes(server.statuses[-1])


async def test_the_class_that_the_api_server_gave_a_pod_stays(tmp_path):
    """A real one takes no status that says another, and the pod would wait for ever."""
    worker, server = a_worker(tmp_path, a_part("tensorflow", "true"))
    worker.pod["status"] = {"phase": "Pending", "qosClass": "Burstable"}

    await run(worker)

    assert "Burstable" == server.statuses[0]["qosClass"]
