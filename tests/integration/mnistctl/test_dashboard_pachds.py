"""The page of trainings that are at several Pachyderms, some of them closed to it.

One world for all of it, in which each test has a training and a Secret of its own.
"""

import pytest
import pytest_asyncio

from integration.dashboard_site import NOWHERE, SECRET, open_page, read, served
from integration.dashboard_story import Story
from integration.pushes import until
from local_cluster.faults import Fault
from local_cluster.pachd import Pachd
from mnist_operator.pachyderm import Connection, Pachyderm
from unit import mnistctl_records as records

pytestmark = pytest.mark.asyncio(loop_scope="module")

THEIRS = "the-token-of-another-pachyderm"


@pytest_asyncio.fixture(name="world", scope="module", loop_scope="module")
async def _world(tmp_path_factory):
    async with served(tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest_asyncio.fixture(name="others", scope="module", loop_scope="module")
async def _others(tmp_path_factory):
    """A second Pachyderm, which asks for a token and has a story of its own."""
    folder = tmp_path_factory.mktemp("other")
    async with Pachd(folder, token=THEIRS, finish_seconds=0.01) as pachd:
        client = Pachyderm(Connection(pachd.address, token=THEIRS))
        story = await Story(client, namespace="team").start()
        await story.publish_one("only", 0.9512)
        yield pachd, story
        await client.close()


async def _create(cluster, address, name, *, token=""):
    """A MnistTraining that is at the other Pachyderm, and perhaps its Secret."""
    spec = {"pachyderm": {"address": address, "secretRef": {"name": name}}}
    status = records.status_of()
    await cluster.create(name, namespace="team", status=status, spec=spec)
    if token:
        await cluster.secret(name, {"token": token}, namespace="team")


async def test_each_training_is_asked_about_where_it_is(world, others):
    pachd, cluster, story = world
    other, theirs = others
    await _create(cluster, other.address, "mnist", token=THEIRS)
    key, only = "/trainings/team/mnist", theirs.entries["only"].run

    async with open_page(pachd, cluster) as page:
        here = await read(page, "/trainings/default/mnist")
        there = await read(page, key)
        run = await read(page, f"{key}/runs/{only}")

    assert "Not complete." not in here + there + run
    assert only in there
    assert "95.12 %" in run
    assert other.address in there
    assert story.entries["first"].run not in there
    assert not any(each in here + there + run for each in (THEIRS, SECRET))


async def test_a_pachyderm_that_does_not_answer_is_told_and_hides_no_other(world):
    pachd, cluster, _ = world
    async with open_page(pachd, cluster) as page:
        dead = await read(page, "/trainings/team/elsewhere")
        here = await read(page, "/trainings/default/mnist")

    assert 1 == dead.count("Not complete.")
    assert f"pachd at {NOWHERE} (spec.pachyderm of team/elsewhere)" in dead
    assert "does not answer" in dead
    assert "99.21 %" in dead
    assert 4 == dead.count("Not known: its Pachyderm could not be asked.")
    assert "There is no model yet" not in dead
    assert "Not complete." not in here
    assert "4 decisions about commits" in here


async def test_our_own_token_is_never_told_to_an_address_that_a_training_names(
    world, others
):
    pachd, cluster, _ = world
    other, _ = others
    spec = {"pachyderm": {"address": other.address}}
    status = records.status_of()
    await cluster.create("bare", namespace="team", status=status, spec=spec)

    async with open_page(pachd, cluster) as page:
        text = await read(page, "/trainings/team/bare")

    # With any token at all it would have been refused in other words.
    assert "asks for a token: whoever owns the training names a Secret" in text


async def test_a_token_that_is_replaced_is_taken_without_a_restart(world, others):
    pachd, cluster, _ = world
    other, _ = others
    await _create(cluster, other.address, "rotated", token="outdated")

    async with open_page(pachd, cluster) as page:
        refused = await read(page, "/trainings/team/rotated")
        await cluster.change_secret("rotated", {"token": THEIRS}, namespace="team")

        async def is_well():
            text = await read(page, "/trainings/team/rotated")
            return "Not complete." not in text

        await until(is_well)

    assert "refused the token of that Secret" in refused
    assert "outdated" not in refused


async def test_a_secret_that_is_missing_is_named(world, others):
    pachd, cluster, _ = world
    other, _ = others
    await _create(cluster, other.address, "forgotten")

    async with open_page(pachd, cluster) as page:
        text = await read(page, "/trainings/team/forgotten")

    assert "Secret team/forgotten does not exist" in text


# The last one: from here on no Secret may be read.
async def test_a_secret_that_the_page_may_not_read_is_told_with_the_role(world, others):
    pachd, cluster, _ = world
    other, _ = others
    await _create(cluster, other.address, "closed", token=THEIRS)
    refusal = (403, {"kind": "Status", "code": 403, "message": "secrets is forbidden"})
    cluster.faults.add(Fault("kube.get.secrets", refusal, times=None))

    async with open_page(pachd, cluster) as page:
        text = await read(page, "/trainings/team/closed")

    assert "binds ClusterRole mnist-operator-secrets to its account" in text
    assert "in namespace team" in text
