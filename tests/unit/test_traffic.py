"""Turns at one server: how many at once, who is next, and what a busy server changes.

Input: callers that come and go. Output: who was let through, in which order.
"""

import asyncio

import pytest

from mnist_operator.traffic import CALLER, Caller, Turnstile


class Crowd:
    """Callers at one turnstile; each stays until it is sent on."""

    def __init__(self, turns: Turnstile) -> None:
        self.turns = turns
        self.inside: list[str] = []
        self.came: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, *names: str, urgent: bool = False) -> None:
        """Let callers come one after the other; the caller is the name's letter."""
        for name in names:
            CALLER.set(Caller(name[0], urgent=urgent))
            self.tasks[name] = asyncio.create_task(self._call(name))
            await asyncio.sleep(0)

    async def _call(self, name: str) -> None:
        async with self.turns.turn():
            self.came.append(name)
            self.inside.append(name)
            while name in self.inside:
                await asyncio.sleep(0)

    async def send_on(self, name: str) -> None:
        """End one's call."""
        self.inside.remove(name)
        await self.tasks.pop(name)
        await asyncio.sleep(0)

    async def serve_all(self) -> str:
        """End calls as they come until nobody waits; tell in which order they came."""
        while self.inside:
            await self.send_on(self.inside[0])
        return " ".join(self.came)


async def test_so_many_are_let_through_and_no_more():
    crowd = Crowd(Turnstile(2))
    await crowd.come("a", "b", "c")

    assert ["a", "b"] == crowd.came
    assert (2, 1) == (crowd.turns.running, crowd.turns.waiting)

    await crowd.send_on("a")

    assert ["a", "b", "c"] == crowd.came
    await crowd.serve_all()


async def test_one_with_many_calls_holds_up_nobody_but_itself():
    crowd = Crowd(Turnstile(1))
    await crowd.come("a1", "a2", "a3", "a4", "b1", "c1", "b2")

    assert "a1 a2 b1 c1 a3 b2 a4" == await crowd.serve_all()


async def test_what_cannot_wait_goes_first_and_still_leaves_a_share():
    crowd = Crowd(Turnstile(1))
    await crowd.come("a1", "r1", "r2")
    await crowd.come("u1", "u2", "u3", "u4", "u5", urgent=True)

    order = (await crowd.serve_all()).split()

    assert "a1" == order[0]
    assert 2 <= sum(name[0] == "u" for name in order[1:4])
    assert order.index("r1") < order.index("u5")


async def test_one_that_gives_up_waiting_takes_no_turn():
    crowd = Crowd(Turnstile(1))
    await crowd.come("a", "b", "c")
    crowd.tasks.pop("b").cancel()
    await asyncio.sleep(0)

    assert "a c" == await crowd.serve_all()
    assert (0, 0) == (crowd.turns.running, crowd.turns.waiting)


async def test_one_that_is_cancelled_as_its_turn_comes_gives_it_back():
    crowd = Crowd(Turnstile(1))
    await crowd.come("a", "b")
    crowd.inside.remove("a")
    await crowd.tasks["a"]  # Its turn is b's now, who has not run since.
    crowd.tasks["b"].cancel()
    await asyncio.gather(crowd.tasks["b"], return_exceptions=True)

    assert 0 == crowd.turns.running


async def test_a_busy_server_is_left_alone_by_all_and_then_tried_by_few():
    turns = Turnstile(64)
    asked = turns.is_busy(0.05)
    crowd = Crowd(turns)
    await crowd.come("a")

    assert 0.05 == asked
    assert [] == crowd.came
    assert 32 == turns.limit

    async with asyncio.timeout(60):
        await turns.enter()
    turns.leave()

    await crowd.serve_all()


async def test_a_busy_server_that_says_no_time_is_asked_less_and_less():
    turns = Turnstile(8)
    first = turns.is_busy()
    told_again = turns.is_busy()
    turns._closed_until = 0.0
    second = turns.is_busy()
    turns.went_well()
    turns._closed_until = 0.0

    assert 0.1 == first
    assert told_again <= first
    assert 0.2 == second
    assert 0.1 == turns.is_busy()


@pytest.mark.parametrize("asked", [3600.0, 61.0])
async def test_nobody_waits_longer_than_a_minute_whatever_a_server_says(asked):
    assert 60.0 == Turnstile(8).is_busy(asked)


async def test_a_slow_server_gets_fewer_calls_and_more_again_when_it_answers():
    turns = Turnstile(32)
    for _ in range(10):
        turns.is_slow()
    slow = turns.limit
    for _ in range(100):
        turns.went_well()

    assert 2 == slow
    assert 32 == turns.limit


async def test_a_look_that_takes_long_gives_its_turn_back_meanwhile():
    turns = Turnstile(1)
    async with turns.brief_turn(0.01), asyncio.timeout(60):
        await turns.enter()
    turns.leave()

    assert 0 == turns.running


async def test_a_short_look_gives_its_turn_back_once():
    turns = Turnstile(1)
    async with turns.brief_turn(60.0):
        assert 1 == turns.running

    assert 0 == turns.running
