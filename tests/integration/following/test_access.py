"""Who we are towards Pachyderm: a Secret that is missing, wrong, new, or a CA."""

import base64

import pytest

from integration.certificates import make_certificate
from integration.operators import InProcess
from integration.world import World, environment, until
from local_cluster.kube.client import path_of
from local_cluster.pachd.calls import Gate
from mnist_operator.pachyderm import Pachyderm

TOKEN = "the-right-token"
SECRETS = path_of("v1", "secrets", ("team", ""))
GUARDED = {"secretRef": {"name": "pachyderm"}}


@pytest.fixture(name="world")
async def _guarded_world(tmp_path):
    """A pachd that asks for a token."""
    async with World(tmp_path, token=TOKEN) as world:
        await world.create_repo()
        yield world


async def create_secret(world, **values):
    secret = {"metadata": {"name": "pachyderm"}, "stringData": values}
    await world.kube.call("POST", SECRETS, secret)


async def change_secret(world, **values):
    data = {
        key: base64.b64encode(each.encode()).decode() for key, each in values.items()
    }
    await world.kube.call("PATCH", f"{SECRETS}/pachyderm", {"data": data})


async def expect(world, token):
    """Have pachd take another token from now on, and the old one no more."""
    pachd = world.cluster.pachd
    await pachd.stop()
    pachd._token, pachd._gate = token, Gate(pachd.faults, token)
    await pachd.start()
    await world.pachyderm.close()
    world._token = token
    world.pachyderm = Pachyderm(world.connection)


async def variables(world):
    (job,) = await world.jobs()
    return environment(job)


async def test_a_token_opens_pachyderm_for_us_and_for_the_trainer(world, operator):
    await create_secret(world, token=TOKEN)
    await world.apply(pachyderm=GUARDED)
    commit = await world.push(digits=1)

    await world.model_of(commit)

    given = await variables(world)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        key = {"name": "pachyderm", "key": "token"}
        assert {"name": name, "valueFrom": {"secretKeyRef": key}} == given[name]
    assert TOKEN not in str(await world.jobs())


async def test_a_lesser_token_goes_to_the_trainer_where_there_is_one(world, operator):
    await create_secret(world, token=TOKEN, **{"trainer-token": TOKEN})
    await world.apply(pachyderm=GUARDED)
    commit = await world.push(digits=1)

    await world.model_of(commit)

    source = (await variables(world))["AWS_ACCESS_KEY_ID"]["valueFrom"]
    assert {"name": "pachyderm", "key": "trainer-token"} == source["secretKeyRef"]


async def test_a_missing_secret_is_named_and_looked_for_again(world, operator):
    await world.apply(pachyderm=GUARDED)
    ready = await world.reason("InvalidSpec")
    stalled = await world.condition("Stalled")

    await create_secret(world, token=TOKEN)
    commit = await world.push(digits=1)
    await world.model_of(commit)

    assert "Secret team/pachyderm does not exist" in ready["message"]
    assert "spec.pachyderm.secretRef.name" in ready["message"]
    assert ("True", "False") == (
        stalled["status"],
        (await world.condition("Stalled"))["status"],
    )


async def test_a_secret_without_a_token_is_told_so(world, operator):
    await create_secret(world, password="something")
    await world.apply(pachyderm=GUARDED)

    ready = await world.reason("InvalidSpec")
    (event,) = await until(lambda: world.told("InvalidSpec"), "its Event")

    assert ready["message"] == event
    assert "is there, with key password alone: add key token" in ready["message"]


async def test_no_secret_at_all_is_told_as_denied(world, operator):
    await world.apply()

    ready = await world.reason("AccessDenied")

    assert "no authentication token" in ready["message"]
    assert "spec.pachyderm.secretRef" in ready["message"]
    assert "True" == (await world.condition("Stalled"))["status"]


async def test_a_wrong_token_is_told_and_a_right_one_taken_without_a_restart(
    world, operator
):
    await create_secret(world, token="a-wrong-token")
    await world.apply(pachyderm=GUARDED)
    ready = await world.reason("AccessDenied")

    await change_secret(world, token=TOKEN)
    commit = await world.push(digits=1)
    await world.model_of(commit)

    assert "a-wrong-token" not in ready["message"]
    assert "True" == (await world.reason("UpToDate"))["status"]


async def test_a_token_may_be_rotated_between_two_runs(world):
    await create_secret(world, token=TOKEN)
    async with InProcess(world):
        await world.apply(pachyderm=GUARDED)
        await world.model_of(await world.push(digits=1))
        await world.reason("UpToDate")

        await expect(world, "another-token")
        await world.reason("AccessDenied")
        await change_secret(world, token="another-token")
        await world.model_of(await world.push(digits=2))

        assert 2 == len(await world.models())


@pytest.fixture(name="certificate")
def _certificate(tmp_path):
    return make_certificate(tmp_path)


async def test_a_ca_in_the_secret_opens_both_endpoints_with_tls(tmp_path, certificate):
    async with World(tmp_path, token=TOKEN, tls=certificate) as world:
        await world.create_repo()
        ca = certificate[0].read_text()
        await create_secret(world, token=TOKEN, **{"ca.crt": ca})
        async with InProcess(world):
            await world.apply(pachyderm=GUARDED)
            commit = await world.push(digits=1)

            await world.model_of(commit)

        given = await variables(world)
    assert "1" == given["S3_USE_HTTPS"]["value"]


async def test_with_authentication_off_a_secret_may_hold_the_ca_alone(
    tmp_path, certificate
):
    async with World(tmp_path, tls=certificate) as world:
        await world.create_repo()
        await create_secret(world, **{"ca.crt": certificate[0].read_text()})
        async with InProcess(world):
            await world.apply(pachyderm=GUARDED)
            commit = await world.push(digits=1)

            await world.model_of(commit)

        assert "AWS_ACCESS_KEY_ID" not in await variables(world)
