"""A first look that asks nobody: only where all is as the seal says."""

import asyncio
from types import SimpleNamespace

import pytest

from mnist_operator import places
from mnist_operator.access import Door
from mnist_operator.commits import Branch, Repo
from mnist_operator.follower import Follower
from mnist_operator.metrics import Metrics
from mnist_operator.pachyderm import HeadSeen
from mnist_operator.plan import Plan, Story
from mnist_operator.readings import Memory
from mnist_operator.recognition import leave_seal, recognise
from mnist_operator.status import Reason, Status
from mnist_operator.tfjob import Endpoint
from mnist_operator.traffic import Turnstile
from unit.builders import (
    IMAGE,
    attempt,
    closed,
    commit,
    entry,
    ident,
    ledger,
    observed,
    source,
    staging_id,
    training,
)

SHOWN = Status(head=ident(1))
JOBS = {"mnist-1": "7"}
DONE = Plan(Story(Reason.UP_TO_DATE, "", ready="True"))


class Client:
    """Branches by name, and nothing else: any other question is an error."""

    connection = "pachd"

    def __init__(self, heads) -> None:
        self.heads = heads
        self.declared = []

    async def branch_head_id(self, branch):
        return self.heads.get(branch)

    async def branch_exists(self, branch):
        return branch in self.heads

    async def descends_from(self, branch):
        return self.declared


class Feeds:
    """Who watches, with what was seen of the branch."""

    def __init__(self) -> None:
        self.begun = []

    def watch(self, client, branch, wake, seen=None):
        self.begun.append((branch, seen))
        return SimpleNamespace(head=seen, close=_nothing)


async def _nothing(*_):
    return None


class World:
    """Everything as a look left it that found all up to date."""

    def __init__(self) -> None:
        of = training()
        self.client = Client(
            {
                places.input_branch(of): ident(1),
                places.output_branch(of): ident(2),
                places.staged_branch(of): ident(2),
                places.pin_branch(of): ident(1),
                places.slot_branch(of): staging_id(),
                places.ledger_branch(of): ident(3),
            }
        )
        self.jobs = dict(JOBS)
        self.rival = ""
        self.feeds = Feeds()
        door = Door(self.client, Endpoint("s3:1600"))
        self.engine = SimpleNamespace(
            access=SimpleNamespace(open=self._say(lambda: door)),
            neighbours=SimpleNamespace(rival_of=self._say(lambda: self.rival)),
            rounds=SimpleNamespace(
                jobs_of=self._say(lambda: self.jobs),
                has_no_jobs=self._say(lambda: self.jobs == {}),
                is_fresh=True,
            ),
            settings=SimpleNamespace(
                trainer_image=IMAGE,
                shard=SimpleNamespace(selects=lambda _: True),
                resync_seconds=60,
                full_resync_seconds=10_000,
            ),
            feeds=self.feeds,
            looks=Turnstile(1),
            kube=None,
            lane=None,
            metrics=Metrics(),
        )
        seal = leave_seal(self.engine, self.seen(), self.memory(), DONE, SHOWN)
        self.training = training(status={**SHOWN.to_json(), "seal": seal})

    @staticmethod
    def _say(what):
        async def said(*_):
            return what()

        return said

    @staticmethod
    def seen():
        return observed(
            ledger=ledger(entry()),
            source=source(head=commit()),
            attempts=(closed(attempt()),),
            output=ident(2),
        )

    @staticmethod
    def memory(**fields):
        return Memory(ledger_head=ident(3), jobs=dict(JOBS), **fields)

    async def recognised(self):
        return await recognise(self.engine, self.training)

    def body(self):
        of = self.training
        meta = {"namespace": of.namespace, "name": of.name, "uid": of.uid}
        meta |= {"generation": of.generation, "resourceVersion": "9"}
        return {"metadata": meta, "spec": {}, "status": dict(of.status)}


