"""How many slots are read: those that the spec allows, and all that anybody opened."""

import pytest

from mnist_operator import places, runs
from mnist_operator.commits import Commit
from mnist_operator.readings import Memory
from mnist_operator.runs import Outcome, Verdict
from mnist_operator.slots import read_attempts
from unit.builders import RUNS, ago, attempt, ident, training


class Repo:
    """The run repo of a pachd; keeps which slots were asked for."""

    def __init__(self, used):
        self.used = used
        self.asked = []
        self.outcomes = {}

    async def head(self, branch):
        slot = next(i for i in range(11) if places.slot_branch(training(), i) == branch)
        self.asked.append(slot)
        if slot >= self.used:
            return None
        of, end = attempt(staging=ident(0xB000 + slot)), self.outcomes.get(slot)
        text = runs.describe_outcome(of, end, {}) if end else runs.describe_attempt(of)
        closed = ago(1) if end else None
        return Commit(of.staging, RUNS, None, text, ago(9), closed, closed)


@pytest.fixture(name="memory")
def _memory():
    return Memory()


async def look(repo, memory, **spec):
    repo.asked.clear()
    return [e.slot for e in await read_attempts(repo, training(**spec), memory)]


async def test_the_first_look_counts_them_and_those_after_it_read_as_many(memory):
    repo = Repo(3)

    assert [0, 1, 2] == await look(repo, memory)
    assert [0, 1, 2, 3] == repo.asked
    assert [0, 1, 2] == await look(repo, memory)
    assert [0, 1, 2] == repo.asked


async def test_one_is_looked_at_where_none_was_opened_yet(memory):
    repo = Repo(0)

    assert [] == await look(repo, memory)
    assert [] == await look(repo, memory)
    assert [0] == repo.asked


async def test_as_many_are_looked_at_as_may_run(memory):
    repo, allowed = Repo(1), {"concurrencyPolicy": "Allow", "maxParallel": 3}

    assert [0] == await look(repo, memory, **allowed)
    assert [0, 1, 2] == repo.asked
    assert [0] == await look(repo, memory)
    assert [0] == repo.asked


async def test_whoever_forgot_how_many_counts_again(memory):
    repo = Repo(1)
    await look(repo, memory)
    repo.used = 2
    assert [0] == await look(repo, memory)
    memory.slots = 0

    assert [0, 1] == await look(repo, memory)
    assert [0, 1, 2] == repo.asked


async def test_so_does_whoever_gave_up_a_twin(memory):
    repo = Repo(1)
    await look(repo, memory)
    repo.used, repo.outcomes = 2, {0: Outcome(Verdict.ABANDONED, "Twin", "There.")}

    assert [0, 1] == await look(repo, memory)
