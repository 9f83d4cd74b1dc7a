"""Tokens are in their Secret and nowhere else, whatever goes well or wrong.

Both endpoints of pachd speak TLS here, with a certificate of a throwaway authority.
"""

import sqlite3

import aiohttp
import grpc
import pytest

from cluster.credentials.canaries import (
    Canary,
    find_in_etcd,
    find_in_files,
    find_in_processes,
)
from cluster.credentials.launched import Launched
from cluster.worlds import RealWorld
from integration.authorities import Authority
from integration.following.test_access import GUARDED, expect
from integration.world import IMAGE, REAL_IMAGE
from local_cluster.faults import Fault
from mnist_operator.pachyderm import Connection


class Guarded(RealWorld):
    """A world whose pachd asks for a token, and shows a certificate."""

    def __init__(self, *place, authority, **options):
        super().__init__(*place, **options)
        self._authority = authority

    @property
    def connection(self):
        ca = self._authority.certificate.encode()
        return Connection(self.cluster.pachd_address, self._token, ca, tls=True)

    @property
    def settings(self):
        """A training that is Stalled is looked at again soon."""
        return super().settings.model_copy(update={"resync_seconds": 1.0})

    async def give(self, **values):
        """Make the Secret, with these values."""
        secret = {"metadata": {"name": "pachyderm"}, "stringData": values}
        await self.kube.call("POST", self.core("secrets"), secret)

    async def replace(self, **values):
        """Put these values into it, in place of those of the same keys."""
        path = f"{self.core('secrets')}/pachyderm"
        await self.kube.call("PATCH", path, {"stringData": values})


@pytest.fixture(name="authority")
def _authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(name="token")
def _token():
    return Canary()


@pytest.fixture(name="world")
async def _world(
    plane, tfjob_controller, account, namespace, bound, tmp_path, token, authority
):
    async with Guarded(
        *(tmp_path, plane, namespace, account),
        authority=authority,
        token=token.text,
        tls=authority.issue(),
    ) as world:
        await world.create_repo()
        yield world


PROBES = ("livez", "readyz")
RETRIED = {"retryableExitCodes": [1], "backoffSeconds": 0}
LOOKED_AT = (
    "mnist-operator/attempt",  # Descriptions of commits.
    '"decision":"Failed"',  # The ledger.
    '"verdict":"Failed"',  # An attempt's record.json.
    "epoch 1/1",  # The trainer's log, of which log.txt is the end.
    "in-toto.io",  # A model's lineage.json.
    "kopf.activities",  # A log of the operator.
)
"""Words that a search must be able to find, in what it looks at."""


async def test_tokens_are_in_their_secret_and_nowhere_else(
    world, plane, account, authority, token, gate, tmp_path_factory
):
    wrong, lesser, later = Canary(), Canary(), Canary()
    canaries = [token, wrong, lesser, later, Canary(account)]
    stranger = Authority(tmp_path_factory.mktemp("stranger"))

    async with Launched(world, "plain", MNIST_OPERATOR_LOG_FORMAT="json") as operator:
        ca = {"ca.crt": stranger.certificate}
        await world.give(token=wrong.text, **ca, **{"trainer-token": lesser.text})
        await world.apply(pachyderm=GUARDED, trainer={"image": REAL_IMAGE})
        await mistakes(world, token, authority)
        await world.model_of(await world.push(digits=2))
        health = [await read(f"{operator.health}/{each}") for each in PROBES]
    async with Launched(world, "loud"):
        running = await rotation_during_a_run(world, later, gate, canaries)
    dump(world.folder)

    assert set() == running
    assert not any(each.sings(text) for text in health for each in canaries)
    secret = f"/registry/secrets/{world.namespace}/pachyderm"
    assert {secret} == find_in_etcd(plane, canaries)
    assert {world.cluster.kubeconfig} == find_in_files(world.folder, canaries)
    etcd = plane.folder / "etcd"
    seen = find_in_files(plane.folder, canaries)
    assert [] == [each for each in seen if etcd not in each.parents]
    assert seen
    for known in LOOKED_AT:
        assert find_in_files(world.folder, [Canary(known)]), known


async def mistakes(world, token, authority):
    """A wrong CA, a wrong token, a pachd that quotes, a trainer that is refused."""
    untrusted = await world.reason("CertificateRefused")
    await world.replace(**{"ca.crt": authority.certificate})
    denied = await world.reason("AccessDenied")
    await world.replace(token=token.text)
    quoted = (grpc.StatusCode.UNKNOWN, f"what is {token.text} to me?")
    world.faults.add(Fault("pfs.InspectRepo", quoted, times=None))
    answered = await world.reason("SourceUnreachable")
    world.faults.clear()
    failed = await world.decision(await world.push(digits=1))
    await world.replace(**{"trainer-token": token.text})
    await world.change(trainer={"image": IMAGE}, attempts=RETRIED)

    for condition in (untrusted, denied):
        assert f"Secret {world.namespace}/pachyderm" in condition["message"]
    assert "what is <token> to me?" in answered["message"]
    assert "AccessRefused" == failed.reason


async def rotation_during_a_run(world, later, gate, canaries):
    """The token is replaced and revoked; return what its processes were called with."""
    commit = await world.push(wait_for=str(gate))
    await gate.reached()
    running = find_in_processes(canaries)
    await expect(world, later.text)
    await world.replace(token=later.text, **{"trainer-token": later.text})
    gate.open()
    model = await world.model_of(commit)
    await world.reason("UpToDate")

    assert 2 == model.attempt
    return running


async def read(url):
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return await answer.read()


def dump(folder):
    """Write pachd's records down: in its database one may be cut in two by a page."""
    with sqlite3.connect(folder / "pachd" / "state.sqlite") as records:
        (folder / "records.txt").write_text("\n".join(records.iterdump()))
    records.close()
