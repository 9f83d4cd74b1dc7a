"""A Secret that goes while it is in use, and a token that the trainer cannot use."""

import pytest

from integration.following.test_access import GUARDED, SECRETS, TOKEN, create_secret
from integration.operators import InProcess
from integration.world import REAL_IMAGE, World, until
from local_cluster.faults import Fault
from mnist_operator.decisions import Decision

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
