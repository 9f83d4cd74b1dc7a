"""Sees who else writes to output branches, at a few of them in each round.

No event tells of that, and a training that is settled is looked at after hours. So the
heads of a few output branches are asked for, of those whose turn was longest ago: the
same number of calls in each round, however many trainings there are.
"""

import asyncio
import logging
import random
from collections.abc import Mapping
from heapq import nsmallest

from mnist_operator.errors import OperatorError
from mnist_operator.follower import Follower
from mnist_operator.rounds import Key
from mnist_operator.traffic import CALLER, Caller

__all__ = ["PEEKS", "Patrol"]

_LOGGER = logging.getLogger(__name__)
PEEKS = 10
"""Output branches that are asked for in a round, at most."""


class Patrol:
    """Goes round among the followers that rest."""

    def __init__(self, followers: Mapping[Key, Follower]) -> None:
        self._followers = followers
        self._turns: dict[Key, int] = {}
        """In which round each of them had its last turn."""
        self._round = 0

    async def keep(self, seconds: float) -> None:
        """Go round so often, until cancelled."""
        CALLER.set(Caller("outputs", urgent=False))
        while True:
            await asyncio.sleep(seconds * random.uniform(0.9, 1.1))  # noqa: S311
            await self.go_round(seconds)

    async def go_round(self, seconds: float) -> None:
        """Let those peek that have looked at nothing for so long."""
        self._round += 1
        now = asyncio.get_running_loop().time()
        resting = [
            key
            for key, each in self._followers.items()
            if each.busy_since is None and each.looked_at <= now - seconds
        ]
        self._turns = {k: at for k, at in self._turns.items() if k in self._followers}
        for key in nsmallest(PEEKS, resting, key=lambda key: self._turns.get(key, 0)):
            self._turns[key] = self._round
            follower = self._followers.get(key)
            if follower is not None:
                await self._peek(key, follower)

    async def _peek(self, key: Key, follower: Follower) -> None:
        try:
            await follower.peek()
        except OperatorError as error:  # Its feed sees to that.
            _LOGGER.debug("%s: output branch: %s", "/".join(key), error)
        except Exception:
            _LOGGER.exception("%s: output branch: internal error", "/".join(key))
