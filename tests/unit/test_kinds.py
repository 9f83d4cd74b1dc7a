"""Kinds that begin to be served, where nobody tells of that."""

import asyncio

import pytest

from mnist_operator.errors import DeniedError, UnreachableError
from mnist_operator.kinds import (
    KINDS,
    find_absent,
    find_missing,
    wait_for_any,
    wait_for_namespace,
)

OURS, TFJOBS = KINDS


class Server:
    """Serves these kinds; each answer in `outages` is none."""

    def __init__(self, *kinds, outages=0):
        self.kinds = set(kinds)
        self.outages = outages
        self.asked = 0

    async def serves(self, *kind):
        self.asked += 1
        if self.asked <= self.outages:
            raise UnreachableError("kubernetes", "GET", "Cannot connect")
        return kind in self.kinds


@pytest.mark.parametrize(
    ("served", "missing"),
    [
        pytest.param(KINDS, [], id="none"),
        pytest.param([OURS], [TFJOBS], id="tfjobs"),
        pytest.param([], [OURS, TFJOBS], id="both"),
    ],
)
async def test_what_is_missing_is_found(served, missing):
    assert missing == await find_missing(Server(*served))


async def test_while_nobody_answers_everything_may_be_missing():
    assert [OURS, TFJOBS] == await find_missing(Server(*KINDS, outages=1))


async def test_a_kind_that_comes_is_noticed_also_after_an_outage():
    server = Server(TFJOBS, outages=3)

    await asyncio.wait_for(wait_for_any(server, [TFJOBS], 0.001), 10)

    assert 4 == server.asked


async def test_where_nothing_is_missing_nobody_is_asked():
    server = Server(*KINDS)
    waiting = asyncio.ensure_future(wait_for_any(server, [], 0.001))

    await asyncio.wait({waiting}, timeout=0.01)

    assert not waiting.done()
    assert 0 == server.asked
    waiting.cancel()


class Namespaces:
    """Answers with each of these in turn: the names, or what went wrong."""

    def __init__(self, *answers):
        self._answers = list(answers)

    async def list_namespaces(self):
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


AWAY = UnreachableError("kubernetes", "GET", "Cannot connect")
DENIED = DeniedError("kubernetes", "GET", "forbidden")


@pytest.mark.parametrize(
    ("answer", "absent"),
    [
        pytest.param(["a", "b", "c"], [], id="all-are-there"),
        pytest.param(["b"], ["a"], id="one-is-not"),
        pytest.param(AWAY, ["a", "b"], id="nobody-answers"),
        pytest.param(DENIED, [], id="we-may-not-look"),
    ],
)
async def test_named_namespaces_that_are_absent_are_found(answer, absent):
    assert absent == await find_absent(Namespaces(answer), ["a", "b"])


async def test_without_named_namespaces_none_is_asked_for():
    assert [] == await find_absent(Namespaces(), [])


async def test_a_namespace_that_comes_is_noticed_also_after_an_outage():
    server = Namespaces(["b"], AWAY, ["b"], ["a", "b"])

    await asyncio.wait_for(wait_for_namespace(server, ["a"], 0.001), 10)


async def test_where_no_namespace_is_absent_none_is_waited_for():
    waiting = asyncio.ensure_future(wait_for_namespace(Namespaces(), [], 0.001))

    await asyncio.wait({waiting}, timeout=0.01)

    assert not waiting.done()
    waiting.cancel()
