"""Who reads the logs: a few at a time, all in turn, whatever becomes of one of them."""

import asyncio
import json
import logging
from contextlib import asynccontextmanager, suppress

import pytest

from mnist_operator.errors import DeniedError
from mnist_operator.progress_lane import Lane, Run

_SECONDS = 60
_SOON = 0.01


def log(epoch):
    said = {"epoch": epoch, "epochs": 9}
    return f"progress: {json.dumps(said)}\n".encode()


def run(number):
    return Run("team", f"{number}", f"pod-{number}")


class Logs:
    """Answers with a log, an error, or never."""

    def __init__(self):
        self.answers = {}
        self.asked = []
        self.waiting = 0
        self.most = 0

    async def read(self, run):
        self.asked.append(run.pod)
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        try:
            answer = self.answers.get(run.pod, log(1))
            if answer is None:
                await asyncio.Event().wait()
            if isinstance(answer, Exception):
                raise answer
            return answer
        finally:
            self.waiting -= 1


@asynccontextmanager
async def keeping(lane):
    task = asyncio.create_task(lane.keep())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(look):
    async with asyncio.timeout(_SECONDS):
        while not look():
            await asyncio.sleep(_SOON)


@pytest.fixture(name="logs")
def _logs():
    return Logs()


@pytest.fixture(name="heard")
def _heard():
    return []


def hear(heard):
    async def _hear(run, said):
        heard.append((run.pod, said.epoch))

    return _hear


async def test_what_a_log_says_is_heard_again_and_again(logs, heard):
    lane = Lane(logs.read, seconds=_SOON)
    async with keeping(lane):
        lane.follow("mnist", {"1": run(1)}, hear(heard))
        await until(lambda: ("pod-1", 1) in heard)
        logs.answers["pod-1"] = log(2)
        await until(lambda: ("pod-1", 2) in heard)


async def test_one_that_is_followed_no_more_is_read_no_more(logs, heard):
    lane = Lane(logs.read, seconds=_SOON)
    async with keeping(lane):
        lane.follow("mnist", {"1": run(1), "2": run(2)}, hear(heard))
        lane.follow("other", {"3": run(3)}, hear(heard))
        await until(lambda: len({pod for pod, _ in heard}) == 3)
        lane.follow("mnist", {"2": run(2)}, hear(heard))
        # One that was begun a moment before may still ask.
        before = len(logs.asked)
        await until(lambda: len(logs.asked) > before + 1)
        logs.asked.clear()
        await until(lambda: len(logs.asked) > 5)

    assert {"pod-2", "pod-3"} == set(logs.asked)
    assert 2 == len(lane)


async def test_what_comes_too_late_is_not_heard(logs, heard):
    lane = Lane(logs.read, seconds=_SOON)
    held = asyncio.Event()

    async def late(run):
        await held.wait()
        return await logs.read(run)

    lane._read = late
    async with keeping(lane):
        lane.follow("mnist", {"1": run(1)}, hear(heard))
        await until(lambda: lane._tasks)
        lane.follow("mnist", {}, hear(heard))
        held.set()
        await until(lambda: not lane._tasks)

    assert [] == heard


async def test_some_that_never_answer_hold_up_no_other_and_are_not_many(logs, heard):
    silent = {f"{number}": run(number) for number in range(20)}
    logs.answers = dict.fromkeys(each.pod for each in silent.values())
    lane = Lane(logs.read, seconds=_SOON)
    async with keeping(lane):
        lane.follow("mnist", {"one": run("one")}, hear(heard))
        lane.follow("others", dict(list(silent.items())[:5]), hear(heard))
        await until(lambda: logs.waiting == 5)
        heard.clear()
        await until(lambda: len(heard) > 2)
        lane.follow("others", silent, hear(heard))
        await until(lambda: logs.waiting == 8)

    assert 8 == logs.most


async def test_a_log_that_may_not_be_read_is_told_once_and_tried_ever_more_seldom(
    logs, heard, caplog
):
    caplog.set_level(logging.DEBUG, "mnist_operator")
    logs.answers["pod-1"] = DeniedError("kubernetes", "GET log", "forbidden")
    lane = Lane(logs.read, seconds=_SOON)
    async with keeping(lane):
        lane.follow("mnist", {"1": run(1)}, hear(heard))
        await until(lambda: len(logs.asked) >= 4)
        (reading,) = lane._readings.values()
        await until(lambda: not reading.under_way)
        left = reading.due - asyncio.get_running_loop().time()

    assert [("DEBUG", True)] == [
        (each.levelname, "forbidden" in each.getMessage()) for each in caplog.records
    ]
    assert left > 4 * _SOON


async def test_a_fault_of_our_own_is_told_and_ends_nothing(logs, caplog):
    lane, heard = Lane(logs.read, seconds=_SOON), []

    async def stumble(run, said):
        heard.append(said)
        raise RuntimeError("a fault")

    async with keeping(lane):
        lane.follow("mnist", {"1": run(1)}, stumble)
        await until(lambda: len(heard) >= 2)

    assert {"ERROR"} == {each.levelname for each in caplog.records}


async def test_none_is_read_where_that_is_turned_off(logs, heard):
    lane = Lane(logs.read, seconds=0)
    lane.follow("mnist", {"1": run(1)}, hear(heard))

    assert 0 == len(lane)


async def test_a_reading_that_kopf_has_ended_is_made_again(logs, heard):
    logs.answers["pod-1"] = None
    lane = Lane(logs.read, seconds=_SOON)
    async with keeping(lane):
        lane.follow("mnist", {"1": run(1)}, hear(heard))
        await until(lambda: logs.waiting)
        logs.answers.clear()
        (task,) = lane._tasks
        task.cancel()
        await until(lambda: heard)
