"""The local node: what a container's words come to on this machine."""

import socket
from pathlib import Path

import pytest

from local_cluster.node.addresses import Addresses
from local_cluster.node.environment import command_of
from local_cluster.node.images import Image

_MOUNTS = {"/scratch": Path("/pods/1/volumes/tmp")}
_IMAGE = Image(("/scratch/checkout/bin/python", "-m", "trainer"))


def test_an_image_is_found_where_it_is_also_below_a_path_that_a_volume_covers():
    words = command_of({"args": ["$(OUT)"]}, _IMAGE, {"OUT": "/scratch/out"}, _MOUNTS)

    assert [
        "/scratch/checkout/bin/python",
        "-m",
        "trainer",
        "/pods/1/volumes/tmp/out",
    ] == words


def test_a_containers_own_command_is_meant_inside_its_volumes():
    words = command_of({"command": ["/scratch/run.sh"]}, _IMAGE, {}, _MOUNTS)

    assert ["/pods/1/volumes/tmp/run.sh"] == words


def a_pod(uid="u0", owner="mnist-a", namespace="team"):
    owners = [{"kind": "TFJob", "name": owner}] if owner else []
    meta = {"uid": uid, "namespace": namespace, "ownerReferences": owners}
    return {"metadata": meta}


@pytest.fixture(name="addresses")
def _addresses():
    made = Addresses()
    yield made
    made.close()


_FIRST, _SECOND = "mnist-a-worker-0.team.svc:2222", "mnist-a-worker-1.team.svc:2222"


def test_pods_of_one_job_are_told_the_same_addresses_each_another(addresses):
    told = [
        addresses.translate(a_pod(uid), f'["{_FIRST}","{_SECOND}"]')
        for uid in ("u0", "u1")
    ]

    first, second = (each.strip('"[]') for each in told[0].split(","))
    assert told[0] == told[1]
    assert first != second
    assert {"127.0.0.1"} == {each.partition(":")[0] for each in (first, second)}


def test_a_name_with_the_clusters_domain_is_the_same_place(addresses):
    longer = _FIRST.replace(".svc:", ".svc.cluster.local:")

    here = addresses.translate(a_pod(), _FIRST)

    assert here == addresses.translate(a_pod(), longer)
    assert here != addresses.translate(a_pod(), _FIRST.replace("2222", "2223"))


@pytest.mark.parametrize(
    ("pod", "text"),
    [
        pytest.param(a_pod(), "pachd.pachyderm.svc:30600", id="another-service"),
        pytest.param(a_pod(), "mnist-b-worker-0.team.svc:2222", id="another-job"),
        pytest.param(a_pod(namespace="a"), _FIRST, id="another-namespace"),
        pytest.param(a_pod(owner=""), _FIRST, id="a-pod-of-its-own"),
        pytest.param(a_pod(), f"x{_FIRST}", id="a-longer-name"),
    ],
)
def test_nobody_elses_name_is_touched(addresses, pod, text):
    assert text == addresses.translate(pod, text)


def test_a_server_can_listen_there_and_nobody_else_is_given_the_port(addresses):
    host, _, port = addresses.translate(a_pod(), _FIRST).partition(":")

    with (
        socket.create_server((host, int(port))) as server,
        socket.create_connection((host, int(port)), timeout=20),
    ):
        server.accept()[0].close()
    with socket.create_server((host, 0)) as other:
        assert int(port) != other.getsockname()[1]


def is_free(address):
    """Whether anybody may have it, also without a word about using it again."""
    host, _, port = address.partition(":")
    with socket.socket() as taker:
        try:
            taker.bind((host, int(port)))
        except OSError:
            return False
    return True


def test_an_address_lasts_as_long_as_a_pod_that_knows_it(addresses):
    before = addresses.translate(a_pod("u0"), _FIRST)
    addresses.translate(a_pod("u1"), _FIRST)
    addresses.forget("u0")
    kept = addresses.translate(a_pod("u2"), _FIRST)
    was_free = is_free(kept)
    for uid in ("u1", "u2", "never-seen"):
        addresses.forget(uid)

    assert (before, False) == (kept, was_free)
    assert is_free(kept)
