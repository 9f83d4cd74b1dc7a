"""It rings once, a while after it was set."""

import asyncio

from mnist_operator.alarm import Alarm


class Bell:
    """Counts how often it rang, and tells when it does."""

    def __init__(self):
        self.times = 0
        self.rang = asyncio.Event()

    def ring(self):
        self.times += 1
        self.rang.set()


async def test_it_rings_once_however_often_it_is_set():
    bell = Bell()
    alarm = Alarm(0.0, bell.ring)
    alarm.set()
    alarm.set()
    assert 0 == bell.times
    await bell.rang.wait()

    assert 1 == bell.times


async def test_it_can_be_set_again():
    bell = Bell()
    alarm = Alarm(0.0, bell.ring)
    for _ in range(2):
        bell.rang.clear()
        alarm.set()
        await bell.rang.wait()

    assert 2 == bell.times


async def test_one_that_was_stopped_does_not_ring():
    stopped, bell = Bell(), Bell()
    alarm, later = Alarm(0.0, stopped.ring), Alarm(0.0, bell.ring)
    alarm.set()
    alarm.stop()
    alarm.stop()
    later.set()
    await bell.rang.wait()

    assert 0 == stopped.times
