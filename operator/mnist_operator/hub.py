"""The followers at work, and who of them is woken by what.

Level-triggered: a wake-up says "look again", never what happened. And whatever was not
told is found by a round, in which everything is listed and compared.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from mnist_operator.engine import Engine
from mnist_operator.errors import NotFoundError, OperatorError, UpstreamError
from mnist_operator.follower import Follower
from mnist_operator.kube import Kube, Mark
from mnist_operator.patrol import Patrol
from mnist_operator.resource import DOMAIN
from mnist_operator.rounds import Key, Round
from mnist_operator.tfjob import TRAINING_LABEL

__all__ = ["FINALIZER", "Hub"]

_LOGGER = logging.getLogger(__name__)
_FIRST = asyncio.FIRST_COMPLETED
FINALIZER = f"{DOMAIN}/operator"
"""kopf's, so that it may end a daemon in peace. All operators of a cluster have the
same: a training may pass from one to another, and anybody may let it go."""


class Hub:
    """The followers at work, by namespace and name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._followers: dict[Key, Follower] = {}
        self._uids: dict[Key, str] = {}
        """Of the trainings that they were begun for."""
        self._gone: dict[str, asyncio.Event] = {}
        self._taken_in: dict[Key, asyncio.Event] = {}
        """Those that are followed although kopf has not told of them."""
        self._missed: Mapping[Key, str] = {}
        """Those that were not followed at the last round, with their uid."""
        self._left: frozenset[str] = frozenset()
        """Those that were deleted then, and that nobody followed."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def __len__(self) -> int:
        """How many trainings are followed."""
        return len(self._followers)

    @property
    def kube(self) -> Kube:
        """The API server that all of them ask."""
        return self._engine.kube

    def busy(self) -> dict[str, float]:
        """The followers that are inside a step, and since when, by the loop's time."""
        return {
            "/".join(key): each.busy_since
            for key, each in self._followers.items()
            if each.busy_since is not None
        }

    def close(self) -> None:
        """End all followers, and begin no more.

        kopf works off its backlog while it stops, and begins daemons for it that
        nobody tells of the end.
        """
        self._closed = True
        for each in self._gone.values():
            each.set()

    async def follow(
        self,
        namespace: str,
        name: str,
        stopped: Callable[[], Awaitable[object]],
        uid: str = "",
        body: Mapping[str, Any] | None = None,
    ) -> None:
        """Follow one training until that comes to its end, or until cancelled.

        `body`: the training as it was listed a moment ago, if it was.

        kopf begins a daemon before its finalizer is there: one that is deleted in
        between goes without a word to its daemon. So its end is listened for here.
        """
        if self._closed:
            return
        key = namespace, name
        untold = self._taken_in.pop(key, None)
        if untold is not None:
            untold.set()
        follower = Follower(self._engine, namespace, name, body)
        await self._run(key, uid, follower, stopped)

    async def _run(
        self,
        key: Key,
        uid: str,
        follower: Follower,
        stopped: Callable[[], Awaitable[object]],
    ) -> None:
        before = self._uids.get(key, uid)
        if before != uid:
            self._end(before)  # It is gone, and nobody has told of that.
        self._followers[key], self._uids[key] = follower, uid
        gone = self._gone[uid] = asyncio.Event()
        following = asyncio.ensure_future(follower.follow())
        stopping = asyncio.ensure_future(stopped())
        going = asyncio.ensure_future(gone.wait())
        try:
            await asyncio.wait({following, stopping, going}, return_when=_FIRST)
            if following.done():
                await following  # It ends by a fault alone: kopf begins it anew.
        finally:
            for each in (following, stopping, going):
                each.cancel()
            try:
                await asyncio.gather(following, stopping, going, return_exceptions=True)
            finally:  # kopf cancels once more who takes long: nothing may be left.
                self._forget(key, uid, follower, gone)

    def _forget(
        self, key: Key, uid: str, follower: Follower, gone: asyncio.Event
    ) -> None:
        """A follower has ended; another one may be at work for the same training."""
        if self._gone.get(uid) is gone:
            del self._gone[uid]
        if self._followers.get(key) is follower:
            del self._followers[key], self._uids[key]
            self._engine.metrics.forget(*key)

    def hear(self, body: Mapping[str, Any], *, gone: bool) -> None:
        """Something of a training has changed: tell whom it concerns."""
        meta = body["metadata"]
        key = meta["namespace"], meta["name"]
        if gone:
            self._end(meta["uid"])
            self._wake_all(self._engine.neighbours.forget(*key))
            return
        self._wake_all(self._engine.neighbours.see(body))
        found = self._followers.get(key)
        if found is not None:
            found.hear(dict(body))

    def hear_job(self, body: Mapping[str, Any], *, gone: bool) -> None:
        """A TFJob has changed: tell the training that it is of."""
        meta = body["metadata"]
        found = self._followers.get((meta["namespace"], meta["labels"][TRAINING_LABEL]))
        if found is not None:
            found.hear_job(meta["name"], meta.get("resourceVersion", ""), gone=gone)

    def wake(self, namespace: str | None, name: str | None) -> None:
        """Wake the follower of a training, if there is one."""
        follower = self._followers.get((namespace or "", name or ""))
        if follower is not None:
            follower.wake()

    async def keep_progress(self) -> None:
        """Read how far the runs are, until cancelled."""
        await self._engine.lane.keep()

    async def keep_outputs(self) -> None:
        """See who else writes to output branches, until cancelled."""
        seconds = self._engine.settings.resync_seconds
        await Patrol(self._followers).keep(seconds)

    async def keep_rounds(self) -> None:
        """Make a round every resync period, until cancelled."""
        self._engine.rounds.expect()
        seconds, told = self._engine.settings.resync_seconds, ""
        while True:
            problem = ""
            try:
                await self.go_round()
            except OperatorError as error:
                problem = str(error)
                if isinstance(error, NotFoundError):
                    # A kind is gone: whoever depends on it is to say so.
                    self._wake_all(list(self._followers))
            except Exception:
                _LOGGER.exception("a round: internal error")
            if problem and problem != told:
                _LOGGER.warning("Cannot list what there is to follow: %s", problem)
            told = problem
            await asyncio.sleep(seconds * random.uniform(0.9, 1.1))  # noqa: S311

    async def go_round(self) -> None:
        """Compare everything with what its followers saw last; wake who is behind.

        Raises:
            UpstreamError: Not everything could be listed.
        """
        engine, neighbours = self._engine, self._engine.neighbours
        known = neighbours.keys
        followed = list(self._followers)
        found = await engine.rounds.go()
        for key in followed:
            follower = self._followers.get(key)
            if follower is not None:
                self._compare(key, follower, found)
        neighbours.forget_unless(found.trainings, known)
        for mark in found.trainings.values():
            # Before the first list of them, that will tell of all at once.
            if neighbours.are_listed and mark not in neighbours:
                await self._get_to_know(mark)
        self._take_in(found)
        await self._let_go(found)
        used = {key: each.sight.secret for key, each in self._followers.items()}
        changed = await engine.access.refresh(
            {secret for secret in used.values() if secret is not None}
        )
        self._wake_all(key for key, secret in used.items() if secret in changed)

    def _compare(self, key: Key, follower: Follower, found: Round) -> None:
        """Wake a follower whose last look is older than what was found."""
        if follower.looked_at >= found.began or follower.busy_since is not None:
            return
        mark = found.trainings.get(key)
        sight = follower.sight
        if mark is None:
            self._end(self._uids[key])
        elif sight.is_outdated(mark.uid, mark.version, found.jobs.get(key, {})):
            follower.wake()

    async def _get_to_know(self, mark: Mark) -> None:
        """Read one that no event has told of, or that is another operator's."""
        body = await self.kube.get_training(mark.namespace, mark.name)
        if body is not None:
            self._wake_all(self._engine.neighbours.see(body))

    def _take_in(self, found: Round) -> None:
        """Follow those that kopf has not begun to follow in two rounds."""
        if self._closed:
            return  # Nobody is followed any more, and nobody would end these.
        shard = self._engine.settings.shard
        missing = {
            key: mark.uid
            for key, mark in found.trainings.items()
            if key not in self._followers and not mark.deleting
            if shard.selects(mark.labels)
        }
        for key, uid in missing.items() & self._missed.items():
            _LOGGER.warning("%s: nobody told of it: following it", "/".join(key))
            ended = self._taken_in[key] = asyncio.Event()
            following = asyncio.create_task(self._follow_untold(key, uid, ended))
            self._tasks.add(following)
            following.add_done_callback(self._tasks.discard)
        self._missed = missing

    async def _follow_untold(self, key: Key, uid: str, ended: asyncio.Event) -> None:
        if not self._closed:
            follower = Follower(self._engine, *key)
            await self._run(key, uid, follower, ended.wait)

    async def _let_go(self, found: Round) -> None:
        """Let those go that are deleted, and that nobody follows (any more).

        Whoever follows one takes the finalizer off within moments. It protects
        nothing but that moment: so from the second round on anybody may.
        """
        left = {
            mark.uid: mark
            for key, mark in found.trainings.items()
            if mark.deleting and FINALIZER in mark.finalizers
            if key not in self._followers
        }
        for uid in left.keys() & self._left:
            with suppress(UpstreamError):  # Somebody else was at it: next time.
                await self.kube.let_go(left[uid], FINALIZER)
        self._left = frozenset(left)

    def _end(self, uid: str) -> None:
        """A training is gone: its follower ends."""
        ended = self._gone.get(uid)
        if ended is not None:
            ended.set()

    def _wake_all(self, keys: Iterable[Key]) -> None:
        for key in keys:
            self.wake(*key)
