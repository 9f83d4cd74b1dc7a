"""Looks at all branches of a repo that are followed: in turn, and soon after a stir.

One list of the repo serves many of them; a few are looked at one by one, as are those
of a repo that has many others.
"""

import asyncio
import math
from collections.abc import Callable, Mapping

from mnist_operator.commits import Branch, Repo
from mnist_operator.errors import NotFoundError, OperatorError
from mnist_operator.pachyderm.client import Pachyderm
from mnist_operator.pachyderm.heads import HeadFeed
from mnist_operator.pachyderm.pace import Pace
from mnist_operator.traffic import CALLER, Caller

__all__ = ["Load", "Survey"]

_FEW = 2
"""So many are looked at one by one."""
_MOMENT_SECONDS = 0.5
_LISTED = 6
"""So many branches of a list cost as much as one look."""


class Load:
    """How many looks it takes to look at all branches of all repos.

    A sum that each survey keeps right, so that no turn of one asks all others.
    """

    def __init__(self) -> None:
        self.looks = 0.0


class Survey:
    """Keeps looking at the heads of one repo."""

    def __init__(
        self,
        client: Pachyderm,
        repo: Repo,
        pace: Pace,
        heads: Mapping[Branch, HeadFeed],
        *,
        connected: Callable[[], bool],
        load: Load,
    ) -> None:
        self._client = client
        self._repo = repo
        self._pace = pace
        self._heads = heads
        self._connected = connected
        self._load = load
        self._counted = 0.0
        """What of the load is this repo's."""
        self._wanted = asyncio.Event()
        self._coming = False
        """Whether a look is wanted in a moment."""
        self._listed = 0.0
        """How many branches the last list had; endless where there is no list."""

    def count(self) -> None:
        """Let the load have what the heads of now cost."""
        self._weigh(1 + self._listed / _LISTED if self._lists else len(self._heads))

    def leave(self) -> None:
        """Cost nothing any more."""
        self._weigh(0.0)

    def _weigh(self, cost: float) -> None:
        self._load.looks += cost - self._counted
        self._counted = cost

    @property
    def _lists(self) -> bool:
        number = len(self._heads)
        return number > _FEW and self._listed <= number * _LISTED

    def want(self) -> None:
        """Ask for a look at all of them, soon."""
        self._wanted.set()

    def want_later(self) -> None:
        """Ask for one look for all that is told in the next moment."""
        if not self._coming:
            self._coming = True
            asyncio.get_running_loop().call_later(_MOMENT_SECONDS, self._come)

    def _come(self) -> None:
        self._coming = False
        self.want()

    def restart(self) -> None:
        """The repo may be another one now: so try to list it again."""
        self._listed = 0.0

    async def keep(self) -> None:
        """Go on until cancelled."""
        CALLER.set(Caller(f"feed {self._repo}"))
        least, most = self._pace.hold_seconds
        hold = least
        while True:
            await self._pace.wait(self._wanted, self._interval())
            self._wanted.clear()
            await self._look()
            await self._pace.sleep(hold)
            hold = min(2 * hold, most) if self._wanted.is_set() else least

    def _interval(self) -> float:
        pace = self._pace
        self.count()
        least = self._load.looks / pace.looks_a_second
        failing = any(head.is_failing for head in self._heads.values())
        if failing or not self._connected():
            return max(pace.fallback_poll_seconds, least)
        return max(pace.poll_seconds, least)

    async def _look(self) -> None:
        if not (self._lists and await self._list()):
            for head in self._heads.values():
                head.nudge()

    async def _list(self) -> bool:
        before = {branch: head.looks for branch, head in self._heads.items()}
        try:
            found = await self._client.branch_heads(self._repo)
        except NotFoundError:
            found = {}
        except OperatorError:
            self._listed = math.inf  # Each look tells what is wrong.
            return False
        self._listed = len(found)
        for branch, looks in before.items():
            head = self._heads.get(branch)
            if head is not None:
                seen = found.get(branch.name)
                await head.take(seen.head if seen else None, looks)
        return True
