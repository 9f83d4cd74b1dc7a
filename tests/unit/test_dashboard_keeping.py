"""Answers that are kept: asked for once, however many wait, and never a failure."""

import asyncio

import pytest

from mnist_operator.cli.dashboard.doors import is_allowed, read_host
from mnist_operator.cli.dashboard.keeping import Kept
from mnist_operator.cli.dashboard.pods import Pods
from mnist_operator.tfjob import RUN_LABEL


class _Source:
    """Counts how often it is asked, and answers when it is let."""

    def __init__(self):
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def answer(self):
        self.asked += 1
        await self.gate.wait()
        return self.asked


async def test_who_asks_at_the_same_time_waits_for_the_same_answer():
    source, kept = _Source(), Kept(10)
    source.gate.clear()
    waiting = [asyncio.create_task(kept.get("k", source.answer)) for _ in range(50)]
    await asyncio.sleep(0)
    source.gate.set()

    assert {1} == set(await asyncio.gather(*waiting))


async def test_what_may_change_is_asked_for_again_when_it_is_old():
    now = [0.0]
    source, kept = _Source(), Kept(10, 3.0, clock=lambda: now[0])

    told = []
    for moment in (0.0, 2.9, 3.0, 5.0):
        now[0] = moment
        told.append(await kept.get("k", source.answer))

    assert [1, 1, 2, 2] == told


async def test_what_never_changes_is_kept_until_there_is_no_room():
    source, kept = _Source(), Kept(2)

    told = [await kept.get(key, source.answer) for key in "aabaca"]

    assert [1, 1, 2, 1, 3, 1] == told
    assert 2 == len(kept)
    assert 4 == await kept.get("b", source.answer)


async def test_a_failure_is_everybodys_and_is_not_kept():
    source, kept = _Source(), Kept(10)

    async def fail():
        await asyncio.sleep(0)
        raise ValueError("no answer")

    failed = await asyncio.gather(
        *(kept.get("k", fail) for _ in range(3)), return_exceptions=True
    )

    assert ["no answer"] * 3 == [str(each) for each in failed]
    assert 1 == await kept.get("k", source.answer)


async def test_an_answer_is_finished_also_when_who_asked_has_left():
    source, kept = _Source(), Kept(10)
    source.gate.clear()
    asking = asyncio.create_task(kept.get("k", source.answer))
    await asyncio.sleep(0)
    asking.cancel()
    source.gate.set()

    assert 1 == await kept.get("k", source.answer)
    assert asking.cancelled()


async def test_closing_ends_what_is_being_asked():
    source, kept = _Source(), Kept(10)
    source.gate.clear()
    asking = asyncio.create_task(kept.get("k", source.answer))
    await asyncio.sleep(0)
    await kept.close()

    with pytest.raises(asyncio.CancelledError):
        await asking


class _Jobs:
    """A cluster with one pod, or none."""

    def __init__(self, *names):
        self.asked = []
        self._names = names

    async def pods(self, namespace, selector):
        self.asked.append((namespace, selector))
        return [{"metadata": {"name": each, "labels": {}}} for each in self._names]

    async def tail(self, namespace, pod, lines):
        return f"{lines} lines of {namespace}/{pod}\u202e\n".encode()


async def test_the_log_of_a_run_under_way_is_asked_of_its_pod_once():
    jobs = _Jobs("mnist-pod")
    pods = Pods(jobs)

    told = await asyncio.gather(*(pods.log("team", "7" * 32) for _ in range(9)))

    assert {"200 lines of team/mnist-pod\ufffd\n"} == set(told)
    assert [("team", f"{RUN_LABEL}={'7' * 32}")] == jobs.asked
    await pods.close()


async def test_a_run_without_a_pod_has_no_log_yet():
    pods = Pods(_Jobs())

    assert "" == await pods.log("team", "7" * 32)
    await pods.close()


@pytest.mark.parametrize(
    ("header", "allowed"),
    [
        ("localhost", True),
        ("LOCALHOST:8765", True),
        ("127.0.0.1:80", True),
        ("[::1]:8765", True),
        ("page.example.org", True),
        ("Page.Example.org.:443", True),
        ("evil.example", False),
        ("page.example.org.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("[::2]", False),
        ("", False),
    ],
)
def test_only_names_that_somebody_allowed_are_answered(header, allowed):
    assert allowed is is_allowed(header, ["page.example.org:443"])


def test_the_name_in_a_host_header_has_no_port():
    assert ["a.b", "[::1]", "a"] == [*map(read_host, ("A.b:1", "[::1]:1", "a."))]
