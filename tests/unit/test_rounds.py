"""A round finds what no event has told: who is behind, gone, untold of, or left over.

The followers are real, but their loops do not run; the API server is a few lists.
"""

import asyncio
from types import SimpleNamespace

import pytest

from mnist_operator.engine import Engine
from mnist_operator.errors import UnreachableError
from mnist_operator.follower import Follower
from mnist_operator.hub import FINALIZER, Hub
from mnist_operator.kube import Mark
from mnist_operator.settings import Settings

KEY = ("team", "mnist")


def mark(name="mnist", version="7", *, uid="u", **fields):
    return Mark("team", name, uid, version, 1, **fields)


class Server:
    """Lists, two objects a page, and what was asked besides."""

    def __init__(self) -> None:
        self.trainings = [mark()]
        self.jobs = []
        self.released = []
        self.down = False

    async def mark_trainings(self, namespace=""):
        if self.down:
            raise UnreachableError("kubernetes", "GET", "away")
        for place in range(0, len(self.trainings), 2):
            yield self.trainings[place : place + 2]

    async def mark_jobs(self, namespace, selector):
        for place in range(0, len(self.jobs), 2):
            yield self.jobs[place : place + 2]

    async def get_training(self, namespace, name):
        return None

    async def let_go(self, mark, finalizer):
        self.released.append((mark.name, finalizer))


class Secrets:
    """Which Secrets have changed."""

    def __init__(self) -> None:
        self.changed = set()
        self.used = set()

    async def refresh(self, used):
        self.used = set(used)
        return self.changed


@pytest.fixture(name="server")
def _server():
    return Server()


def make_hub(server, **settings):
    access = Secrets()
    engine = Engine(server, access, None, Settings(**settings), None)
    return Hub(engine), access


def follow(hub, *, jobs=None):
    """Somebody who looked a while ago, and saw version 7 and these TFJobs."""
    follower = Follower(hub._engine, *KEY)
    follower.looked_at = asyncio.get_running_loop().time() - 10
    follower.sight.uid, follower.sight.version = "u", "7"
    follower.sight.jobs = jobs or {}
    hub._followers[KEY], hub._uids[KEY] = follower, "u"
    return follower


def is_woken(follower):
    return follower._wake.is_set()


async def test_whoever_has_seen_it_all_sleeps_on(server):
    hub, _ = make_hub(server)
    follower = follow(hub)
    await hub.go_round()

    assert not is_woken(follower)


@pytest.mark.parametrize(
    "found",
    [mark(version="8"), mark(uid="v"), mark(version="8", deleting=True)],
    ids=["changed", "created-anew", "deleted"],
)
async def test_whoever_is_behind_is_woken(server, found):
    hub, _ = make_hub(server)
    follower = follow(hub)
    server.trainings = [mark("other"), mark("more"), found]
    await hub.go_round()

    assert is_woken(follower)


@pytest.mark.parametrize(
    ("seen", "there"), [({}, ["a"]), ({"a": "7"}, []), ({"a": "6"}, ["a"])]
)
async def test_a_tfjob_that_is_not_as_it_was_seen_wakes(server, seen, there):
    hub, _ = make_hub(server)
    follower = follow(hub, jobs=seen)
    labels = {"mnist-operator.dev/training": "mnist"}
    server.jobs = [mark(name, labels=labels) for name in there]
    await hub.go_round()

    assert is_woken(follower)


async def test_tfjobs_as_they_were_seen_wake_nobody(server):
    hub, _ = make_hub(server)
    names = ["a", "b", "c"]
    follower = follow(hub, jobs=dict.fromkeys(names, "7"))
    labels = {"mnist-operator.dev/training": "mnist"}
    server.jobs = [mark(name, labels=labels) for name in names]
    await hub.go_round()

    assert not is_woken(follower)


async def test_whoever_looks_meanwhile_sees_more_than_the_list(server):
    hub, _ = make_hub(server)
    follower = follow(hub)
    follower.looked_at = asyncio.get_running_loop().time() + 10
    server.trainings = [mark(version="8")]
    await hub.go_round()

    assert not is_woken(follower)


async def test_one_that_is_gone_without_a_word_is_let_go(server):
    hub, _ = make_hub(server)
    follow(hub)
    ended = hub._gone["u"] = asyncio.Event()
    server.trainings = []
    await hub.go_round()

    assert ended.is_set()


