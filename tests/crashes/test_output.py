"""Nobody takes the operator's log: it works all the same, and ends when it is asked."""

import os
import signal
from contextlib import contextmanager
from pathlib import Path

from crashes.stage import staged, well


async def works_and_ends(servers, tmp_path, log):
    async with (
        staged(servers, tmp_path) as stage,
        stage.operators("operator") as (operator,),
    ):
        course = await stage.course()
        operator.log = log
        await operator.start()
        await course.push_some(2)
        await course.rests()
        operator.signal(signal.SIGTERM)

        assert 0 == await operator.ends()
        await well(f"log to {log.name}", [course])


async def test_a_disk_without_room_for_the_log(servers, tmp_path):
    await works_and_ends(servers, tmp_path, Path("/dev/full"))


async def test_a_pipe_that_is_full_and_that_nobody_reads(servers, tmp_path):
    with full_pipe(tmp_path / "pipe") as log:
        await works_and_ends(servers, tmp_path, log)


@contextmanager
def full_pipe(path):
    os.mkfifo(path)
    ends = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        while True:
            try:
                os.write(ends, b"x" * 4096)
            except BlockingIOError:
                break
        yield path
    finally:
        os.close(ends)