@pytest.fixture(name="world")
def _world():
    return World()


async def test_one_that_nothing_happened_to_is_recognised(world):
    known = await world.recognised()

    assert (ident(1), JOBS, SHOWN.head) == (known.head, known.jobs, known.status.head)


def _move(place):
    def move(world):
        world.client.heads[place(training())] = ident(9)

    return move


def _forget(place):
    def forget(world):
        del world.client.heads[place(training())]

    return forget


def _second_slot(world):
    world.client.heads[places.slot_branch(training(), 1)] = ident(9)


def _declare(world):
    world.client.declared = [Branch(Repo("default", "pipeline"), "master")]


@pytest.mark.parametrize(
    "happen",
    [
        pytest.param(_move(places.input_branch), id="a push"),
        pytest.param(_move(places.output_branch), id="another model"),
        pytest.param(_move(places.staged_branch), id="an open model"),
        pytest.param(_move(places.slot_branch), id="an attempt"),
        pytest.param(_move(places.ledger_branch), id="a decision"),
        pytest.param(_forget(places.pin_branch), id="no pin"),
        pytest.param(_forget(places.ledger_branch), id="no ledger"),
        pytest.param(_second_slot, id="an attempt beside it"),
        pytest.param(_declare, id="an output branch with provenance"),
        pytest.param(lambda w: w.jobs.update(more="1"), id="a TFJob more"),
        pytest.param(lambda w: setattr(w, "jobs", None), id="no round"),
        pytest.param(lambda w: setattr(w, "rival", "team/older"), id="a rival"),
        pytest.param(lambda w: w.training.status.pop("seal"), id="no seal"),
        pytest.param(lambda w: w.training.status.update(head=""), id="an edit"),
    ],
)
async def test_whatever_happened_meanwhile_calls_for_a_look(world, happen):
    happen(world)

    assert await world.recognised() is None


async def test_with_metadata_alone_no_pin_is_needed(world):
    spec = {"output": {"provenance": "Metadata"}}
    world.training = training(**spec)
    seen = observed(
        training=world.training,
        ledger=ledger(entry()),
        source=source(head=commit()),
        attempts=(closed(attempt()),),
        output=ident(2),
    )
    seal = leave_seal(world.engine, seen, world.memory(), DONE, SHOWN)
    world.training.status.update(SHOWN.to_json() | {"seal": seal})
    del world.client.heads[places.pin_branch(world.training)]

    assert await world.recognised() is not None


async def test_models_of_unknown_origin_are_looked_at(world):
    memory = world.memory(unexplained=1)

    assert leave_seal(world.engine, world.seen(), memory, DONE, SHOWN) is None


async def test_whoever_is_recognised_is_followed_from_where_it_was(world):
    follower = Follower(world.engine, "team", "mnist", world.body())
    follower._memory.jobless = True
    seconds = await follower._turn(urgent=True)
    told = world.body()
    told["status"]["pendingCommits"] = 3

    assert 300 < seconds < 1400
    assert [(places.input_branch(training()), HeadSeen(ident(1), finished=True))] == (
        world.feeds.begun
    )
    assert not follower.sight.is_overwritten(world.body())
    assert follower.sight.is_overwritten(told)
    assert not follower.sight.hears_head(ident(1), finished=True)
    assert follower.sight.hears_head(ident(9), finished=False)
    assert not follower.sight.is_outdated("uid-1", "9", JOBS)
    assert not follower._memory.jobless
    await asyncio.sleep(0)


async def test_whoever_comes_round_finds_the_output_branch_of_one_as_it_was(world):
    follower = Follower(world.engine, "team", "mnist", world.body())
    await follower._turn(urgent=True)
    follower.busy_since = None
    await follower.peek()
    before = follower._wake.is_set()
    world.client.heads[places.output_branch(training())] = ident(7)
    await follower.peek()

    assert (False, True) == (before, follower._wake.is_set())
