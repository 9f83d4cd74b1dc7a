"""Contending for a Lease: what is written, what is told, and when it is lost."""

import asyncio
import logging
import threading
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mnist_operator.election import LEASE_SECONDS, Lease
from mnist_operator.errors import ConflictError, DeniedError, UnreachableError
from mnist_operator.leadership import Leadership, Watchdog, make_identity

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
ME, OTHER = "here_1", "there_2"


class Shelf:
    """One Lease, kept as the API server keeps it; `failure` is raised instead."""

    key = "team/mnist-operator"

    def __init__(self, lease=None):
        self.lease = lease
        self.failure = None
        self.reads = 0

    async def read(self):
        self.reads += 1
        if self.failure is not None:
            raise self.failure
        return self.lease

    async def write(self, lease):
        if self.failure is not None:
            raise self.failure
        if lease.version != (self.lease.version if self.lease else ""):
            raise ConflictError("kubernetes", "PUT", "it has changed")
        self.lease = replace(lease, version=f"{lease.version}+")
        return self.lease

    def hand_to(self, holder):
        self.lease = Lease(holder, renewed="now", version="theirs")


@asynccontextmanager
async def contending(shelf, lost=None):
    """One contender, whose turns the test takes; nobody loses unexpectedly."""
    lost = [] if lost is None else lost
    leadership = Leadership(shelf, ME, lambda: NOON, lambda: lost.append(1))
    try:
        yield leadership
    finally:
        leadership._watchdog.close()


async def test_a_lease_that_is_free_is_taken_and_renewed_without_another_look():
    shelf = Shelf()
    async with contending(shelf) as leadership:
        await leadership._turn()
        first = shelf.lease
        await leadership._turn()

    assert leadership.held.is_set()
    assert (ME, LEASE_SECONDS) == (first.holder, first.seconds)
    assert 1 == shelf.reads
    assert first.version != shelf.lease.version


async def test_a_lease_of_another_is_looked_at_again_and_again(caplog):
    caplog.set_level(logging.INFO)
    shelf = Shelf(Lease(OTHER, version="1"))
    async with contending(shelf) as leadership:
        for _ in range(3):
            await leadership._turn()

    assert not leadership.held.is_set()
    assert (3, OTHER) == (shelf.reads, shelf.lease.holder)
    assert ["Lease team/mnist-operator is held by there_2: standing by"] == [
        record.getMessage() for record in caplog.records
    ]


async def test_who_was_faster_is_looked_at_before_anything_else():
    shelf = Shelf()
    lost = []
    async with contending(shelf, lost) as leadership:
        await leadership._turn()
        shelf.hand_to(OTHER)
        pause = await leadership._turn()
        nothing_yet = not lost
        await leadership._turn()

    assert 0 == pause
    assert nothing_yet
    assert [1] == lost
    assert OTHER == shelf.lease.holder


async def test_a_change_that_leaves_the_holder_is_no_loss():
    shelf = Shelf()
    lost = []
    async with contending(shelf, lost) as leadership:
        await leadership._turn()
        shelf.lease = replace(shelf.lease, version="labelled")
        await leadership._turn()
        await leadership._turn()

    assert [] == lost
    assert "labelled+" == shelf.lease.version


async def test_an_outage_is_told_once_and_survived(caplog):
    shelf = Shelf()
    lost = []
    async with contending(shelf, lost) as leadership:
        await leadership._turn()
        shelf.failure = UnreachableError("kubernetes", "PUT", "Cannot connect")
        for _ in range(3):
            await leadership._turn()
        shelf.failure = None
        await leadership._turn()

    assert [] == lost
    assert ["Cannot connect"] == [
        record.getMessage().rpartition(": ")[2].rstrip(")")
        for record in caplog.records
        if record.levelno == logging.WARNING
    ]


async def test_who_may_not_have_it_is_told_which_rights_it_takes(caplog):
    shelf = Shelf()
    shelf.failure = DeniedError("kubernetes", "GET", "leases is forbidden")
    async with contending(shelf) as leadership:
        await leadership._turn()

    assert not leadership.held.is_set()
    assert "leases is forbidden" in caplog.text
    assert "grant get, create and update of leases" in caplog.text


async def test_a_fault_of_our_own_does_not_end_the_contention(caplog):
    shelf = Shelf()
    shelf.failure = KeyError("metadata")
    async with contending(shelf) as leadership:
        await leadership._turn()
        shelf.failure = None
        await leadership._turn()

    assert leadership.held.is_set()
    assert "internal error" in caplog.text


async def test_in_the_end_it_is_given_back():
    shelf = Shelf()
    leadership = Leadership(shelf, ME, lambda: NOON, lambda: None)

    async with leadership.contend() as held:
        await asyncio.wait_for(held.wait(), 10)

    assert ("", 1) == (shelf.lease.holder, shelf.lease.seconds)


async def test_what_is_anothers_is_not_given_back():
    shelf = Shelf(Lease(OTHER, version="1"))
    leadership = Leadership(shelf, ME, lambda: NOON, lambda: None)

    async with leadership.contend() as held:
        assert not held.is_set()

    assert OTHER == shelf.lease.holder


def test_a_deadline_that_passes_is_the_end_whoever_sleeps():
    ended = threading.Event()
    watchdog = Watchdog(ended.set)

    watchdog.move(time.monotonic() - 1)

    assert ended.wait(10)


@pytest.mark.parametrize("deadline", [None, 3600.0])
def test_a_deadline_that_was_moved_away_is_no_end(deadline):
    ended = threading.Event()
    watchdog = Watchdog(ended.set)
    watchdog.move(time.monotonic() + 3600)

    watchdog.move(None if deadline is None else time.monotonic() + deadline)
    watchdog.close()

    assert not ended.is_set()


def test_no_two_holders_have_the_same_name():
    names = {make_identity("mnist-operator-0") for _ in range(100)}

    assert 100 == len(names)
    assert all(name.startswith("mnist-operator-0_") for name in names)
