"""A Secret that goes while it is in use; a token or a certificate of no use."""

import pytest

from integration.authorities import Authority
from integration.following.test_access import (
    GUARDED,
    SECRETS,
    TOKEN,
    change_secret,
    create_secret,
)
from integration.operators import InProcess
from integration.world import REAL_IMAGE, World, until
from local_cluster.faults import Fault
from mnist_operator.decisions import Decision
from mnist_operator.pachyderm import Connection, Pachyderm

_FORBIDDEN = {
    "kind": "Status",
    "code": 403,
    "message": 'secrets "pachyderm" is forbidden: User "mnist-operator" cannot get it',
}


@pytest.fixture(name="world")
async def _guarded_world(tmp_path):
    """A pachd that asks for a token."""
    async with World(tmp_path, token=TOKEN) as world:
        await world.create_repo()
        yield world


async def delete_secret(world):
    await world.kube.call("DELETE", f"{SECRETS}/pachyderm")


async def test_a_secret_that_is_deleted_is_named_and_nothing_is_lost(world):
    """By the pod at once, and by the operator as soon as it reads the Secret again."""
    await create_secret(world, token=TOKEN)
    async with InProcess(world):
        await world.apply(pachyderm=GUARDED)
        first = await world.push(digits=1)
        await world.model_of(first)
        await world.reason("UpToDate")
        await delete_secret(world)
        second = await world.push(digits=2)

        async def named():
            ready = await world.condition()
            return 'secret "pachyderm" not found' in ready["message"] and ready

        starting = await until(named, "the pod's own words")
    async with InProcess(world):
        stalled = await world.reason("InvalidSpec")
        await create_secret(world, token=TOKEN)
        await world.model_of(second)

    assert "Starting" == starting["reason"]
    assert "Secret team/pachyderm does not exist" in stalled["message"]
    assert [first, second] == await world.trained()


async def test_a_secret_that_the_operator_may_not_read_is_told_with_the_role(world):
    await create_secret(world, token=TOKEN)
    world.faults.add(Fault("kube.get.secrets", (403, _FORBIDDEN), times=None))
    await world.apply(pachyderm=GUARDED)
    async with InProcess(world):
        ready = await world.reason("InvalidSpec")

        world.faults.clear()
        await world.model_of(await world.push(digits=1))

    for told in (
        "spec.pachyderm.secretRef.name",
        "mnist-operator-secrets",
        "forbidden",
    ):
        assert told in ready["message"]


async def test_a_token_that_the_trainer_cannot_use_is_told_by_the_trainer(
    world, operator
):
    await create_secret(world, token=TOKEN, **{"trainer-token": "a-wrong-one"})
    await world.apply(pachyderm=GUARDED, trainer={"image": REAL_IMAGE})
    commit = await world.push(digits=1)
    entry = await world.decision(commit)

    assert (Decision.FAILED, "AccessRefused") == (entry.decision, entry.reason)
    assert "Exit code 13" in entry.message
    assert "a token with a role on the repo" in entry.message
    assert "a-wrong-one" not in entry.message


class Certified(World):
    """A pachd with a certificate, which may be replaced by another."""

    def __init__(self, folder, authority):
        super().__init__(folder, tls=authority.issue())
        self.authority = authority

    @property
    def connection(self):
        ca = self.authority.certificate.encode()
        return Connection(self.cluster.pachd_address, None, ca, tls=True)

    @property
    def settings(self):
        """A training that is Stalled is looked at again soon."""
        return super().settings.model_copy(update={"resync_seconds": 1.0})

    async def show(self, authority, **certificate):
        """Have pachd show another certificate from now on."""
        self.authority = authority
        pachd = self.cluster.pachd
        await pachd.stop()
        pachd._tls = authority.issue(**certificate)
        await pachd.start()
        await self.pachyderm.close()
        self.pachyderm = Pachyderm(self.connection)


@pytest.fixture(name="ours")
def _ours(tmp_path):
    return Authority(tmp_path / "ours")


@pytest.fixture(name="theirs")
def _theirs(tmp_path):
    return Authority(tmp_path / "theirs", "another-ca")


@pytest.fixture(name="certified")
async def _certified(tmp_path, ours):
    async with Certified(tmp_path / "world", ours) as world:
        await world.create_repo()
        await create_secret(world, **{"ca.crt": ours.certificate})
        yield world


@pytest.mark.parametrize(
    ("authority", "certificate", "told"),
    [
        pytest.param(
            "theirs",
            {},
            "its certificate comes from an authority that is not trusted here",
            id="another-authority",
        ),
        pytest.param(
            "ours",
            {"expired": True},
            "its certificate has expired, or is not valid yet; renew it",
            id="expired",
        ),
        pytest.param(
            "ours",
            {"host": "pachd.example.org"},
            "its certificate is for another host than spec.pachyderm.address",
            id="another-host",
        ),
    ],
)
async def test_a_certificate_that_is_not_trusted_is_told_with_the_secret(
    certified, request, authority, certificate, told
):
    await certified.show(request.getfixturevalue(authority), **certificate)
    await certified.apply(pachyderm=GUARDED)
    async with InProcess(certified):
        ready = await certified.reason("CertificateRefused")
        stalled = await certified.condition("Stalled")
        await certified.show(request.getfixturevalue("ours"))
        await certified.model_of(await certified.push(digits=1))

    assert told in ready["message"]
    assert "Key ca.crt of Secret team/pachyderm" in ready["message"]
    assert "True" == stalled["status"]


async def test_a_ca_that_is_none_is_told_with_its_key(certified, ours):
    await change_secret(certified, **{"ca.crt": "the authority of our team"})
    await certified.apply(pachyderm=GUARDED)
    async with InProcess(certified):
        ready = await certified.reason("InvalidSpec")
        await change_secret(certified, **{"ca.crt": ours.certificate})
        await certified.model_of(await certified.push(digits=1))

    assert (
        "spec.pachyderm.secretRef.name: key ca.crt of Secret team/pachyderm holds no"
        " certificate" in ready["message"]
    )


async def test_a_ca_may_be_replaced_between_two_runs(certified, theirs):
    async with InProcess(certified):
        await certified.apply(pachyderm=GUARDED)
        first = await certified.push(digits=1)
        await certified.model_of(first)
        await certified.reason("UpToDate")

        await certified.show(theirs)
        await certified.reason("CertificateRefused")
        await change_secret(certified, **{"ca.crt": theirs.certificate})
        second = await certified.push(digits=2)
        await certified.model_of(second)

        assert [first, second] == await certified.trained()
