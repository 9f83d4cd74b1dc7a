"""Following the head of one branch, and waking those who care.

The look at the branch (``InspectBranch``) is the truth; nudges only say that now
may be a good moment for it.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from mnist_operator.commits import Branch, Commit
from mnist_operator.errors import OperatorError
from mnist_operator.pachyderm.client import Pachyderm
from mnist_operator.pachyderm.pace import Pace
from mnist_operator.traffic import CALLER, Caller

__all__ = ["HeadFeed", "HeadSeen", "cancelled"]

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HeadSeen:
    """What was last seen of a branch."""

    commit: str | None
    """The head's ID; None where repo, branch or head is missing."""

    finished: bool = False
    """Whether that commit is known to be finished, errored ones too."""

    final: Commit | None = field(default=None, compare=False)
    """That commit itself, as it is for ever, once it is finished."""

    failing: bool = field(default=False, compare=False)
    """Whether the last look failed: then this may be out of date."""


async def cancelled(*tasks: asyncio.Task[None] | None) -> None:
    """Cancel tasks and wait until they are gone."""
    running = [task for task in tasks if task is not None]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


class HeadFeed:
    """One branch: looks at it, remembers its head, tells of changes."""

    def __init__(
        self,
        client: Pachyderm,
        branch: Branch,
        pace: Pace,
        *,
        appeared: Callable[[], None],
        puzzled: Callable[[], None],
        moved: Callable[[str | None], None],
        seen: HeadSeen | None = None,
    ) -> None:
        self.seen = seen
        self.wakes: list[Callable[[], None]] = []
        self.looks = 0
        """How many looks of its own were begun."""
        self._client = client
        self._branch = branch
        self._pace = pace
        self._appeared = appeared
        self._puzzled = puzzled
        self._moved = moved
        self._nudged = asyncio.Event()
        self._chosen = self._closed = False
        self._looking = asyncio.Lock()
        self._finishing: asyncio.Task[None] | None = None
        self._following = asyncio.create_task(self._follow(), name=f"head {branch}")

    @property
    def is_failing(self) -> bool:
        """Whether the last look failed."""
        return self.seen is not None and self.seen.failing

    def is_at(self, commit: str | None) -> bool:
        """Whether that commit was the head when it was last looked at."""
        return self.seen is not None and self.seen.commit == commit

    def nudge(self, *, chosen: bool = False) -> None:
        """Suggest a look. `chosen`: among others, of whom one must have moved."""
        self._chosen = self._chosen or chosen
        self._nudged.set()

    async def take(self, found: str | None, looks: int) -> None:
        """That was the head, in a list that was begun after so many own looks."""
        if self._looking.locked():
            self.nudge()  # Which of both is newer, nobody knows.
        elif looks == self.looks:
            async with self._looking:
                await self._compare(found)

    async def close(self) -> None:
        """Stop looking."""
        self._closed = True
        await cancelled(self._following, self._finishing)

    async def _follow(self) -> None:
        CALLER.set(Caller(f"feed {self._branch}"))
        least, most = self._pace.hold_seconds
        hold = least
        if self.seen is not None:
            await self._nudged.wait()
        while True:
            self._nudged.clear()
            chosen, self._chosen = self._chosen, False
            changed = await self._look()
            if not changed:
                if chosen:
                    self._puzzled()
                await self._pace.sleep(hold)
            crowded = self._nudged.is_set() and not changed
            hold = min(2 * hold, most) if crowded else least
            await self._nudged.wait()

    async def _look(self) -> bool:
        self.looks += 1
        async with self._looking:
            try:
                found = await self._client.branch_head_id(self._branch)
            except OperatorError as error:
                self._failed(error)
                return False
            return await self._compare(found)

    async def _compare(self, found: str | None) -> bool:
        """Take in what the head is now; tell whether it is another."""
        known = self.seen.commit if self.seen else None
        if self.seen is not None and found == known:
            if self.seen.failing:
                self.seen = replace(self.seen, failing=False)
            return False
        if self.seen is not None:
            self._moved(found)
        await cancelled(self._finishing)
        if self._closed:
            return False  # Whoever made the list does not end with this.
        self._finishing = None
        self._see(HeadSeen(found), worth_telling=found != known)
        if found is not None:
            self._finishing = asyncio.create_task(
                self._wait_finished(found), name=f"finish {self._branch}"
            )
        if known is None and found is not None:
            self._appeared()
        return True

    def _failed(self, error: OperatorError) -> None:
        # Whoever acts on the wake-up meets the same error and reports it.
        if not self.is_failing:
            _logger.info("cannot look at %s: %s", self._branch, error)
            seen = replace(self.seen or HeadSeen(None), failing=True)
            self._see(seen, worth_telling=True)

    async def _wait_finished(self, commit: str) -> None:
        while True:
            try:
                found = self._client.known(self._branch.repo, commit)
                found = found or await self._client.commit(
                    self._branch.repo,
                    commit,
                    wait_finished=True,
                    timeout=self._pace.finish_seconds,
                )
            except OperatorError as error:
                _logger.debug("cannot wait for %s: %s", commit, error)
                await self._pace.sleep(self._pace.fallback_poll_seconds)
                continue
            if found is None:
                self._nudged.set()
                self._tell()
                return
            if found.finished is not None:
                seen = HeadSeen(commit, finished=True, final=found)
                self._see(seen, worth_telling=True)
                return
            await self._pace.sleep(self._pace.hold_seconds[1])

    def _see(self, seen: HeadSeen, *, worth_telling: bool) -> None:
        self.seen = seen
        if worth_telling:
            self._tell()

    def _tell(self) -> None:
        for wake in tuple(self.wakes):
            try:
                wake()
            except Exception:
                _logger.exception("a wake-up for %s failed", self._branch)
