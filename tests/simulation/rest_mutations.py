"""Mistakes of who has nothing to do, or ends what was done; see `mutations`."""

import asyncio
from contextlib import suppress
from dataclasses import replace

from mnist_operator import (
    branch_watch,
    closing,
    follower,
    observer,
    pauses,
    recognition,
    sight,
)
from mnist_operator.errors import OperatorError
from simulation.policy_mutations import MUTATIONS, mutation

__all__ = ["MUTATIONS"]


def _seal(patch, change):
    """A seal over less than it should be."""
    make = recognition.make_seal

    def made(training, status, heads, jobs, *, image):
        training, heads = change(training, heads)
        return make(training, status, heads, jobs, image=image)

    patch.setattr(recognition, "make_seal", made)


@mutation
def recognised_with_another_spec(patch):
    """Whoever starts anew takes an edited spec for the one that it knew."""

    def change(training, heads):
        return training.model_copy(update={"generation": 1}), heads

    _seal(patch, change)


@mutation
def recognised_though_somebody_asks(patch):
    """Whoever starts anew does not see that somebody asks for a run."""

    def change(training, heads):
        return training.model_copy(update={"annotations": {}}), heads

    _seal(patch, change)


@mutation
def recognised_with_another_head(patch):
    """Whoever starts anew does not see what was pushed meanwhile."""

    def change(training, heads):
        return training, replace(heads, input=None)

    _seal(patch, change)


@mutation
def never_settled(patch):
    """Whoever has nothing to do looks at everything in each period."""
    patch.setattr(follower, "is_settled", lambda observed, plan: False)


@mutation
def doubts_for_ever(patch):
    """A call may arrive late; each look makes room for one that does."""
    rest = pauses.Rests.rest

    def again(self, *, settled):
        until = self._doubted_until
        if until is not None and asyncio.get_running_loop().time() >= until:
            self._doubted_until = None
        return rest(self, settled=settled)

    patch.setattr(pauses.Rests, "rest", again)


@mutation
def strangers_everywhere(patch):
    """Whoever comes round takes each output branch for one that was moved."""

    async def other(self, memory):
        return self._output is not None

    patch.setattr(branch_watch.BranchWatch, "finds_other_output", other)


@mutation
def strangers_nowhere(patch):
    """Whoever comes round never finds that an output branch was moved."""

    async def other(self, memory):
        return False

    patch.setattr(branch_watch.BranchWatch, "finds_other_output", other)


def _close_with(patch, make_client):
    """Attempts are closed by a client that does less."""
    close = closing.Closer.close

    async def closed(self, action):
        client, self._client = self._client, make_client(self._client)
        try:
            return await close(self, action)
        finally:
            self._client = client

    patch.setattr(closing.Closer, "close", closed)


class _Client:
    def __init__(self, client) -> None:
        self._client = client
        self._kept = None

    def __getattr__(self, name):
        return getattr(self._client, name)


class _Behind(_Client):
    """Writes what is to be kept once nothing can be written any more."""

    async def modify(self, *arguments):
        self._kept = arguments

    async def finish_commit(self, *arguments, **options):
        await self._client.finish_commit(*arguments, **options)
        with suppress(OperatorError):
            await self._client.modify(*self._kept)


class _Lenient(_Client):
    """Leaves out what is wrong."""

    async def finish_commit(self, *arguments, error=None, **options):
        await self._client.finish_commit(*arguments, **options)


@mutation
def record_behind_the_fence(patch):
    """Why an attempt ended is written when its commit is closed already."""
    _close_with(patch, _Behind)


@mutation
def failures_finish_well(patch):
    """What a failed attempt left behind looks like what a good one did."""
    _close_with(patch, _Lenient)


@mutation
def own_words_are_news(patch):
    """What was written of a trouble and told late wakes whoever waits to try again."""
    hears = sight.Sight.hears

    def anew(self, body):
        self.own.clear()
        return hears(self, body) or self.is_overwritten(body)

    patch.setattr(sight.Sight, "hears", anew)


@mutation
def slots_are_counted_once(patch):
    """Whoever follows it does not see a slot that another operator has opened."""
    read, known = observer.read_attempts, {}

    async def count(client, training, memory):
        memory.slots = memory.slots or known.get(id(memory), (memory, 0))[1]
        found = await read(client, training, memory)
        known[id(memory)] = memory, memory.slots
        return found

    patch.setattr(observer, "read_attempts", count)
