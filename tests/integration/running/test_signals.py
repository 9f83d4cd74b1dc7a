"""The main thread: how the process ends, whatever its loop does."""

import asyncio
import signal
import sys
from contextlib import asynccontextmanager

import pytest

from integration.world import ROOT

PROGRAM = """
import asyncio, sys, time
from mnist_operator.supervision import supervise

async def work(stop):
    print("begun", flush=True)
    {work}

supervise(work, seconds={seconds})
"""
WAIT = "await asyncio.to_thread(stop.wait)"
GO_ON = f'{WAIT}; print("asked", flush=True); await asyncio.sleep(3600)'
HOLD_UP = f'{WAIT}; print("asked", flush=True); time.sleep(3600)'


@asynccontextmanager
async def program(work, seconds=3600):
    """A process with this work, which has begun; its output is read as it comes."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM.format(work=work, seconds=seconds),
        env={"PYTHONPATH": str(ROOT / "operator")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert b"begun\n" == await process.stdout.readline()
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_is_passed_on_and_the_work_ends_well(number):
    async with program(WAIT) as process:
        process.send_signal(number)

        assert 0 == await process.wait()
        assert b"" == await process.stderr.read()


@pytest.mark.parametrize("work", [GO_ON, HOLD_UP], ids=["goes-on", "holds-up"])
async def test_a_second_signal_ends_at_once(work):
    async with program(work) as process:
        process.send_signal(signal.SIGTERM)
        assert b"asked\n" == await process.stdout.readline()
        process.send_signal(signal.SIGTERM)

        assert 128 + signal.SIGTERM == await process.wait()
        assert b"" == await process.stderr.read()


@pytest.mark.parametrize("work", [GO_ON, HOLD_UP], ids=["goes-on", "holds-up"])
async def test_work_that_does_not_stop_in_time_is_ended(work):
    async with program(work, seconds=0.1) as process:
        process.send_signal(signal.SIGTERM)

        assert 0 == await process.wait()
        told = await process.stderr.read()
        assert b"Did not stop in time: ending as it is.\n" == told


async def test_work_that_fails_fails_the_process():
    async with program('raise RuntimeError("broken")') as process:
        assert 1 == await process.wait()
        assert b"RuntimeError: broken" in await process.stderr.read()


async def test_what_goes_wrong_because_of_the_end_is_told_without_a_traceback():
    async with program(f'{WAIT}; raise RuntimeError("cut off")') as process:
        process.send_signal(signal.SIGTERM)

        assert 0 == await process.wait()
        told = await process.stderr.read()
        assert b"While stopping: RuntimeError('cut off')\n" == told


async def test_a_signal_of_ours_from_somebody_else_changes_nothing():
    async with program(WAIT) as process:
        process.send_signal(signal.SIGUSR1)
        process.send_signal(signal.SIGTERM)

        assert 0 == await process.wait()