async def test_one_that_nobody_told_of_is_followed_from_the_second_round_on(server):
    hub, _ = make_hub(server)
    await hub.go_round()
    first = len(hub)
    await hub.go_round()
    await asyncio.sleep(0)

    assert (0, 1) == (first, len(hub))

    # kopf tells of it after all: its daemon takes over.
    stopped = asyncio.Event()
    told = asyncio.create_task(hub.follow(*KEY, stopped.wait, "u"))
    async with asyncio.timeout(60):
        await asyncio.gather(*hub._tasks)

    assert 1 == len(hub)

    stopped.set()
    await told

    assert 0 == len(hub)


@pytest.mark.parametrize("rounds", [1, 2])
async def test_who_stops_takes_nobody_in(server, rounds):
    """kopf may take longer to stop than two rounds, and ends what it began alone."""
    hub, _ = make_hub(server)
    for _ in range(rounds):
        await hub.go_round()
    hub.close()
    await hub.go_round()
    async with asyncio.timeout(60):
        await asyncio.gather(*hub._tasks)

    assert 0 == len(hub)


async def test_what_is_not_selected_is_nobody_to_follow(server):
    hub, _ = make_hub(server, selector="shard=a")
    await hub.go_round()
    await hub.go_round()
    await asyncio.sleep(0)

    assert 0 == len(hub)


@pytest.mark.parametrize("selector", ["", "shard=a"])
async def test_a_deleted_one_that_nobody_follows_is_let_go_in_the_second_round(
    server, selector
):
    hub, _ = make_hub(server, selector=selector)
    kept = mark("kept", uid="k", deleting=True, finalizers=("another.org/one",))
    server.trainings = [mark(deleting=True, finalizers=(FINALIZER,)), kept]
    await hub.go_round()
    first = list(server.released)
    await hub.go_round()

    assert [] == first
    assert [("mnist", FINALIZER)] == server.released


async def test_a_deleted_one_that_is_followed_is_left_to_its_daemon(server):
    hub, _ = make_hub(server)
    follow(hub)
    server.trainings = [mark(deleting=True, finalizers=(FINALIZER,))]
    await hub.go_round()
    await hub.go_round()

    assert [] == server.released


async def test_a_secret_that_has_changed_wakes_those_that_name_it(server):
    hub, secrets = make_hub(server)
    follower = follow(hub)
    follower.sight.secret = ("team", "token")
    await hub.go_round()
    before = is_woken(follower)
    secrets.changed = {("team", "token")}
    await hub.go_round()

    assert {("team", "token")} == secrets.used
    assert (False, True) == (before, is_woken(follower))


async def test_long_sleep_is_for_those_whose_rounds_are_made(server):
    hub, _ = make_hub(server, resync_seconds=60, full_resync_seconds=6000)
    follower = follow(hub)
    rests = follower._rests
    before = rests.rest(settled=True)
    await hub.go_round()
    once_more = rests.rest(settled=True)
    rests._doubted_until = 0.0

    assert 60 == before
    assert 60 < once_more < 4500
    assert 4500 <= rests.rest(settled=True) <= 7500
    assert 60 == rests.rest(settled=False)


async def test_nobody_is_taken_to_have_no_tfjobs_before_that_is_known(server):
    hub, _ = make_hub(server)
    rounds = hub._engine.rounds
    unknown = await rounds.has_no_jobs(*KEY)
    rounds.expect()
    asked = asyncio.create_task(rounds.has_no_jobs(*KEY))
    await hub.go_round()

    assert not unknown
    assert await asked


async def test_a_round_that_fails_keeps_nobody_waiting(server):
    server.down = True
    hub, _ = make_hub(server)
    rounds = hub._engine.rounds
    rounds.expect()
    asked = asyncio.create_task(rounds.has_no_jobs(*KEY))
    with pytest.raises(UnreachableError):
        await hub.go_round()

    assert not await asked
    assert not rounds.is_fresh


def test_an_unknown_tfjob_wakes_nobody():
    hub = Hub(SimpleNamespace())
    meta = {"namespace": "team", "name": "job", "labels": {}}
    meta["labels"]["mnist-operator.dev/training"] = "mnist"

    hub.hear_job({"metadata": meta}, gone=False)

    assert 0 == len(hub)
